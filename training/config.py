"""Configurations of the networks: the widths and the side of the square each one runs at.

A configuration travels as JSON in the metadata of the weight file, and the Swift runtime builds the
network from it. `studio` is trained and shipped, `paper` is the wide variant, `tiny` keeps the parity
fixtures and the smoke test small.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class MAGINetConfiguration:
    """Widths of MAGINet; one entry of `widths` per encoder scale, full resolution first."""

    name: str = "studio"
    resolution: int = 512
    input_channels: int = 3
    output_channels: int = 5  # albedo R, G, B, skin matte, subject matte
    widths: tuple[int, ...] = (32, 64, 128, 192, 256)
    blocks_per_scale: int = 2
    attention_reduction: int = 8  # channels of query and key = last width / reduction
    attention: bool = True  # False: the ablation without the dual attention
    fusion: bool = True  # False: the ablation that adds the decoder features and the skip
    negative_slope: float = 0.2
    epsilon: float = 1e-5


@dataclass(frozen=True)
class RefinementNetConfiguration:
    """Width of the three convolutions that restore detail to the upsampled albedo."""

    name: str = "studio"
    resolution: int = 1024
    input_channels: int = 6  # albedo, portrait
    output_channels: int = 3
    width: int = 48


@dataclass(frozen=True)
class PassTranslatorConfiguration:
    """Widths of the Pix2PixHD global generator: `base_width` doubles per scale up to `maximum_width`."""

    name: str = "studio"
    resolution: int = 1024
    input_channels: int = 7  # refined albedo, portrait, skin matte
    output_channels: int = 9  # AO, normal X, Y, Z, specular, translucency, diffuse R, G, B
    base_width: int = 32
    maximum_width: int = 256
    scales: int = 4
    blocks: int = 9
    epsilon: float = 1e-5

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels after the stem and after each stride-2 convolution."""
        return tuple(
            min(self.base_width * 2**scale, self.maximum_width) for scale in range(self.scales + 1)
        )


@dataclass(frozen=True)
class UNet6LConfiguration:
    """Widths of the paper's baseline, a U-Net of six levels; never exported for the program."""

    name: str = "studio"
    resolution: int = 512
    input_channels: int = 3
    output_channels: int = 5
    widths: tuple[int, ...] = (32, 64, 128, 192, 256, 256)
    negative_slope: float = 0.2
    epsilon: float = 1e-5


Configuration = (
    MAGINetConfiguration
    | RefinementNetConfiguration
    | PassTranslatorConfiguration
    | UNet6LConfiguration
)

CONFIGURATIONS: dict[str, dict[str, Configuration]] = {
    "studio": {
        "maginet": MAGINetConfiguration(),
        "refinement": RefinementNetConfiguration(),
        "translator": PassTranslatorConfiguration(),
        "unet6l": UNet6LConfiguration(),
    },
    "paper": {
        "maginet": MAGINetConfiguration(name="paper", widths=(64, 128, 256, 512, 1024)),
        "refinement": RefinementNetConfiguration(name="paper", width=64),
        "translator": PassTranslatorConfiguration(name="paper", base_width=64, maximum_width=1024),
        "unet6l": UNet6LConfiguration(name="paper", widths=(64, 128, 256, 512, 1024, 1024)),
    },
    "tiny": {
        "maginet": MAGINetConfiguration(name="tiny", resolution=64, widths=(4, 6, 8, 12, 16)),
        "refinement": RefinementNetConfiguration(name="tiny", resolution=64, width=6),
        "translator": PassTranslatorConfiguration(
            name="tiny", resolution=64, base_width=4, maximum_width=16, blocks=2
        ),
        "unet6l": UNet6LConfiguration(name="tiny", resolution=64, widths=(4, 6, 8, 8, 8, 8)),
    },
}


def to_json(configuration: Configuration) -> str:
    """The configuration as one line of JSON with sorted keys."""
    return json.dumps(dataclasses.asdict(configuration), sort_keys=True)


def from_json(network: str, text: str) -> Configuration:
    """The configuration of `network` from the JSON that `to_json` wrote."""
    values = json.loads(text)
    if "widths" in values:
        values["widths"] = tuple(values["widths"])
    return type(CONFIGURATIONS["studio"][network])(**values)
