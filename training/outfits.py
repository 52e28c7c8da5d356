"""Clothes drawn over a sample: collars, jackets and ties, which the light stage's shirts lack.

The pieces are flat shapes that follow the neck. They teach where a person ends, and what colour cloth has in
the light that falls on the rest of it; their normals and occlusion are not to be learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

from light_stage.colour import linear_from_srgb, srgb_from_linear

# The light stage's cloth and hair, by their specular reflectance in a packed sample.
CLOTH_LEVEL = 0.15
HAIR_LEVEL = 0.3
TOLERANCE = 0.006
# The least share of cloth in a picture that is dressed anew.
LEAST_CLOTH = 0.004
# Plausible widths of a neck, relative to the picture's side.
NECK_WIDTHS = (0.12, 0.6)
SUPERSAMPLING = 2

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Neck:
    """Where the neck leaves the clothes: its middle, its width and their row, in pixels."""

    centre: float
    width: float
    row: float

    @staticmethod
    def of(cloth: np.ndarray, subject: np.ndarray) -> Neck | None:
        """The neck of a person, (H, W) masks; None where it cannot be told."""
        side = cloth.shape[0]
        if cloth.mean() < LEAST_CLOTH:
            return None
        row = int(np.flatnonzero(cloth.any(1))[0])
        columns = np.flatnonzero(subject[row] & ~cloth[row])
        if len(columns) < 2:
            return None
        left, right = float(columns[0]), float(columns[-1])
        is_plausible = NECK_WIDTHS[0] * side <= right - left <= NECK_WIDTHS[1] * side
        return Neck((left + right) / 2, right - left, row) if is_plausible else None

    def points(self, shape: Points, mirrored: bool = False) -> Points:
        """A shape in neck widths from the middle of the neck's end, +y down, as pixels."""
        sign = -1 if mirrored else 1
        return [(self.centre + sign * x * self.width, self.row + y * self.width) for x, y in shape]

    def pair(self, shape: Points) -> list[Points]:
        """A shape on both sides."""
        return [self.points(shape), self.points(shape, mirrored=True)]


def pieces(neck: Neck, side: int, random: np.random.Generator) -> list[tuple[str, list[Points]]]:
    """What is worn, from the innermost piece to the outermost, each as polygons in pixels."""
    bottom = (side - neck.row) / neck.width + 0.2
    u = random.uniform
    rise, opening = u(0.05, 0.25), u(0.3, 0.55) if random.random() < 0.7 else u(0.6, 1.1)
    edge = u(0.5, 0.56)
    shirt = [(-edge, -rise), (0.0, opening), (edge, -rise), (0.9, bottom), (-0.9, bottom)]
    worn = [("shirt", [neck.points(shirt)])]
    if random.random() < 0.5:
        knot, blade, top = u(0.07, 0.14), u(0.12, 0.24), opening - 0.06
        half = [(knot, top), (0.7 * knot, top + 0.3), (blade, bottom)]
        tie = half + [(-x, y) for x, y in reversed(half)]
        worn.append(("tie", [neck.points(tie)]))
    if random.random() < 0.8:
        meets, tip, drop = u(0.05, 0.3), u(1.3, 2.4), u(0.35, 1.0)
        deep = max(opening + u(0.5, 1.8), 0.9)
        collar = (edge - u(0.0, 0.06), -rise + u(0.0, 0.12))
        shoulder = [(tip + u(0.1, 0.4), drop + 0.6), (tip, drop), (edge + 0.45, u(0.12, 0.3))]
        jacket = [collar, (meets, deep), (meets, bottom), (tip + 0.6, bottom), *shoulder]
        worn.append(("jacket", neck.pair(jacket)))
        if random.random() < 0.7:
            wide, y = u(0.3, 0.6), u(0.7, 1.1)
            lapel = [collar, (meets, deep), (meets + wide, y + 0.1), (edge + 0.3, y * 0.5)]
            worn.append(("lapel", neck.pair(lapel)))
    if random.random() < 0.85:
        corner = (u(0.3, 0.55), opening + u(0.2, 0.5))
        flap = [(edge, -rise - u(0.0, 0.08)), (0.02, opening), corner, (edge + u(0.05, 0.14), 0.2)]
        worn.append(("shirt", neck.pair(flap)))
    return worn


def colour(piece: str, random: np.random.Generator) -> Tensor:
    """A linear albedo (3, 1, 1) for a piece: mostly pale shirts and dark jackets, anything else as well."""
    is_usual = random.random() < 0.65
    if piece == "shirt" and is_usual:
        albedo = random.uniform(0.5, 0.85) * random.uniform(0.8, 1.0, 3)
    elif piece in ("jacket", "lapel") and is_usual:
        albedo = 10 ** random.uniform(-1.8, -0.9) * random.uniform(0.6, 1.4, 3)
    else:
        albedo = 10 ** random.uniform(-1.5, -0.15) * random.uniform(0.25, 1.0, 3)
    return torch.from_numpy(albedo.astype("f4")).view(3, 1, 1)


def smooth_noise(side: int, cells: int, random: np.random.Generator) -> Tensor:
    """Noise (side, side) of about unit deviation that varies from cell to cell."""
    coarse = Image.fromarray(random.standard_normal((cells, cells)).astype("f4"))
    return torch.from_numpy(np.array(coarse.resize((side, side), Image.Resampling.BICUBIC)))


def coverage(polygons: list[Points], side: int, softness: float) -> Tensor:
    """How much of each pixel some polygons cover (side, side), blurred by `softness` pixels."""
    canvas = Image.new("L", (side * SUPERSAMPLING, side * SUPERSAMPLING))
    for polygon in polygons:
        scaled = [(x * SUPERSAMPLING, y * SUPERSAMPLING) for x, y in polygon]
        ImageDraw.Draw(canvas).polygon(scaled, fill=255)
    canvas = canvas.resize((side, side), Image.Resampling.BOX)
    canvas = canvas.filter(ImageFilter.GaussianBlur(softness))
    return torch.from_numpy(np.array(canvas, dtype="f4") / 255)


def opened(region: np.ndarray) -> np.ndarray:
    """A mask without what is thinner than five pixels."""
    picture = Image.fromarray(region.astype(np.uint8) * 255)
    return np.asarray(picture.filter(ImageFilter.MinFilter(5)).filter(ImageFilter.MaxFilter(5))) > 0


def has_level(level: float, specular: Tensor, translucency: Tensor) -> Tensor:
    """Where a specular reflectance is that of hair or cloth; some skin has it as well."""
    return ((specular - level).abs() < TOLERANCE) & (translucency < 0.01)


def made_of(level: float, parts: dict[str, Tensor]) -> np.ndarray:
    """The subject's pixels with a specular reflectance that no living skin has, (H, W)."""
    found = has_level(level, parts["specular"][0], parts["translucency"][0])
    return opened((found & (parts["subject"][0] > 0.5)).numpy())


def dressed(parts: dict[str, Tensor], random: np.random.Generator) -> dict[str, Tensor]:
    """A sample whose person wears something else; the same where there is no neck to hang it from.

    The parts, (C, H, W) each, are encoded as in a packed sample.
    """
    rows = torch.nonzero(parts["skin"][0].amax(1) > 0.5)
    if len(rows) == 0:
        return parts
    cloth = made_of(CLOTH_LEVEL, parts)
    # Painted hair may have the same gloss; it does not lie below the face.
    first, last = int(rows[0]), int(rows[-1])
    cloth[: int(first + 0.8 * (last - first))] = False
    neck = Neck.of(cloth, (parts["subject"][0] > 0.5).numpy())
    if neck is None:
        return parts
    side = cloth.shape[0]
    albedo, photo, diffuse = (
        linear_from_srgb(parts[name]) for name in ("albedo", "photo", "diffuse")
    )
    worn = torch.from_numpy(cloth)
    light = (diffuse[:, worn].mean(1) + 1e-3) / (albedo[:, worn].mean(1) + 1e-3)
    folds = 0.25 * smooth_noise(side, int(random.integers(3, 9)), random)
    light = light.view(3, 1, 1) * (folds + 0.2 * smooth_noise(side, 3, random)).exp()
    # Hair before the clothes stays before them.
    behind_hair = torch.from_numpy(~made_of(HAIR_LEVEL, parts)).float()
    changed = {name: part.clone() for name, part in parts.items()}
    softness = random.uniform(0.3, 1.0)
    tones: dict[str, Tensor] = {}
    for piece, polygons in pieces(neck, side, random):
        covered = coverage(polygons, side, softness) * behind_hair
        if piece not in tones:
            is_same = piece == "lapel" and random.random() < 0.8
            tones[piece] = tones["jacket"] if is_same else colour(piece, random)
        weave = smooth_noise(side, side // int(random.integers(2, 5)), random)
        own = tones[piece] * (random.uniform(0, 0.25) * weave).exp()
        # A piece casts a little shadow on what lies under it.
        shadow = coverage(polygons, side, 0.02 * side) * random.uniform(0.2, 0.6)
        shadow = shadow * torch.maximum(changed["subject"][0], covered)
        photo, diffuse = (
            (1 - shadow) * (1 - covered) * value + covered * own * light
            for value in (photo, diffuse)
        )
        albedo = albedo + (own - albedo) * covered
        changed["skin"] = changed["skin"] * (1 - covered)
        is_new = (covered > 0.5) & (changed["subject"][0] < 0.5)
        changed["normal"][:, is_new] = torch.tensor([[0.5], [0.5], [1.0]])
        changed["subject"] = torch.maximum(changed["subject"], covered[None])
        for name, level in (("specular", CLOTH_LEVEL), ("translucency", 0.0), ("ao", 1.0)):
            changed[name] = changed[name] + (level - changed[name]) * covered
    for name, value in (("photo", photo), ("diffuse", diffuse), ("albedo", albedo)):
        changed[name] = srgb_from_linear(value)
    return changed
