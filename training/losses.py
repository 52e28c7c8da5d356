"""Losses of the three stages. Pictures are N,C,H,W; masks are N,1,H,W in 0..1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dataset import DARKEST, linear_from_srgb, luminance, mean_within

# Log luminance by which lips, brows and beards differ from the skin around them, and spots and cheeks do not.
OTHER_THAN_OPEN_SKIN = 0.3


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of `values` over the mask; the floor keeps an empty mask from dividing by zero."""
    return (values * mask).sum() / (mask.sum() * values.shape[1]).clamp_min(1.0)


def masked_mse(predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error over the mask."""
    return masked_mean((predicted - truth).square(), mask)


def masked_l1(predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute error over the mask."""
    return masked_mean((predicted - truth).abs(), mask)


def tone_distance(predicted: Tensor, truth: Tensor, skin: Tensor) -> Tensor:
    """Mean over the batch of |ln(predicted ÷ true mean colour)| of the skin; sRGB-encoded albedos.

    An error of the whole tone costs little per pixel, least of all on dark skin, and yet is what a person
    sees first.
    """

    def mean_colour(albedo: Tensor) -> Tensor:
        return mean_within(linear_from_srgb(albedo), skin).flatten(1).clamp_min(1e-3)

    has_skin = (skin.mean((1, 2, 3)) > 0.005).float()
    distance = (mean_colour(predicted) / mean_colour(truth)).log().abs().mean(1)
    return (distance * has_skin).sum() / has_skin.sum().clamp_min(1.0)


def variation_distance(predicted: Tensor, truth: Tensor, skin: Tensor) -> Tensor:
    """Mean over the batch of 1 − Pearson's correlation over the skin, channel by channel.

    It has no scale: on even skin, where a flat answer costs little per pixel, lips, cheeks and spots still
    count, and light left in the albedo counts as much as they do.
    """
    area = skin.sum((2, 3), keepdim=True).clamp_min(1.0)

    def centred(albedo: Tensor) -> Tensor:
        return (albedo - mean_within(albedo, skin)) * skin.sqrt()

    def variance(values: Tensor) -> Tensor:
        return (
            values.square().sum((2, 3)) / area[..., 0, 0] + 5e-5
        )  # (N, 3); floor: 1.8 of 255 levels

    a, b = centred(predicted), centred(truth)
    shared = (a * b).sum((2, 3)) / area[..., 0, 0]
    correlation = shared / (variance(a) * variance(b)).sqrt()
    has_skin = (skin.mean((1, 2, 3)) > 0.005).float()
    return ((1 - correlation.mean(1)) * has_skin).sum() / has_skin.sum().clamp_min(1.0)


def open_skin(albedo: Tensor, skin: Tensor) -> Tensor:
    """The skin's matte less lips, brows and beards: how near the albedo is to the mean.

    `albedo` is sRGB-encoded (N, 3, H, W), `skin` and the result 0..1 (N, 1, H, W).
    """
    level = luminance(linear_from_srgb(albedo)).clamp_min(DARKEST).log()
    # The mean of all is that of lips and brows too; the mean of what nears it is the open skin's.
    nearness = skin
    for _ in range(2):
        contrast = level - mean_within(level, nearness)
        nearness = skin * (-(contrast / OTHER_THAN_OPEN_SKIN).square()).exp()
    return nearness


def shading_leak(predicted: Tensor, truth: Tensor, diffuse: Tensor, skin: Tensor) -> Tensor:
    """Mean over the batch of the size of the light that is left in the albedo of the skin.

    The error of ln albedo is regressed on ln irradiance (diffuse ÷ albedo), both as luminance; the slope
    times the standard deviation of ln irradiance is the size. Little of the squared error, and yet all of
    what a person sees as a baked shadow.
    """

    def log_luminance(colour: Tensor) -> Tensor:
        return luminance(linear_from_srgb(colour)).clamp_min(2e-3).log()

    wanted = log_luminance(truth)
    error, irradiance = log_luminance(predicted) - wanted, log_luminance(diffuse) - wanted
    centred = irradiance - mean_within(irradiance, skin)
    variance = mean_within(centred.square(), skin)
    shared = mean_within(centred * error, skin) / variance.add(1e-4).sqrt()
    has_skin = (skin.mean((1, 2, 3)) > 0.005).float()
    return (shared.flatten().abs() * has_skin).sum() / has_skin.sum().clamp_min(1.0)


def highlight_residue(diffuse: Tensor, truth: Tensor, photo: Tensor, skin: Tensor) -> Tensor:
    """Mean over the batch of the squared error of the raw diffuse colour on the skin, relative to that of
    the photograph itself; sRGB-encoded, compared in linear light.

    Highlights cover little of a face: by the pixel, handing the photograph on is nearly right. Here it
    costs 1, whatever their strength.
    """
    diffuse, truth, photo = (linear_from_srgb(picture) for picture in (diffuse, truth, photo))

    def energy(difference: Tensor) -> Tensor:
        return (difference.square() * skin).sum((1, 2, 3))

    # The floor is an error of 1 % of white everywhere.
    floor = 3e-4 * skin.sum((1, 2, 3)).clamp_min(1.0)
    return (energy(diffuse - truth) / (energy(photo - truth) + floor)).mean()


def sobel(picture: Tensor) -> Tensor:
    """Horizontal and vertical Sobel derivatives of every channel, (N, 2C, H, W), replicated border."""
    kernel = picture.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    channels = picture.shape[1]
    kernels = torch.stack([kernel, kernel.T]).unsqueeze(1).repeat(channels, 1, 1, 1)
    padded = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    return F.conv2d(padded, kernels, groups=channels)


def edge_l1(predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """L1 between Sobel derivatives: shadows that stay in the albedo show as edges."""
    return masked_mean((sobel(predicted) - sobel(truth)).abs(), mask)


def normal_cosine(predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """1 − cos of the angle between unit normals."""
    return masked_mean(1 - (predicted * truth).sum(1, keepdim=True), mask)


class SqueezeNetFeatures(nn.Module):
    """SqueezeNet 1.0 (Iandola et al. 2016) up to fire7, from `squeezenet1_0.npz`; frozen.

    Takes sRGB pictures in 0..1 and returns the activations of conv1, fire3 and fire7 (strides 2, 4, 8).
    """

    FIRES = ("fire2", "fire3", "fire4", "fire5", "fire6", "fire7")
    POOL_BEFORE = ("fire2", "fire5")
    TAPS = ("fire3", "fire7")

    def __init__(self, archive: Path):
        super().__init__()
        with np.load(archive) as stored:
            self.register_buffer("mean", torch.from_numpy(stored["input_mean_bgr"].astype("f4")))
            for key in stored.files:
                if key.partition("/")[0].partition(".")[0] in ("conv1", *self.FIRES):
                    value = torch.from_numpy(stored[key].astype("f4"))
                    self.register_buffer(self.attribute(key), value)

    @staticmethod
    def attribute(key: str) -> str:
        """The buffer's name for a key of the archive."""
        return key.replace("/", "_").replace(".", "_")

    def convolve(self, x: Tensor, layer: str, **arguments) -> Tensor:
        """ReLU of one stored convolution."""
        weight = getattr(self, self.attribute(f"{layer}.weight"))
        return F.relu(
            F.conv2d(x, weight, getattr(self, self.attribute(f"{layer}.bias")), **arguments)
        )

    def forward(self, picture: Tensor) -> list[Tensor]:
        x = picture.flip(1) * 255 - self.mean.view(1, 3, 1, 1)
        x = self.convolve(x, "conv1", stride=2)
        found = [x]
        for fire in self.FIRES:
            if fire in self.POOL_BEFORE:
                x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)
            x = self.convolve(x, f"{fire}/squeeze1x1")
            x = torch.cat(
                [
                    self.convolve(x, f"{fire}/expand1x1"),
                    self.convolve(x, f"{fire}/expand3x3", padding=1),
                ],
                dim=1,
            )
            if fire in self.TAPS:
                found.append(x)
        return found


def normalized(features: Tensor) -> Tensor:
    """Features divided by their length over the channels."""
    return features / features.square().sum(1, keepdim=True).add(1e-6).sqrt()


class PerceptualLoss(nn.Module):
    """Distance in SqueezeNet's features: absolute activations, plus LPIPS-like normalised ones.

    The second term follows Zhang et al. 2018 without their learned channel weights, which are published
    for SqueezeNet 1.1 only; being taken per position it works as the patch-LPIPS of the design. Outside
    the mask both pictures are the truth, so that nothing there counts.
    """

    def __init__(self, archive: Path, lpips_weight: float = 1.0):
        super().__init__()
        self.features = SqueezeNetFeatures(archive)
        self.lpips_weight = lpips_weight

    def forward(self, predicted: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
        predicted = predicted * mask + truth * (1 - mask)
        with torch.no_grad():
            wanted = self.features(truth)
        total = predicted.new_zeros(())
        for a, b in zip(self.features(predicted), wanted):
            # Dividing by the truth's mean activation puts the layers on one scale.
            total = total + (a - b).abs().mean() / b.abs().mean().clamp_min(1e-3)
            distance = (normalized(a) - normalized(b)).square().sum(1)
            total = total + self.lpips_weight * distance.mean()
        return total / len(wanted)


class PatchDiscriminator(nn.Module):
    """Pix2PixHD's 70×70 patch discriminator; returns every layer's output, the verdict last."""

    def __init__(self, inputs: int, width: int = 32, layers: int = 3):
        super().__init__()
        self.layers = nn.ModuleList()
        channels = inputs
        for i in range(layers + 1):
            outputs = min(width * 2**i, 256)
            stride = 2 if i < layers else 1
            blocks: list[nn.Module] = [nn.Conv2d(channels, outputs, 4, stride=stride, padding=2)]
            if i > 0:
                blocks.append(nn.InstanceNorm2d(outputs))
            self.layers.append(nn.Sequential(*blocks, nn.LeakyReLU(0.2)))
            channels = outputs
        self.layers.append(nn.Conv2d(channels, 1, 4, padding=2))

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for layer in self.layers:
            x = layer(x)
            found.append(x)
        return found


class MultiScaleDiscriminator(nn.Module):
    """The same discriminator with weights of its own at full, half, … resolution (Wang et al. 2018)."""

    def __init__(self, inputs: int, scales: int = 2):
        super().__init__()
        self.scales = nn.ModuleList(PatchDiscriminator(inputs) for _ in range(scales))

    def forward(self, condition: Tensor, passes: Tensor) -> list[list[Tensor]]:
        x = torch.cat([condition, passes], dim=1)
        found = []
        for scale in self.scales:
            found.append(scale(x))
            x = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
        return found


def adversarial_loss(verdicts: list[list[Tensor]], real: bool) -> Tensor:
    """Least-squares GAN loss (Mao et al. 2017), mean over the scales."""
    target = 1.0 if real else 0.0
    return sum((scale[-1] - target).square().mean() for scale in verdicts) / len(verdicts)


def feature_matching_loss(fake: list[list[Tensor]], real: list[list[Tensor]]) -> Tensor:
    """L1 between the discriminator's inner layers on predicted and true passes."""
    terms = [
        (a - b.detach()).abs().mean()
        for fake_scale, real_scale in zip(fake, real)
        for a, b in zip(fake_scale[:-1], real_scale[:-1])
    ]
    return sum(terms) / len(terms)
