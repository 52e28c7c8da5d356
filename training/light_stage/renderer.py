"""Renders one scene under one light through one camera, with every pass."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from light_stage.camera import Camera
from light_stage.geometry import Geometry
from light_stage.lighting import Lamp, Lighting
from light_stage.materials import Material
from light_stage.rasterizer import Fragments, rasterize
from light_stage.rest_masks import Mask
from light_stage.shading import (
    environment_specular,
    lamp_specular,
    scatter_under_skin,
    strand_specular,
)
from light_stage.surface import Hits, Look, Surface, bumped_normals, evaluate_surface
from light_stage.visibility import ShadowMap

# Lamps wider than this (radians) are shadowed by the direction set, smaller ones by a shadow map.
SOFT_LAMP_RADIUS = 0.22
# Radius of scattering in cm per channel: (sigma, share) sums, after d'Eon and Luebke 2007.
SCATTER_PROFILE = (
    ((0.04, 0.30), (0.14, 0.40), (0.30, 0.30)),
    ((0.02, 0.45), (0.07, 0.40), (0.16, 0.15)),
    ((0.01, 0.60), (0.04, 0.35), (0.10, 0.05)),
)
# Typical distance in cm from an occluder to its shadow on a face.
PENUMBRA_DISTANCE = 2.5
# Thickness in cm that light crosses where tissue counts as thin.
TISSUE_DEPTH = 0.9
# Where hair parts, in head space.
_CROWN = (0.0, 13.5, -3.0)
TRANSMITTED_COLOUR = (1.0, 0.28, 0.14)


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
        self.soft = [lamp for lamp in lighting.lamps if lamp.radius > SOFT_LAMP_RADIUS]
        self.hard = [lamp for lamp in lighting.lamps if lamp.radius <= SOFT_LAMP_RADIUS]
        self.cells = self._cell_radiance()
        rotation = camera.rotation
        vectors = geometry.visibility.irradiance_vectors(geometry.normals, self.cells)
        attributes = (
            (geometry.normals @ rotation.T, 3),
            (geometry.rest, 3),
            (geometry.masks, len(Mask)),
            (geometry.occlusion[:, None], 1),
            ((vectors @ rotation.T).flatten(1), 9),
            (points, 3),
        )
        values = seen.interpolate(geometry.faces, torch.cat([value for value, _ in attributes], 1))
        outward, rest, masks, occlusion, vectors, self.points = values.split(
            [count for _, count in attributes], 1
        )
        uv = (geometry.corner_uv[seen.face] * seen.barycentric[..., None]).sum(1)
        self.hits = Hits(geometry.material[seen.face], uv, rest, masks)
        self.occlusion = occlusion[:, 0].clamp(0, 1)
        self.vectors = vectors.reshape(-1, 3, 3)
        eye = self.points.new_tensor((0.0, 0.0, camera.distance))
        self.view = F.normalize(eye - self.points, dim=1)
        # Cards and cloth are seen from both sides; light counts on their outward side.
        self.outward = F.normalize(outward, dim=1)
        away = (self.outward * self.view).sum(1) < 0
        flip = (self.hits.material >= Material.LASH) & away
        self.smooth_normal = torch.where(flip[:, None], -self.outward, self.outward)

    def _cell_radiance(self) -> torch.Tensor:
        """Radiance (M, 3) of the visibility directions: the environment and the wide lamps."""
        visibility = self.geometry.visibility
        directions = visibility.directions @ self.camera.rotation.T
        cells = self.lighting.cell_radiance(directions)
        for lamp in self.soft:
            angle = (directions @ lamp.direction).clamp(-1, 1).acos()
            share = (-((angle / lamp.radius) ** 2)).exp()
            share = share / share.sum() / visibility.solid_angle
            cells = cells + share[:, None] * lamp.irradiance
        return cells

    def passes(self, centimetres_per_pixel: float) -> torch.Tensor:
        """All pass values of the fragments, in the order that `Renderer._resolve` splits."""
        surface = evaluate_surface(self.hits, self.geometry, self.look, centimetres_per_pixel)
        normal = bumped_normals(self.hits, self.look, self.smooth_normal, self.camera.rotation)
        irradiance, specular = self._lit(normal, surface)
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

    def _lit(self, normal: torch.Tensor, surface: Surface) -> tuple[torch.Tensor, torch.Tensor]:
        """Irradiance and outgoing specular radiance (n, 3)."""
        hair = self.hits.rows(Material.HAIR)
        # Hair is lit like a volume: by its outward side, also where a card is seen from within.
        lit_normal = normal.clone()
        lit_normal[hair] = self.outward[hair]
        transmitted = surface.translucency[:, None] * normal.new_tensor(TRANSMITTED_COLOUR)
        irradiance = (self.vectors * lit_normal[:, None]).sum(-1).clamp(min=0)
        irradiance = irradiance + 0.25 * transmitted * self.cells.mean(0) * math.pi
        specular = environment_specular(
            normal, self.view, surface.roughness, surface.level, self.occlusion, self.lighting
        )
        # Strands break mirror images up: their highlights come from `strand_specular`.
        gloss_share = torch.ones_like(surface.level)
        gloss_share[hair] = 0.15
        specular = specular * gloss_share[:, None]
        tangent = self._strand_tangent(hair, normal[hair], surface.albedo[hair])
        for lamp in self.lighting.lamps:
            if lamp.radius > SOFT_LAMP_RADIUS:
                # It is wide, so that the mean visibility stands in for its own.
                visible = self.occlusion
            else:
                visible, behind = self._lamp_visibility(lamp)
                cosine = (lit_normal @ lamp.direction).clamp(min=0) * visible
                back = (-(self.smooth_normal @ lamp.direction)).clamp(min=0) * behind
                arriving = cosine[:, None] + 0.7 * transmitted * back[:, None]
                irradiance = irradiance + arriving * lamp.irradiance
            gloss = lamp_specular(
                normal, self.view, lamp.direction, lamp.radius, surface.roughness, surface.level
            )
            specular = specular + (gloss * visible * gloss_share)[:, None] * lamp.irradiance
            shine = strand_specular(
                normal[hair], tangent, self.view[hair], lamp.direction, surface.albedo[hair]
            )
            specular[hair] += shine * visible[hair, None] * lamp.irradiance
        return irradiance, specular

    def _strand_tangent(self, rows, normal, albedo) -> torch.Tensor:
        """Direction of the strands in camera space: they flow away from the crown along the surface."""
        crown = normal.new_tensor(_CROWN) @ self.camera.rotation.T + self.camera.translation
        flow = F.normalize(self.points[rows] - crown, dim=1)
        flow = F.normalize(flow - (flow * normal).sum(1, keepdim=True) * normal + 1e-5, dim=1)
        # Every strand reflects a little elsewhere: its shade in the texture tells strands apart.
        shade = albedo.mean(1, keepdim=True)
        return flow + normal * (0.25 * (shade / shade.mean() - 1).clamp(-1, 1))

    def _lamp_visibility(self, lamp: Lamp) -> tuple[torch.Tensor, torch.Tensor]:
        """Visibility of a lamp from the surface, and from just behind thin tissue."""
        rotation = self.camera.rotation
        direction = lamp.direction @ rotation
        shadow = ShadowMap.splat(self.geometry.occluders, direction)
        points = (self.points - self.camera.translation) @ rotation
        normals = self.outward @ rotation
        cosine = self.outward @ lamp.direction
        front = torch.zeros_like(cosine)
        rows = torch.nonzero(cosine > -0.2).squeeze(1)
        blur = PENUMBRA_DISTANCE * math.tan(lamp.radius)
        front[rows] = shadow.lit(points[rows], normals[rows], blur)
        behind = torch.zeros_like(cosine)
        thin = self.hits.masks[:, Mask.THINNESS] > 0.05
        rows = torch.nonzero((cosine < 0) & thin).squeeze(1)
        exit_points = points[rows] + direction * TISSUE_DEPTH
        behind[rows] = shadow.lit(exit_points, direction.expand_as(exit_points), 0.2)
        return front, behind
