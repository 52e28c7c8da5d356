"""Renders one scene under one light through one camera, with every pass."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from light_stage.camera import Camera
from light_stage.geometry import Geometry, Material
from light_stage.lighting import Lamp, Lighting
from light_stage.noise import NoiseField
from light_stage.rasterizer import Fragments, rasterize
from light_stage.shading import (
    environment_specular,
    lamp_specular,
    scatter_under_skin,
    strand_specular,
)
from light_stage.skin import Skin
from light_stage.textures import sample_texture
from light_stage.visibility import ShadowMap

# Lamps wider than this (radians) are shadowed by the direction set, smaller ones by a shadow map.
SOFT_LAMP_RADIUS = 0.22
# Share of light that enters the skin: what the evaluation's heads call the subsurface weight.
SUBSURFACE_WEIGHT = 0.81
# Radius of scattering in cm per channel: (sigma, share) sums, after d'Eon and Luebke 2007.
SCATTER_PROFILE = (
    ((0.04, 0.30), (0.14, 0.40), (0.30, 0.30)),
    ((0.02, 0.45), (0.07, 0.40), (0.16, 0.15)),
    ((0.01, 0.60), (0.04, 0.35), (0.10, 0.05)),
)
# Where hair parts, in head space.
_CROWN = (0.0, 13.5, -3.0)
TRANSMITTED_COLOUR = (1.0, 0.28, 0.14)
SKIN_MATERIALS = (Material.FACE, Material.HEAD)
MATTE_MATERIALS = (
    *SKIN_MATERIALS,
    Material.MOUTH,
    Material.TEETH,
    Material.EYE,
    Material.LASH,
    Material.BROW,
)


@dataclass
class Look:
    """Everything of one person's look that is not shape."""

    skin: Skin
    eye_texture: torch.Tensor
    eye_scale: float
    eye_gain: torch.Tensor
    hair_colour: torch.Tensor
    hair_detail: float
    cloth_texture: torch.Tensor | None
    cloth_colour: torch.Tensor
    cloth_noise: NoiseField
    teeth_colour: torch.Tensor
    frame_colour: torch.Tensor


@dataclass
class Surface:
    """Material properties of all fragments."""

    albedo: torch.Tensor  # (n, 3)
    level: torch.Tensor  # (n) specular level
    roughness: torch.Tensor  # (n)
    translucency: torch.Tensor  # (n)
    matte: torch.Tensor  # (n) skin matte
    tissue: torch.Tensor  # (n) bool, scatters light


@dataclass
class RenderedPasses:
    """Linear pictures at the final size; `colour` and `diffuse` are unexposed radiance."""

    colour: torch.Tensor
    albedo: torch.Tensor
    normal: torch.Tensor
    specular: torch.Tensor
    translucency: torch.Tensor
    ao: torch.Tensor
    diffuse: torch.Tensor
    skin: torch.Tensor
    subject: torch.Tensor


class Renderer:
    """Rasterises at `supersampling` times the size and shades every surface once per pixel."""

    def __init__(self, supersampling: int = 2):
        self.supersampling = supersampling

    def render(
        self,
        geometry: Geometry,
        look: Look,
        camera: Camera,
        lighting: Lighting,
        background: torch.Tensor,
        size: int,
    ) -> RenderedPasses:
        """Renders in front of `background` (3, size, size), linear and in the scene's units."""
        fine = size * self.supersampling
        points = camera.to_camera_space(geometry.vertices)
        pixels, nearness = camera.project(points, fine)
        seen = rasterize(
            pixels,
            nearness,
            geometry.faces,
            fine,
            fine,
            cull=geometry.cull,
            hit_test=_card_test(geometry, fine),
            tested_faces=geometry.carded,
        )
        seen = seen.grouped(self.supersampling, geometry.material[seen.face])
        shaded = _Shading(geometry, look, camera, lighting, points, seen)
        return self._resolve(shaded.passes(camera.centimetres_per_pixel(size)), seen, background)

    @staticmethod
    def _resolve(values: torch.Tensor, seen: Fragments, background) -> RenderedPasses:
        """Averages fragments to pixels; values are divided by coverage so that edges keep their colour."""
        picture = seen.averaged(torch.cat((torch.ones_like(values[:, :1]), values), 1))
        coverage, values = picture[:1], picture[1:]
        inner = values / coverage.clamp(min=1e-4)
        colour, albedo, normal, level, translucency, ao, diffuse, skin = inner.split(
            (3, 3, 3, 1, 1, 1, 3, 1)
        )
        facing = torch.zeros_like(normal)
        facing[2] = 1.0
        normal = torch.where(coverage > 0, F.normalize(normal, dim=0), facing)
        return RenderedPasses(
            colour * coverage + background * (1 - coverage),
            albedo,
            normal,
            level,
            translucency,
            ao,
            diffuse,
            skin * coverage,
            coverage,
        )


def _card_test(geometry: Geometry, width: int):
    """Alpha test against a threshold that differs from pixel to pixel, so that averages are soft."""

    def keep(face, barycentric, pixel):
        threshold = torch.remainder(
            (pixel % width) * 0.7548776662
            + torch.div(pixel, width, rounding_mode="floor") * 0.5698402910,
            1.0,
        )
        return geometry.card_alpha(face, barycentric) > 0.12 + 0.76 * threshold.float()

    return keep


class _Shading:
    """The shading of one set of fragments, step by step."""

    def __init__(self, geometry, look, camera, lighting, points, seen):
        self.geometry, self.look, self.camera, self.lighting = geometry, look, camera, lighting
        self.seen = seen
        # Light is shadowed in head space, where the visibility was computed.
        soft = [lamp for lamp in lighting.lamps if lamp.radius > SOFT_LAMP_RADIUS]
        self.hard = [lamp for lamp in lighting.lamps if lamp.radius <= SOFT_LAMP_RADIUS]
        visibility = geometry.visibility
        directions = visibility.directions @ camera.rotation.T
        self.cells = lighting.cell_radiance(directions)
        self.soft = soft
        for lamp in soft:
            share = (
                -(((directions @ lamp.direction).clamp(-1, 1).acos() / lamp.radius) ** 2)
            ).exp()
            self.cells = (
                self.cells + share[:, None] / share.sum() * lamp.irradiance / visibility.solid_angle
            )
        vectors = visibility.irradiance_vectors(geometry.normals, self.cells)
        attributes = torch.cat(
            (
                geometry.normals @ camera.rotation.T,
                geometry.rest,
                geometry.masks,
                geometry.occlusion[:, None],
                (vectors @ camera.rotation.T).flatten(1),
                points,
            ),
            1,
        )
        values = seen.interpolate(geometry.faces, attributes)
        self.smooth_normal = F.normalize(values[:, :3], dim=1)
        self.rest, self.masks = values[:, 3:6], values[:, 6:13]
        self.occlusion = values[:, 13].clamp(0, 1)
        self.vectors = values[:, 14:23].view(-1, 3, 3)
        self.points = values[:, 23:26]
        eye = self.points.new_tensor((0.0, 0.0, camera.distance))
        self.view = F.normalize(eye - self.points, dim=1)
        self.material = geometry.material[seen.face]
        self.uv = (geometry.corner_uv[seen.face] * seen.barycentric[..., None]).sum(1)
        # Cards are seen from both sides.
        two_sided = self.material >= Material.LASH
        flip = two_sided & ((self.smooth_normal * self.view).sum(1) < 0)
        self.outward = self.smooth_normal
        self.smooth_normal = torch.where(flip[:, None], -self.smooth_normal, self.smooth_normal)

    def rows(self, *materials: Material) -> torch.Tensor:
        chosen = torch.zeros_like(self.material, dtype=torch.bool)
        for material in materials:
            chosen |= self.material == material
        return torch.nonzero(chosen).squeeze(1)

    def passes(self, centimetres_per_pixel: float) -> torch.Tensor:
        """All pass values of the fragments, in the order that `Renderer._resolve` splits."""
        surface = self.surface(centimetres_per_pixel)
        normal = self.bumped_normal()
        irradiance, specular = self.lit(normal, surface)
        profiles = [
            [(sigma / centimetres_per_pixel, share) for sigma, share in profile]
            for profile in SCATTER_PROFILE
        ]
        tissue = surface.tissue[:, None]
        light = self.seen.averaged(torch.cat((irradiance * tissue, tissue), 1))
        blurred, kept = scatter_under_skin(light[:3], light[3:], profiles)
        scattered = blurred.flatten(1).T[self.seen.pixel] + irradiance * kept
        diffuse = surface.albedo * torch.where(tissue, scattered, irradiance) / math.pi
        return torch.cat(
            (
                diffuse + specular,
                surface.albedo,
                normal,
                surface.level[:, None],
                surface.translucency[:, None],
                self.occlusion[:, None],
                diffuse,
                surface.matte[:, None],
            ),
            1,
        )

    def surface(self, centimetres_per_pixel: float) -> Surface:
        """Evaluates textures and procedural detail by material."""
        count, device = len(self.material), self.rest.device
        albedo = torch.zeros(count, 3, device=device)
        level = torch.full((count,), 0.4, device=device)
        roughness = torch.full((count,), 0.5, device=device)
        translucency = torch.zeros(count, device=device)
        matte = torch.zeros(count, device=device)
        matte[self.rows(*MATTE_MATERIALS)] = 1.0
        tissue = torch.zeros(count, dtype=torch.bool, device=device)
        skin = self.look.skin

        rows = self.rows(*SKIN_MATERIALS)
        rest, masks = self.rest[rows], self.masks[rows]
        colour, painted = skin.albedo(
            self.uv[rows],
            self.material[rows] == Material.FACE,
            rest,
            masks,
            centimetres_per_pixel,
        )
        albedo[rows] = colour
        level[rows], roughness[rows] = skin.gloss(rest, masks[:, :3])
        # Hair painted on the scalp takes the colour of the hair mesh.
        shade = colour.mean(1, keepdim=True) / (
            colour[painted > 0.5].mean() if (painted > 0.5).any() else 1.0
        )
        dyed = (self.look.hair_colour * shade.clamp(0.3, 2.5)).clamp(0.002, 0.8)
        albedo[rows] = colour + (dyed - colour) * painted[:, None]
        level[rows] = level[rows] * (1 - 0.7 * painted)
        translucency[rows] = SUBSURFACE_WEIGHT * masks[:, 5] * (1 - painted)
        matte[rows] = 1 - painted
        tissue[rows] = True

        rows = self.rows(Material.MOUTH)
        albedo[rows] = torch.tensor((0.30, 0.085, 0.075), device=device) * (
            skin.target.mean() / 0.3
        ).clamp(0.6, 1.2)
        level[rows], roughness[rows] = 0.5, 0.25
        rows = self.rows(Material.TEETH)
        albedo[rows] = self.look.teeth_colour
        level[rows], roughness[rows] = 0.55, 0.22

        rows = self.rows(Material.EYE)
        albedo[rows] = self.eye_albedo(rows)
        level[rows], roughness[rows] = 0.5, 0.12

        for material, style in (
            (Material.HAIR, self.geometry.hair),
            (Material.BROW, self.geometry.brows),
        ):
            rows = self.rows(material)
            if style is not None and rows.numel():
                detail = sample_texture(style.texture[:3], self.uv[rows]).mean(1, keepdim=True)
                detail = (detail / detail.median().clamp(min=1e-3)).clamp(
                    0.2, 3.0
                ) ** self.look.hair_detail
                albedo[rows] = (self.look.hair_colour * detail).clamp(0.002, 0.8)
                level[rows], roughness[rows] = 0.3, 0.5
        rows = self.rows(Material.LASH)
        albedo[rows] = self.look.hair_colour.clamp(max=0.03) * 0.5
        level[rows] = 0.3

        rows = self.rows(Material.CLOTH)
        albedo[rows] = self.cloth_albedo(rows)
        level[rows], roughness[rows] = 0.15, 0.8

        rows = self.rows(Material.GLASSES)
        albedo[rows] = self.look.frame_colour
        level[rows], roughness[rows] = 0.5, 0.18
        return Surface(albedo, level, roughness, translucency, matte, tissue)

    def eye_albedo(self, rows: torch.Tensor) -> torch.Tensor:
        """Looks up the eye texture by the angle from the optical axis of the rest eyeball."""
        rest = self.rest[rows]
        centre = self.geometry.rest_eye_centres[(rest[:, 0] < 0).long()]
        toward = F.normalize(rest - centre, dim=1)
        angle = toward[:, 2].clamp(-1, 1).acos() * self.look.eye_scale / math.radians(72) * 0.5
        around = F.normalize(toward[:, :2] + 1e-6, dim=1)
        uv = 0.5 + around * angle[:, None].clamp(max=0.5)
        return sample_texture(self.look.eye_texture, uv) * self.look.eye_gain

    def cloth_albedo(self, rows: torch.Tensor) -> torch.Tensor:
        colour = self.look.cloth_colour.expand(len(rows), 3)
        if self.look.cloth_texture is not None:
            patch = torch.remainder(self.rest[rows, :2] * 0.045 + 0.37, 1.0)
            colour = sample_texture(self.look.cloth_texture, patch)
        weave = self.look.cloth_noise.octaves(self.rest[rows], 2.0, 3)[:, :1]
        return (colour * (1 + 0.06 * weave)).clamp(0.01, 0.9)

    def bumped_normal(self) -> torch.Tensor:
        """Tilts the normal of the skin by its pores, lines and wrinkles."""
        rows = self.rows(*SKIN_MATERIALS)
        slope = self.look.skin.slope(self.rest[rows], self.masks[rows, 3]) @ self.camera.rotation.T
        normal = self.smooth_normal.clone()
        smooth = normal[rows]
        slope = slope - (slope * smooth).sum(1, keepdim=True) * smooth
        normal[rows] = F.normalize(smooth - slope, dim=1)
        return normal

    def lit(self, normal: torch.Tensor, surface: Surface) -> tuple[torch.Tensor, torch.Tensor]:
        """Irradiance and outgoing specular radiance (n, 3)."""
        hair = self.rows(Material.HAIR)
        # Hair is lit like a volume: by its outward side, also where a card is seen from within.
        lit_normal = normal.clone()
        lit_normal[hair] = self.outward[hair]
        irradiance = (self.vectors * lit_normal[:, None]).sum(-1).clamp(min=0)
        specular = environment_specular(
            normal, self.view, surface.roughness, surface.level, self.occlusion, self.lighting
        )
        transmitted = surface.translucency[:, None] * normal.new_tensor(TRANSMITTED_COLOUR)
        ambient = self.cells.mean(0) * math.pi
        irradiance = irradiance + 0.25 * transmitted * ambient
        tangent = self.hair_tangent(hair, normal[hair])
        # Every strand reflects a little elsewhere: its shade in the texture tells strands apart.
        shade = surface.albedo[hair].mean(1, keepdim=True)
        tangent = tangent + normal[hair] * (0.25 * (shade / shade.mean() - 1).clamp(-1, 1))
        # Strands break mirror images up: their highlights come from `strand_specular`.
        gloss_share = torch.ones_like(surface.level)
        gloss_share[hair] = 0.15
        specular = specular * gloss_share[:, None]
        for lamp in self.soft:
            # The mean visibility stands in for the lamp's own: it is wide.
            size = lamp_specular(
                normal, self.view, lamp.direction, lamp.radius, surface.roughness, surface.level
            )
            specular = specular + (size * self.occlusion * gloss_share)[:, None] * lamp.irradiance
        for lamp in self.hard:
            visible = self.lamp_visibility(lamp)
            cosine = (lit_normal @ lamp.direction).clamp(min=0) * visible
            irradiance = irradiance + cosine[:, None] * lamp.irradiance
            back = (-(self.smooth_normal @ lamp.direction)).clamp(min=0)
            through = transmitted * back[:, None] * self.behind_visibility(lamp)[:, None]
            irradiance = irradiance + 0.7 * through * lamp.irradiance
            gloss = lamp_specular(
                normal, self.view, lamp.direction, lamp.radius, surface.roughness, surface.level
            )
            specular = specular + (gloss * visible * gloss_share)[:, None] * lamp.irradiance
        for lamp in self.hard + self.soft:
            visible = (
                self.lamp_visibility(lamp)[hair] if lamp in self.hard else self.occlusion[hair]
            )
            shine = strand_specular(
                normal[hair], tangent, self.view[hair], lamp.direction, surface.albedo[hair]
            )
            specular[hair] = specular[hair] + shine * visible[:, None] * lamp.irradiance
        return irradiance, specular

    def hair_tangent(self, rows: torch.Tensor, normal: torch.Tensor) -> torch.Tensor:
        """Direction of the strands in camera space: they flow away from the crown along the surface."""
        crown = normal.new_tensor(_CROWN) @ self.camera.rotation.T + self.camera.translation
        flow = F.normalize(self.points[rows] - crown, dim=1)
        return F.normalize(flow - (flow * normal).sum(1, keepdim=True) * normal + 1e-5, dim=1)

    def lamp_visibility(self, lamp: Lamp) -> torch.Tensor:
        return self._lamp_terms(lamp)[0]

    def behind_visibility(self, lamp: Lamp) -> torch.Tensor:
        return self._lamp_terms(lamp)[1]

    def _lamp_terms(self, lamp: Lamp) -> tuple[torch.Tensor, torch.Tensor]:
        """Visibility of a lamp from the surface, and from 1 cm behind thin tissue."""
        cache = self.__dict__.setdefault("_terms", {})
        if id(lamp) not in cache:
            rotation = self.camera.rotation
            shadow = ShadowMap.splat(self.geometry.occluders, lamp.direction @ rotation)
            points = (self.points - self.camera.translation) @ rotation
            normals = self.outward @ rotation
            blur = 2.5 * math.tan(lamp.radius)
            direction = lamp.direction @ rotation
            cosine = self.outward @ lamp.direction
            front = torch.zeros_like(cosine)
            rows = torch.nonzero(cosine > -0.2).squeeze(1)
            front[rows] = shadow.lit(points[rows], normals[rows], blur)
            behind = torch.zeros_like(cosine)
            rows = torch.nonzero((cosine < 0) & (self.masks[:, 5] > 0.05)).squeeze(1)
            exit_points = points[rows] + direction * 0.9
            behind[rows] = shadow.lit(exit_points, direction.expand_as(exit_points), 0.2)
            cache[id(lamp)] = (front, behind)
        return cache[id(lamp)]
