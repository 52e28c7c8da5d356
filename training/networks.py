"""The three networks of the decomposition, and the U-Net-6L baseline.

Every picture is N,C,H,W. The attribute names below are the keys of the weight files and therefore the
contract with the Swift runtime; renaming one breaks the shipped weights.

Encodings: `portrait` is the photograph, sRGB-encoded, scaled from 0..1 to −1..1. An albedo is
sRGB-encoded; as an output it is 0..1, as an input it is scaled to −1..1 (`2·a − 1`). Mattes are 0..1
in both roles. Resizing is bilinear with half-pixel centres (`align_corners=False`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import (
    Configuration,
    MAGINetConfiguration,
    PassTranslatorConfiguration,
    RefinementNetConfiguration,
    UNet6LConfiguration,
)


def resized(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear resize with half-pixel centres and no antialiasing."""
    return F.interpolate(features, size=size, mode="bilinear", align_corners=False)


def instance_norm(channels: int, epsilon: float) -> nn.InstanceNorm2d:
    """Instance normalisation with a learned scale and shift per channel and no running statistics.

    A group normalisation with one channel per group: the same values and keys as `nn.InstanceNorm2d`,
    and 1.4 times faster in training on a CPU.
    """
    return nn.GroupNorm(channels, channels, eps=epsilon)


class ResidualBlock(nn.Module):
    """x + norm2(conv2(leakyReLU(norm1(conv1(x))))), zero padding; no activation after the sum.

    The un-normalised sum is what carries absolute brightness to the decoder: instance normalisation
    alone would remove the tone of the skin.
    """

    def __init__(self, channels: int, negative_slope: float, epsilon: float):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = instance_norm(channels, epsilon)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = instance_norm(channels, epsilon)
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.norm1(self.conv1(x)), self.negative_slope)
        return x + self.norm2(self.conv2(y))


class EncoderScale(nn.Module):
    """One scale: leakyReLU(stride-2 3×3) except at full resolution, then residual blocks."""

    def __init__(self, inputs: int, channels: int, downsample: bool, c: MAGINetConfiguration):
        super().__init__()
        self.down = nn.Conv2d(inputs, channels, 3, stride=2, padding=1) if downsample else None
        self.blocks = nn.ModuleList(
            ResidualBlock(channels, c.negative_slope, c.epsilon) for _ in range(c.blocks_per_scale)
        )
        self.negative_slope = c.negative_slope

    def forward(self, x: Tensor) -> Tensor:
        if self.down is not None:
            x = F.leaky_relu(self.down(x), self.negative_slope)
        for block in self.blocks:
            x = block(x)
        return x


class PositionAttention(nn.Module):
    """Attention among positions (Fu et al. 2019, "Dual attention network", eq. 1 and 2).

    The energy is divided by √d as in Vaswani et al. 2017, which keeps the softmax soft. Returns the
    attended values alone; `DualAttention` adds the scaled result to its input.
    """

    def __init__(self, channels: int, reduction: int):
        super().__init__()
        inner = max(channels // reduction, 1)
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x).flatten(2)  # (N, d, P), P = H·W
        key = self.key(x).flatten(2)  # (N, d, P)
        value = self.value(x).flatten(2)  # (N, C, P)
        energy = query.transpose(1, 2) @ key * query.shape[1] ** -0.5  # (N, P, P): row = asking
        attention = torch.softmax(energy, dim=-1)
        return (value @ attention.transpose(1, 2)).view_as(x)  # (N, C, H, W)


class ChannelAttention(nn.Module):
    """Attention among channels (Fu et al. 2019, eq. 3 and 4); no weights of its own.

    The Gram matrix is divided by the number of positions, so that it does not depend on the resolution.
    """

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)  # (N, C, P)
        energy = flat @ flat.transpose(1, 2) / flat.shape[2]  # (N, C, C)
        return (torch.softmax(energy, dim=-1) @ flat).view_as(x)  # (N, C, H, W)


class DualAttention(nn.Module):
    """x + position_scale·position(x) + channel_scale·channel(x), both scales starting at 0."""

    def __init__(self, channels: int, reduction: int):
        super().__init__()
        self.position = PositionAttention(channels, reduction)
        self.channel = ChannelAttention()
        self.position_scale = nn.Parameter(torch.zeros(1))
        self.channel_scale = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.position_scale * self.position(x) + self.channel_scale * self.channel(x)


class Bottleneck(nn.Module):
    """Residual block, dual attention, residual block at the coarsest scale."""

    def __init__(self, channels: int, c: MAGINetConfiguration):
        super().__init__()
        self.before = ResidualBlock(channels, c.negative_slope, c.epsilon)
        self.attention = DualAttention(channels, c.attention_reduction) if c.attention else None
        self.after = ResidualBlock(channels, c.negative_slope, c.epsilon)

    def forward(self, x: Tensor) -> Tensor:
        x = self.before(x)
        if self.attention is not None:
            x = self.attention(x)
        return self.after(x)


class AdaptiveFusion(nn.Module):
    """Mixes three sources with per-pixel softmax weights (Liu et al. 2019, "Learning spatial fusion").

    The sources are the decoder's features, the encoder's skip and the bottleneck, each projected to
    `channels` by a 1×1 convolution; those of coarser scales are projected first and resized after, which
    is the same (both are linear, and bilinear weights sum to one) and cheaper.
    """

    def __init__(self, decoder: int, channels: int, bottleneck: int, adaptive: bool):
        super().__init__()
        self.project_decoder = nn.Conv2d(decoder, channels, 1)
        self.project_skip = nn.Conv2d(channels, channels, 1)
        self.project_bottleneck = nn.Conv2d(bottleneck, channels, 1) if adaptive else None
        self.weights = nn.Conv2d(3 * channels, 3, 1) if adaptive else None

    def forward(self, decoder: Tensor, skip: Tensor, bottleneck: Tensor) -> Tensor:
        size = skip.shape[-2:]
        a = resized(self.project_decoder(decoder), size)  # (N, channels, H, W)
        b = self.project_skip(skip)
        if self.weights is None:
            return a + b
        c = resized(self.project_bottleneck(bottleneck), size)
        # (N, 3, H, W): channel 0 weighs the decoder, 1 the skip, 2 the bottleneck.
        weights = torch.softmax(self.weights(torch.cat([a, b, c], dim=1)), dim=1)
        return weights[:, 0:1] * a + weights[:, 1:2] * b + weights[:, 2:3] * c


class DecoderScale(nn.Module):
    """Fusion of the three sources at one scale, then one residual block."""

    def __init__(self, decoder: int, channels: int, bottleneck: int, c: MAGINetConfiguration):
        super().__init__()
        self.fusion = AdaptiveFusion(decoder, channels, bottleneck, c.fusion)
        self.block = ResidualBlock(channels, c.negative_slope, c.epsilon)

    def forward(self, decoder: Tensor, skip: Tensor, bottleneck: Tensor) -> Tensor:
        return self.block(self.fusion(decoder, skip, bottleneck))


class MAGINet(nn.Module):
    """Portrait (N, 3, S, S) in −1..1 → (N, 5, S, S) in 0..1: albedo R, G, B (sRGB), skin, subject.

    S must be a multiple of 16. `decoder.i` works at the scale of `encoder.i`, so `decoder.3` runs first.
    """

    def __init__(self, c: MAGINetConfiguration):
        super().__init__()
        self.configuration = c
        widths = c.widths
        last = widths[-1]
        self.stem = nn.Conv2d(c.input_channels, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(
            EncoderScale(widths[max(i - 1, 0)], widths[i], i > 0, c) for i in range(len(widths))
        )
        self.bottleneck = Bottleneck(last, c)
        self.decoder = nn.ModuleList(
            DecoderScale(widths[i + 1], widths[i], last, c) for i in range(len(widths) - 1)
        )
        self.head = nn.Conv2d(widths[0], c.output_channels, 3, padding=1)

    def forward(self, portrait: Tensor) -> Tensor:
        slope = self.configuration.negative_slope
        x = F.leaky_relu(self.stem(portrait), slope)  # (N, 32, S, S)
        skips = []
        for scale in self.encoder:
            x = scale(x)
            skips.append(x)  # (N, widths[i], S / 2^i, S / 2^i)
        bottleneck = self.bottleneck(x)  # (N, 256, S / 16, S / 16)
        x = bottleneck
        for i in reversed(range(len(self.decoder))):
            x = self.decoder[i](x, skips[i], bottleneck)  # (N, widths[i], S / 2^i, S / 2^i)
        return torch.sigmoid(self.head(F.leaky_relu(x, slope)))  # (N, 5, S, S)


class RefinementNet(nn.Module):
    """Albedo (N, 3, s, s) in 0..1 and portrait (N, 3, S, S) in −1..1 → refined albedo (N, 3, S, S) in 0..1.

    The albedo is upsampled to the portrait's size, three 3×3 convolutions (zero padding, ReLU between)
    see [2·albedo − 1, portrait], and what they return is added to the upsampled albedo and clamped. The
    last convolution starts at zero, so that the untrained network is the plain upsampling.
    """

    def __init__(self, c: RefinementNetConfiguration):
        super().__init__()
        self.configuration = c
        self.conv1 = nn.Conv2d(c.input_channels, c.width, 3, padding=1)
        self.conv2 = nn.Conv2d(c.width, c.width, 3, padding=1)
        self.conv3 = nn.Conv2d(c.width, c.output_channels, 3, padding=1)
        nn.init.zeros_(self.conv3.weight)
        nn.init.zeros_(self.conv3.bias)

    def forward(self, albedo: Tensor, portrait: Tensor) -> Tensor:
        albedo = resized(albedo, portrait.shape[-2:])  # (N, 3, S, S)
        x = torch.cat([2 * albedo - 1, portrait], dim=1)  # (N, 6, S, S)
        x = F.relu(self.conv1(x))  # (N, 48, S, S)
        x = F.relu(self.conv2(x))  # (N, 48, S, S)
        return (albedo + self.conv3(x)).clamp(0, 1)  # (N, 3, S, S)


class ReflectionBlock(nn.Module):
    """Pix2PixHD's residual block: x + norm2(conv2(pad(relu(norm1(conv1(pad(x)))))), reflection padding."""

    def __init__(self, channels: int, epsilon: float):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, bias=False)
        self.norm1 = instance_norm(channels, epsilon)
        self.conv2 = nn.Conv2d(channels, channels, 3, bias=False)
        self.norm2 = instance_norm(channels, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(F.pad(x, (1, 1, 1, 1), mode="reflect"))))
        return x + self.norm2(self.conv2(F.pad(y, (1, 1, 1, 1), mode="reflect")))


class Downsampling(nn.Module):
    """Stride-2 3×3 convolution with zero padding, InstanceNorm, ReLU."""

    def __init__(self, inputs: int, outputs: int, epsilon: float):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.norm = instance_norm(outputs, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class Upsampling(nn.Module):
    """Stride-2 3×3 transposed convolution to twice the side, InstanceNorm, ReLU.

    `conv.weight` has PyTorch's transposed shape (inputs, outputs, 3, 3).
    """

    def __init__(self, inputs: int, outputs: int, epsilon: float):
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            inputs, outputs, 3, stride=2, padding=1, output_padding=1, bias=False
        )
        self.norm = instance_norm(outputs, epsilon)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class PassTranslator(nn.Module):
    """The Pix2PixHD global generator (Wang et al. 2018) from the refined albedo to five passes.

    Inputs at one size S (a multiple of 16): albedo (N, 3, S, S) in 0..1, portrait (N, 3, S, S) in −1..1,
    skin (N, 1, S, S) in 0..1; the network sees [2·albedo − 1, portrait, skin]. Output (N, 9, S, S):
    0 AO, sigmoid; 1–3 normal, tanh, then divided by its length; 4 specular, sigmoid; 5 translucency,
    sigmoid; 6–8 diffuse, sRGB-encoded 0..1.

    Instance normalisation removes the exposure of the photograph, which only the raw diffuse colour
    needs. That pass therefore starts from the photograph: clamp(portrait in 0..1 + tanh(head)).
    """

    def __init__(self, c: PassTranslatorConfiguration):
        super().__init__()
        self.configuration = c
        widths = c.widths
        self.stem = nn.Conv2d(c.input_channels, widths[0], 7, bias=False)
        self.stem_norm = instance_norm(widths[0], c.epsilon)
        self.down = nn.ModuleList(
            Downsampling(widths[i], widths[i + 1], c.epsilon) for i in range(c.scales)
        )
        self.blocks = nn.ModuleList(ReflectionBlock(widths[-1], c.epsilon) for _ in range(c.blocks))
        self.up = nn.ModuleList(
            Upsampling(widths[i + 1], widths[i], c.epsilon) for i in reversed(range(c.scales))
        )
        self.head = nn.Conv2d(widths[0], c.output_channels, 7)

    def forward(self, albedo: Tensor, portrait: Tensor, skin: Tensor) -> Tensor:
        x = torch.cat([2 * albedo - 1, portrait, skin], dim=1)  # (N, 7, S, S)
        x = F.relu(self.stem_norm(self.stem(F.pad(x, (3, 3, 3, 3), mode="reflect"))))
        for stage in self.down:
            x = stage(x)  # (N, widths[i + 1], S / 2^(i + 1), …)
        for block in self.blocks:
            x = block(x)  # (N, 256, S / 16, S / 16)
        for stage in self.up:
            x = stage(x)  # up.0 leaves (N, 256, S / 8, S / 8), the last (N, 32, S, S)
        x = self.head(F.pad(x, (3, 3, 3, 3), mode="reflect"))  # (N, 9, S, S)
        ao = torch.sigmoid(x[:, 0:1])
        normal = torch.tanh(x[:, 1:4])
        # The floor only guards against a zero vector; a trained head stays far above it.
        normal = normal / normal.square().sum(1, keepdim=True).add(1e-8).sqrt()
        specular_translucency = torch.sigmoid(x[:, 4:6])
        diffuse = ((portrait + 1) / 2 + torch.tanh(x[:, 6:9])).clamp(0, 1)
        return torch.cat([ao, normal, specular_translucency, diffuse], dim=1)


class UNetLevel(nn.Module):
    """Two 3×3 convolutions, each with InstanceNorm and LeakyReLU."""

    def __init__(self, inputs: int, outputs: int, c: UNet6LConfiguration):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm1 = instance_norm(outputs, c.epsilon)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = instance_norm(outputs, c.epsilon)
        self.negative_slope = c.negative_slope

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.norm1(self.conv1(x)), self.negative_slope)
        return F.leaky_relu(self.norm2(self.conv2(x)), self.negative_slope)


class UNet6L(nn.Module):
    """The paper's baseline: a U-Net of six levels with MAGINet's inputs and outputs; S a multiple of 32."""

    def __init__(self, c: UNet6LConfiguration):
        super().__init__()
        self.configuration = c
        widths = c.widths
        self.encoder = nn.ModuleList(
            UNetLevel(c.input_channels if i == 0 else widths[i - 1], widths[i], c)
            for i in range(len(widths))
        )
        self.decoder = nn.ModuleList(
            UNetLevel(widths[i + 1] + widths[i], widths[i], c) for i in range(len(widths) - 1)
        )
        self.head = nn.Conv2d(widths[0], c.output_channels, 3, padding=1)

    def forward(self, portrait: Tensor) -> Tensor:
        x = portrait
        skips = []
        for i, level in enumerate(self.encoder):
            x = level(x if i == 0 else F.max_pool2d(x, 2))
            skips.append(x)  # (N, widths[i], S / 2^i, S / 2^i)
        for i in reversed(range(len(self.decoder))):
            x = self.decoder[i](torch.cat([resized(x, skips[i].shape[-2:]), skips[i]], dim=1))
        return torch.sigmoid(self.head(x))  # (N, 5, S, S)


NETWORKS: dict[str, type[nn.Module]] = {
    "maginet": MAGINet,
    "refinement": RefinementNet,
    "translator": PassTranslator,
    "unet6l": UNet6L,
}


def make_network(network: str, configuration: Configuration) -> nn.Module:
    """A freshly initialised network by its name in the weight files."""
    return NETWORKS[network](configuration)
