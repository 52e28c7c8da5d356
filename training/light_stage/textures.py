"""Texture files and bilinear lookups."""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from light_stage.colour import linear_from_srgb


def load_texture(
    path: Path, channels: int, device: torch.device, side: int | None = None
) -> torch.Tensor:
    """An 8-bit picture as (channels, H, W) in 0..1, still encoded; row 0 is v = 1."""
    picture = Image.open(path).convert("RGBA" if channels == 4 else "RGB")
    if side is not None and max(picture.size) > side:
        picture = picture.resize((side, side), Image.Resampling.BOX)
    data = torch.from_numpy(np.asarray(picture).copy()).to(device)
    return data.permute(2, 0, 1).float() / 255


def load_linear_texture(path: Path, channels: int, device: torch.device) -> torch.Tensor:
    """Like `load_texture`, with colour decoded to linear light (alpha, if any, stays as it is)."""
    texture = load_texture(path, channels, device)
    texture[:3] = linear_from_srgb(texture[:3])
    return texture


def sample_texture(texture: torch.Tensor, uv: torch.Tensor) -> torch.Tensor:
    """Bilinear lookup of a (C, H, W) texture at uv (n, 2), v up, clamped: (n, C)."""
    grid = torch.stack((uv[:, 0] * 2 - 1, 1 - uv[:, 1] * 2), 1)[None, None]
    found = F.grid_sample(
        texture[None], grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return found[0, :, 0].T


class Pyramid:
    """A texture and its halvings, so that lookups from afar are averages."""

    def __init__(self, texture: torch.Tensor, texels_per_cm: float):
        self.levels = [texture]
        while min(self.levels[-1].shape[1:]) > 32:
            self.levels.append(F.avg_pool2d(self.levels[-1][None], 2)[0])
        self.texels_per_cm = texels_per_cm

    def sample(self, uv: torch.Tensor, centimetres_per_pixel: float) -> torch.Tensor:
        """Lookup (n, C) in the level whose texels are about as large as the pixels."""
        ratio = max(self.texels_per_cm * centimetres_per_pixel, 1.0)
        level = min(round(math.log2(ratio)), len(self.levels) - 1)
        return sample_texture(self.levels[level], uv)
