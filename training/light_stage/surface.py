"""Evaluates what fragments are made of: albedo, gloss, translucency and bumps by material."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from light_stage.geometry import Geometry
from light_stage.materials import FACIAL, SKIN, Material
from light_stage.noise import NoiseField
from light_stage.rest_masks import Mask
from light_stage.skin import Skin
from light_stage.textures import sample_texture

# Share of light that enters the skin, as the evaluation's heads have it.
SUBSURFACE_WEIGHT = 0.81


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
class Hits:
    """Where fragments lie on the surface."""

    material: torch.Tensor  # (n)
    uv: torch.Tensor  # (n, 2)
    rest: torch.Tensor  # (n, 3)
    masks: torch.Tensor  # (n, len(Mask))

    def rows(self, *materials: Material) -> torch.Tensor:
        """Numbers of the fragments made of the given materials."""
        chosen = torch.zeros_like(self.material, dtype=torch.bool)
        for material in materials:
            chosen |= self.material == material
        return torch.nonzero(chosen).squeeze(1)


@dataclass
class Surface:
    """Material properties of all fragments."""

    albedo: torch.Tensor  # (n, 3)
    level: torch.Tensor  # (n) specular level
    roughness: torch.Tensor  # (n)
    translucency: torch.Tensor  # (n)
    matte: torch.Tensor  # (n) skin matte
    tissue: torch.Tensor  # (n) bool, scatters light


def evaluate_surface(
    hits: Hits, geometry: Geometry, look: Look, centimetres_per_pixel: float
) -> Surface:
    """Looks textures up and adds procedural detail, material by material."""
    count, device = len(hits.material), hits.rest.device
    surface = Surface(
        albedo=torch.zeros(count, 3, device=device),
        level=torch.full((count,), 0.4, device=device),
        roughness=torch.full((count,), 0.5, device=device),
        translucency=torch.zeros(count, device=device),
        matte=torch.zeros(count, device=device),
        tissue=torch.zeros(count, dtype=torch.bool, device=device),
    )
    surface.matte[hits.rows(*FACIAL)] = 1.0

    def fill(material: Material, albedo, level: float, roughness: float) -> None:
        rows = hits.rows(material)
        surface.albedo[rows] = albedo(rows)
        surface.level[rows] = level
        surface.roughness[rows] = roughness

    _fill_skin(surface, hits, look, centimetres_per_pixel)
    fill(Material.MOUTH, lambda rows: _mouth_albedo(look), 0.5, 0.25)
    fill(Material.TEETH, lambda rows: look.teeth_colour, 0.55, 0.22)
    fill(Material.EYE, lambda rows: _eye_albedo(hits.rest[rows], geometry, look), 0.5, 0.12)
    fill(Material.HAIR, lambda rows: _strand_albedo(hits.uv[rows], geometry.hair, look), 0.3, 0.5)
    fill(Material.BROW, lambda rows: _strand_albedo(hits.uv[rows], geometry.brows, look), 0.3, 0.5)
    fill(Material.LASH, lambda rows: look.hair_colour.clamp(max=0.03) * 0.5, 0.3, 0.5)
    fill(Material.CLOTH, lambda rows: _cloth_albedo(hits.rest[rows], look), 0.15, 0.8)
    fill(Material.GLASSES, lambda rows: look.frame_colour, 0.5, 0.18)
    return surface


def _fill_skin(surface: Surface, hits: Hits, look: Look, centimetres_per_pixel: float) -> None:
    rows = hits.rows(*SKIN)
    rest, masks = hits.rest[rows], hits.masks[rows]
    is_face = hits.material[rows] == Material.FACE
    colour, painted = look.skin.albedo(hits.uv[rows], is_face, rest, masks, centimetres_per_pixel)
    # Hair painted on the scalp takes the colour of the hair mesh.
    known = colour[painted > 0.5]
    shade = colour.mean(1, keepdim=True) / (known.mean() if len(known) > 0 else 1.0)
    dyed = (look.hair_colour * shade.clamp(0.3, 2.5)).clamp(0.002, 0.8)
    level, roughness = look.skin.gloss(rest, masks)
    surface.albedo[rows] = colour + (dyed - colour) * painted[:, None]
    surface.level[rows] = level * (1 - 0.7 * painted)
    surface.roughness[rows] = roughness
    surface.translucency[rows] = SUBSURFACE_WEIGHT * masks[:, Mask.THINNESS] * (1 - painted)
    surface.matte[rows] = 1 - painted
    surface.tissue[rows] = True


def _mouth_albedo(look: Look) -> torch.Tensor:
    """Gums and tongue, darker in darker skins."""
    pigment = (look.skin.target.mean() / 0.3).clamp(0.6, 1.2)
    return look.skin.target.new_tensor((0.30, 0.085, 0.075)) * pigment


def _eye_albedo(rest: torch.Tensor, geometry: Geometry, look: Look) -> torch.Tensor:
    """Looks up the eye texture by the angle from the optical axis of the rest eyeball."""
    centre = geometry.rest_eye_centres[(rest[:, 0] < 0).long()]
    toward = F.normalize(rest - centre, dim=1)
    angle = toward[:, 2].clamp(-1, 1).acos() * look.eye_scale / math.radians(72) * 0.5
    around = F.normalize(toward[:, :2] + 1e-6, dim=1)
    uv = 0.5 + around * angle[:, None].clamp(max=0.5)
    return sample_texture(look.eye_texture, uv) * look.eye_gain


def _strand_albedo(uv: torch.Tensor, style, look: Look) -> torch.Tensor:
    """The hair colour, modulated by the texture's light and dark strands."""
    if len(uv) == 0:
        return uv.new_zeros(0, 3)
    detail = sample_texture(style.texture[:3], uv).mean(1, keepdim=True)
    detail = (detail / detail.median().clamp(min=1e-3)).clamp(0.2, 3.0) ** look.hair_detail
    return (look.hair_colour * detail).clamp(0.002, 0.8)


def _cloth_albedo(rest: torch.Tensor, look: Look) -> torch.Tensor:
    colour = look.cloth_colour.expand(len(rest), 3)
    if look.cloth_texture is not None:
        colour = sample_texture(
            look.cloth_texture, torch.remainder(rest[:, :2] * 0.045 + 0.37, 1.0)
        )
    weave = look.cloth_noise.octaves(rest, 2.0, 3)[:, :1]
    return (colour * (1 + 0.06 * weave)).clamp(0.01, 0.9)


def bumped_normals(
    hits: Hits, look: Look, smooth: torch.Tensor, head_to_camera: torch.Tensor
) -> torch.Tensor:
    """Tilts the smooth normals (n, 3) of the skin by its pores, lines and wrinkles."""
    rows = hits.rows(*SKIN)
    slope = look.skin.slope(hits.rest[rows], hits.masks[rows, Mask.FOREHEAD]) @ head_to_camera.T
    normals = smooth.clone()
    slope = slope - (slope * smooth[rows]).sum(1, keepdim=True) * smooth[rows]
    normals[rows] = F.normalize(smooth[rows] - slope, dim=1)
    return normals
