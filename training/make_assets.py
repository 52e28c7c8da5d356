"""Writes the assets the program ships: four environments and the sample portrait with its passes.

    python make_assets.py environments --assets ../assets
    python make_assets.py portrait --assets ../assets --data DIR [--size 1024] [--candidate N]

Both are deterministic. `passes.json` of the sample's pass folder is written by the program itself.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from light_stage.camera import frame_face
from light_stage.colour import srgb_from_linear
from light_stage.environments import ENVIRONMENTS, write_radiance
from light_stage.lighting import Lamp, Lighting, blackbody_tint, direction_from_angles
from light_stage.random_source import RandomSource
from light_stage.renderer import RenderedPasses
from light_stage.stage import LightStage

SEED = 2026
HAIR, BROWS = "hair_short02", "brow_eyebrow010"


def write_environments(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, paint in ENVIRONMENTS.items():
        write_radiance(folder / f"{name}.hdr", paint())


def _lamp(azimuth: float, elevation: float, kelvin: float, strength: float, radius: float) -> Lamp:
    direction = direction_from_angles(math.radians(azimuth), math.radians(elevation))
    return Lamp(direction, blackbody_tint(kelvin) * strength, math.radians(radius))


def render_portrait(data: Path, size: int, candidate: int) -> tuple[RenderedPasses, torch.Tensor]:
    """The sample portrait: a soft key from upper right, weak fill, a cool rim from behind; and its gain."""
    stage = LightStage(data, "cpu", SEED)
    random = RandomSource(SEED, 7, candidate)
    hair, brows = stage.props.style(HAIR), stage.props.style(BROWS)
    geometry = stage.builder.draw(random, hair, brows)
    look = stage.draw_look(random, needs_brows=True)
    look.hair_colour = torch.tensor((0.060, 0.033, 0.019))
    look.cloth_texture = None
    look.cloth_colour = torch.tensor((0.045, 0.085, 0.105))
    look.skin.stubble = 0.0
    camera = frame_face(geometry.landmarks, math.radians(14), math.radians(-3), 0.0, distance=110.0)
    camera.half_size *= 1.08
    lighting = Lighting(
        environment=stage.environments.maps[5],
        levels=[level[5] for level in stage.environments.levels],
        rotation=torch.eye(3),
        tint=torch.full((3,), 0.16),
        lamps=[
            _lamp(38, 34, 5000, 2.6, 12),
            _lamp(-150, 28, 7500, 1.2, 6),
            _lamp(-65, 5, 6200, 0.35, 30),
        ],
    )
    x = torch.linspace(-1, 1, size)
    distance = ((x[None] - 0.25) ** 2 + (x[:, None] + 0.1) ** 2).sqrt()
    background = torch.tensor((0.055, 0.062, 0.072))[:, None, None] * (
        0.35 + 1.4 * (-distance * 1.3).exp()
    )
    rendered = stage.renderer.render(geometry, look, camera, lighting, background, size)
    weight = rendered.skin
    level = (rendered.colour.mean(0) * weight[0]).sum() / weight.sum()
    return rendered, 0.24 / level


def write_portrait(folder: Path, rendered: RenderedPasses, gain: torch.Tensor) -> None:
    """Writes `sample.png` and the pass folder beside it."""
    passes = folder / "sample-passes"
    passes.mkdir(parents=True, exist_ok=True)
    linear = rendered.colour * gain
    # A shoulder keeps highlights from clipping.
    knee = 0.7
    over = (linear - knee).clamp(min=0)
    linear = linear.clamp(max=knee) + (1 - knee) * (1 - (-over / (1 - knee)).exp())
    _save(folder / "sample.png", srgb_from_linear(linear))
    inside = (rendered.subject > 0).float()
    pictures = {
        "albedo": srgb_from_linear(rendered.albedo * inside),
        "normal": rendered.normal * 0.5 + 0.5,
        "specular": rendered.specular * inside,
        "translucency": rendered.translucency * inside,
        "ao": rendered.ao * inside,
        "diffuse": srgb_from_linear(rendered.diffuse * gain * inside),
        "skin": rendered.skin,
        "subject": rendered.subject,
    }
    for name, picture in pictures.items():
        _save(passes / f"{name}.png", picture)


def _save(path: Path, picture: torch.Tensor) -> None:
    data = (picture.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()
    image = Image.fromarray(data[..., 0] if data.shape[2] == 1 else np.ascontiguousarray(data))
    image.save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("environments", "portrait"))
    parser.add_argument("--assets", type=Path, default=Path(__file__).parent.parent / "assets")
    parser.add_argument("--data", type=Path, help="training material, for the portrait")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--candidate", type=int, default=27, help="which head to draw")
    arguments = parser.parse_args()
    # One thread: sums in another order would change last bits.
    torch.set_num_threads(1)
    if arguments.what == "environments":
        write_environments(arguments.assets / "environments")
        return
    if arguments.data is None:
        parser.error("the portrait needs --data")
    with torch.no_grad():
        rendered, gain = render_portrait(arguments.data, arguments.size, arguments.candidate)
    write_portrait(arguments.assets / "portraits", rendered, gain)


if __name__ == "__main__":
    main()
