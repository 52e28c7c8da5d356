"""Skin: measured reflectance by a melanin/haemoglobin model, texture detail, regional gloss, bumps."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from light_stage.colour import luminance
from light_stage.noise import TURN, NoiseField
from light_stage.random_source import RandomSource
from light_stage.rest_masks import Mask
from light_stage.textures import Pyramid, load_linear_texture

# Median cheek reflectance, linear Rec.709, at melanin 0, 1 and 2: light, medium and dark skin, in the
# range of measured spectra (e.g. the NIST set of Cooksey, Allen and Tsai 2017).
_MELANIN_ANCHORS = torch.tensor(
    ((0.640, 0.415, 0.310), (0.410, 0.225, 0.140), (0.115, 0.058, 0.035))
)
# Change of log reflectance per unit: blood absorbs green most; carotene and bilirubin absorb blue.
HAEMOGLOBIN = torch.tensor((-0.05, -0.34, -0.26))
_CAROTENE = torch.tensor((-0.02, -0.06, -0.30))
# Loss of log reflectance under dense stubble; blue is lost least, which gives shaved skin its cast.
_STUBBLE = torch.tensor((1.35, 1.15, 0.95))
MELANIN_SPOT = torch.tensor((-0.55, -0.85, -1.05))
TONES = ("light", "medium", "dark")


@dataclass
class SkinTexture:
    """Linear albedo of face and back-of-head tiles and what is known about them."""

    face: Pyramid  # linear colour, painted-hair mask
    head: Pyramid
    median: torch.Tensor  # (3) of the cheeks


class SkinLibrary:
    """The textures of `skin/`, decoded on first use."""

    def __init__(self, data_dir: Path, device: torch.device):
        self.paths = sorted((data_dir / "skin").glob("*_face.jpg"))
        self.device = device
        self._textures: dict[int, SkinTexture] = {}
        self.by_tone = [
            [i for i, path in enumerate(self.paths) if _tone_of(path) == t] for t in range(3)
        ]

    def has_brows(self, index: int) -> bool:
        """Whether brows are part of the texture."""
        return self.paths[index].name.startswith("valid")

    def texture(self, index: int) -> SkinTexture:
        if index not in self._textures:
            path = self.paths[index]
            face = load_linear_texture(path, 3, self.device)
            head = load_linear_texture(Path(str(path).replace("_face", "_head")), 3, self.device)
            side = face.shape[1]
            # Both cheeks, where the layout of every texture has open skin.
            cheeks = face[:, int(0.50 * side) : int(0.58 * side)]
            cheeks = torch.cat(
                (
                    cheeks[:, :, int(0.3 * side) : int(0.38 * side)],
                    cheeks[:, :, int(0.62 * side) : int(0.7 * side)],
                ),
                2,
            )
            median = cheeks.flatten(1).median(1).values
            self._textures[index] = SkinTexture(
                Pyramid(torch.cat((face, _painted_hair(face, median, top=True))), 28.0),
                Pyramid(torch.cat((head, _painted_hair(head, median, top=False))), 14.0),
                median,
            )
        return self._textures[index]


def _tone_of(path: Path) -> int:
    name = path.name.lower()
    if "black" in name or "darkskinned" in name:
        return 2
    light = ("white", "lightskinned", "asian")
    return 0 if any(word in name for word in light) else 1


def _painted_hair(texture: torch.Tensor, median: torch.Tensor, top: bool) -> torch.Tensor:
    """Soft mask (1, H, W) of hair painted on the scalp: much darker than the cheeks, above the brows."""
    ratio = luminance(texture.permute(1, 2, 0)) / luminance(median)
    mask = ((0.42 - ratio) / 0.15).clamp(0, 1)
    if top:
        side = texture.shape[1]
        row = torch.linspace(0, 1, side, device=texture.device)[:, None]
        column = (torch.linspace(-1, 1, side, device=texture.device)[None]).abs()
        # Brows start at a quarter of the height; temples reach further down.
        limit = 0.19 + 0.45 * ((column - 0.62) / 0.1).clamp(0, 1)
        mask = mask * ((limit - row) / 0.04).clamp(0, 1)
    return F.avg_pool2d(mask[None], 5, 1, 2)


@dataclass
class Skin:
    """One person's skin; evaluates per-fragment properties."""

    texture: SkinTexture
    target: torch.Tensor  # (3) median linear albedo
    tone: int
    contrast: float
    mottle: torch.Tensor  # (2) haemoglobin, melanin
    freckles: float
    moles: float
    specular_level: float
    roughness: float
    bump: float
    wrinkles: float
    noise: NoiseField
    zones: torch.Tensor  # (len(Mask), 3) change of log reflectance per mask
    stubble: float

    def albedo(
        self, uv, is_face, rest, masks, centimetres_per_pixel
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Linear albedo (n, 3) and painted-hair mask (n); columns of `masks` are those of Mask."""
        beard = masks[:, Mask.BEARD]
        colour = torch.empty(len(uv), 4, device=uv.device)
        for tile, chosen in ((self.texture.face, is_face), (self.texture.head, ~is_face)):
            rows = torch.nonzero(chosen).squeeze(1)
            colour[rows] = tile.sample(uv[rows], centimetres_per_pixel)
        hair = colour[:, 3]
        # Detail is kept as absorption relative to the cheek; the cheek moves to the measured colour.
        detail = (colour[:, :3].clamp(min=0.004) / self.texture.median.clamp(min=0.004)).log()
        detail = torch.where(hair[:, None] > 0.5, detail, detail.clamp(max=0.45) * self.contrast)
        mottle = self.noise.octaves(rest, 0.9, 4) + 0.7 * self.noise(rest + 17.7, 0.25)
        turned = rest @ rest.new_tensor(TURN).T
        spots = self.noise(turned, 5.5)
        small_spots = self.noise(turned, 9.0)
        blood, melanin = HAEMOGLOBIN.to(uv), MELANIN_SPOT.to(uv)
        change = mottle[:, 0:1] * self.mottle[0] * blood + mottle[:, 1:2] * self.mottle[1] * melanin
        spread = (0.7 + 0.5 * mottle[:, 2:3]).clamp(0, 1)
        freckled = ((small_spots[:, 0:1] - 1.1) / 0.6).clamp(0, 1) * spread * self.freckles
        mole = ((spots[:, 1:2] - 3.1 + self.moles) / 0.25).clamp(0, 1)
        blemish = ((spots[:, 2:3] - 2.5 + self.moles) / 0.5).clamp(0, 1) * 0.7
        change = change + (freckled + 1.6 * mole) * melanin * 0.8 + blemish * blood
        change = change - self.stubble_density(rest, beard)[:, None] * _STUBBLE.to(uv)
        change = (change + masks @ self.zones) * (1 - hair[:, None])
        albedo = self.target * (detail + change).exp()
        return albedo.clamp(0.003, 0.92), hair

    def stubble_density(self, rest: torch.Tensor, beard: torch.Tensor) -> torch.Tensor:
        """Share (n) of the skin that hair stubs darken."""
        if self.stubble == 0:
            return torch.zeros_like(beard)
        clumps = self.noise(rest + 5.1, 1.3)[:, 0] * 0.25
        stubs = self.noise(rest + 2.3, 13.0)[:, 1].clamp(-1.2, 1.2) * 0.5
        return self.stubble * beard * (1 + clumps + stubs).clamp(min=0)

    def gloss(self, rest: torch.Tensor, masks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Specular level and roughness (n): the T-zone is oily, lips are wet."""
        noise = self.noise.octaves(rest + 31.0, 1.2, 3)
        oil, wet = masks[:, Mask.T_ZONE], masks[:, Mask.LIPS]
        level = self.specular_level * (1 + 0.07 * noise[:, 0]) + 0.03 * oil + 0.04 * wet
        roughness = self.roughness * (1 + 0.08 * noise[:, 1] - 0.14 * oil - 0.28 * wet)
        return level.clamp(0.1, 0.8), roughness.clamp(0.2, 0.8)

    def slope(self, rest: torch.Tensor, forehead: torch.Tensor) -> torch.Tensor:
        """Gradient (n, 3) of the skin's height at rest points: pores, fine lines, forehead wrinkles."""
        turned = rest @ rest.new_tensor(TURN).T
        pores = self.noise(turned + 3.7, 9.0) * 0.05 + self.noise(rest + 11.3, 3.6) * 0.03
        slope = self.bump * pores
        if self.wrinkles > 0.05:
            # Wrinkles run across the forehead: noise that varies mostly with height tilts up and down.
            stretched = rest * rest.new_tensor((0.18, 2.0, 0.3))
            tilt = self.noise(stretched, 1.0)[:, :1].clamp(-1.5, 1.5) * forehead[:, None]
            slope = slope + tilt * rest.new_tensor((0.0, 0.35 * self.wrinkles, 0.0))
        return slope


def draw_zones(random: RandomSource, tone: int) -> torch.Tensor:
    """Draws how the regions of a face differ: (len(Mask), 3), change of log reflectance.

    Lips and cheeks hold more blood, lids and sockets more of both pigments, the rim of dark faces more
    melanin (Alaluf et al. 2002, "Ethnic variation in melanin content", and later maps); some wear make-up.
    """
    zones = torch.zeros(len(Mask), 3)
    pigmented = (0.4, 0.8, 1.3)[tone]
    zones[Mask.LIPS] = (
        random.uniform(0.2, 2.0) * HAEMOGLOBIN
        + random.uniform(-0.1, 0.5) * pigmented * MELANIN_SPOT
    )
    zones[Mask.CHEEKS] = random.clipped_normal(0.25, 0.3, 0.7) * HAEMOGLOBIN
    zones[Mask.T_ZONE] = random.clipped_normal(0.1, 0.25, 0.5) * HAEMOGLOBIN
    socket = random.uniform(0, 0.6) ** 1.5
    zones[Mask.EYE_SOCKET] = socket * (pigmented * MELANIN_SPOT + 0.5 * HAEMOGLOBIN)
    zones[Mask.EYELID] = random.uniform(0, 0.3) * (pigmented * MELANIN_SPOT + HAEMOGLOBIN)
    zones[Mask.PERIPHERY] = random.clipped_normal(0.08, 0.2, 0.4) * pigmented * MELANIN_SPOT
    if random.chance(0.25):  # lipstick
        hue = random.normals(3) * torch.tensor((0.15, 0.45, 0.4))
        zones[Mask.LIPS] = hue - torch.tensor((0.2, 0.8, 0.6)) * random.uniform(0, 1.5)
    if random.chance(0.2):  # eye shadow
        hue = random.normals(3) * 0.35
        zones[Mask.EYELID] = hue - random.uniform(0.1, 1.8)
        zones[Mask.EYE_SOCKET] += (hue - 0.5) * random.uniform(0, 0.7)
    if random.chance(0.15):  # rouge
        zones[Mask.CHEEKS] += random.uniform(0.3, 1.2) * HAEMOGLOBIN
    return zones


def draw_skin(random: RandomSource, library: SkinLibrary, without_brows: bool) -> Skin:
    """Draws a tone (light, medium, dark equally often), a texture and everything on it.

    `without_brows` asks for a texture that leaves the brows to a brow mesh.
    """
    tone = random.integer(3)
    # Mostly a photograph of the same tone; detail of any tone may be re-coloured, for variety.
    pool = library.by_tone[tone] if random.chance(0.75) else range(len(library.paths))
    fitting = [i for i in pool if library.has_brows(i) != without_brows]
    if not fitting:
        fitting = [i for i in range(len(library.paths)) if library.has_brows(i) != without_brows]
    texture = library.texture(random.choice(fitting))
    melanin = random.uniform((-0.25, 0.6, 1.45)[tone], (0.6, 1.45, 2.25)[tone])
    anchors = _MELANIN_ANCHORS.log()
    low = min(max(math.floor(melanin), 0), 1)
    target = anchors[low] + (melanin - low) * (anchors[low + 1] - anchors[low])
    target = target + random.normal(0, 0.35) * HAEMOGLOBIN + random.normal(0, 0.35) * _CAROTENE
    target = (target + random.normal(0, 0.08)).exp().clamp(0.015, 0.8).to(library.device)
    return Skin(
        texture,
        target,
        tone,
        contrast=random.uniform(0.65, 1.0),
        mottle=torch.tensor((random.log_uniform(0.04, 0.4), random.log_uniform(0.01, 0.12))),
        freckles=random.uniform(0.2, 1.0) if random.chance(0.2 if tone < 2 else 0.05) else 0.0,
        moles=random.uniform(-0.2, 0.45),
        specular_level=random.uniform(0.3, 0.48),
        roughness=random.uniform(0.40, 0.75),
        bump=random.uniform(0.2, 1.1),
        wrinkles=random.uniform(0, 1) ** 2,
        noise=NoiseField(random, 3, library.device),
        zones=draw_zones(random, tone).to(library.device),
        stubble=random.uniform(0.1, 1.0) if random.chance(0.25) else 0.0,
    )
