"""Lights a rasterised scene: the renderer's counterpart of DESIGN.md section 5."""

import math

import torch
import torch.nn.functional as F

from light_stage.camera import gaussian_blur
from light_stage.lighting import ROUGHNESS_LEVELS, Lighting

LOBE_SCALES = ((0.75, 0.85), (1.30, 0.15))  # (roughness factor, share)


def ggx_reflection(n_dot_l, n_dot_v, n_dot_h, v_dot_h, roughness, f0):
    """One GGX lobe with height-correlated Smith and Schlick, times n·l (Heitz 2014; Schlick 1994)."""
    alpha = roughness.square()
    alpha2 = alpha.square()
    d = alpha2 / (math.pi * (n_dot_h.square() * (alpha2 - 1) + 1).square()).clamp(min=1e-7)
    view = n_dot_l * (n_dot_v.square() * (1 - alpha2) + alpha2).sqrt()
    light = n_dot_v * (n_dot_l.square() * (1 - alpha2) + alpha2).sqrt()
    fresnel = f0 + (1 - f0) * (1 - v_dot_h).clamp(0, 1) ** 5
    return d * 0.5 / (view + light).clamp(min=1e-4) * fresnel * n_dot_l


def lamp_specular(normal, view, direction, radius, roughness, level):
    """Two-lobe specular (n) of a distant lamp of unit irradiance; its size widens the lobes."""
    half = F.normalize(view + direction, dim=1)
    n_dot_l = (normal @ direction).clamp(min=0)
    n_dot_v = (normal * view).sum(1).clamp(min=1e-3)
    n_dot_h = (normal * half).sum(1).clamp(0, 1)
    v_dot_h = (view * half).sum(1).clamp(0, 1)
    total = torch.zeros_like(roughness)
    for scale, share in LOBE_SCALES:
        lobe = ((roughness * scale) ** 4 + (0.5 * radius) ** 2).sqrt().sqrt().clamp(max=1.0)
        total = total + share * ggx_reflection(
            n_dot_l, n_dot_v, n_dot_h, v_dot_h, lobe, 0.08 * level
        )
    return total


def environment_specular(normal, view, roughness, level, occlusion, lighting: Lighting):
    """Split-sum reflection (n, 3) of the environment (Karis 2013; fit of Lazarov 2013)."""
    n_dot_v = (normal * view).sum(1).clamp(1e-3, 1)
    reflected = 2 * n_dot_v[:, None] * normal - view
    found = [lighting.environment_radiance(reflected, i) for i in range(len(ROUGHNESS_LEVELS))]
    stops = ROUGHNESS_LEVELS
    radiance = found[0]
    for i in range(1, len(stops)):
        mix = ((roughness - stops[i - 1]) / (stops[i] - stops[i - 1])).clamp(0, 1)[:, None]
        radiance = radiance + (found[i] - radiance) * mix
    c0 = roughness[:, None] * roughness.new_tensor(
        (-1, -0.0275, -0.572, 0.022)
    ) + roughness.new_tensor((1, 0.0425, 1.04, -0.04))
    a = torch.minimum(c0[:, 0].square(), 2 ** (-9.28 * n_dot_v)) * c0[:, 0] + c0[:, 1]
    scale, bias = -1.04 * a + c0[:, 2], 1.04 * a + c0[:, 3]
    # Specular occlusion from ambient occlusion (Lagarde and de Rousiers 2014).
    visible = ((n_dot_v + occlusion) ** (2 ** (-16 * roughness - 1)) - 1 + occlusion).clamp(0, 1)
    return radiance * ((0.08 * level * scale + bias) * visible)[:, None]


def strand_specular(normal, tangent, view, direction, colour):
    """Hair highlights (n, 3): a white and a coloured, shifted one (Kajiya and Kay 1989; Scheuermann 2004)."""
    half = F.normalize(view + direction, dim=1)
    wrapped = ((normal @ direction) * 0.75 + 0.25).clamp(min=0)

    def highlight(shift, exponent):
        shifted = F.normalize(tangent + shift * normal, dim=1)
        across = (1 - (shifted * half).sum(1).square()).clamp(min=0).sqrt()
        return across**exponent * wrapped

    white = highlight(-0.08, 70.0)[:, None] * 0.012
    coloured = highlight(0.12, 18.0)[:, None] * 0.16 * colour
    return white * torch.ones_like(colour) + coloured


def scatter_under_skin(light, coverage, profiles):
    """Blurs skin irradiance per channel: the wide part (3, H, W), and the share (3) that stays in place.

    `light` (3, H, W) is irradiance times `coverage` (1, H, W) by skin. `profiles` holds one list of
    (sigma in pixels, share) per channel: a sum of Gaussians, red widest (d'Eon and Luebke 2007). The blur
    is normalised by the coverage so that nothing leaks across edges. Gaussians narrower than half a pixel
    stay in place.
    """
    kept = light.new_zeros(3)
    wide = torch.zeros_like(light)
    for channel, profile in enumerate(profiles):
        for sigma, share in profile:
            if sigma < 0.5:
                kept[channel] += share
                continue
            pair = torch.stack((light[channel], coverage[0]))
            blurred, weight = gaussian_blur(pair, sigma)
            wide[channel] += share * blurred / weight.clamp(min=1e-3)
    return wide, kept
