"""sRGB transfer curve and luminance, the same definitions as the Swift side's ColorTransfer."""

import torch

REC709 = (0.2126, 0.7152, 0.0722)


def linear_from_srgb(encoded: torch.Tensor) -> torch.Tensor:
    """Decodes sRGB (IEC 61966-2-1)."""
    low = encoded / 12.92
    high = ((encoded.clamp(min=0.0) + 0.055) / 1.055) ** 2.4
    return torch.where(encoded <= 0.04045, low, high)


def srgb_from_linear(linear: torch.Tensor) -> torch.Tensor:
    """Encodes linear light as sRGB; values outside 0..1 are clipped."""
    linear = linear.clamp(0.0, 1.0)
    return torch.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp(min=1e-8) ** (1 / 2.4) - 0.055
    )


def luminance(linear: torch.Tensor) -> torch.Tensor:
    """Rec.709 luminance of (..., 3)."""
    return linear @ linear.new_tensor(REC709)
