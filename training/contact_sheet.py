"""Draws a contact sheet: one row per sample, photograph and passes side by side.

python contact_sheet.py --data DIR --size 256 --rows 8 --seed 3 -o sheet.png     renders samples of the light stage
python contact_sheet.py --packed DIR --rows 8 -o sheet.png                       reads packed ones
python contact_sheet.py --program chiaro --photographs a.png b.jpg -o sheet.jpg  what the program makes of portraits:
    photograph, albedo, normal, specular, translucency, AO, raw diffuse, relit from the left, from the right
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from light_stage.pack import packed
from light_stage.stage import LightStage

# First channel and channel count of each column, in the packed order.
COLUMNS = ((0, 3), (3, 3), (6, 3), (9, 1), (10, 1), (11, 1), (12, 3), (15, 1), (16, 1))


def row_of(sample: np.ndarray) -> np.ndarray:
    """One sample (17, H, W) uint8 as a strip (H, 9 W, 3)."""
    tiles = [np.broadcast_to(sample[a : a + n], (3, *sample.shape[1:])) for a, n in COLUMNS]
    return np.concatenate(tiles, 2).transpose(1, 2, 0)


PASSES = ("albedo", "normal", "specular", "translucency", "ao", "diffuse")
RELIT = ("az=-60,el=20", "az=60,el=20")


def tile(path: Path, side: int) -> np.ndarray:
    """A picture file of 8 or 16 bits, grey or RGB, as a square (side, side, 3) uint8."""
    picture = Image.open(path)
    if picture.mode.startswith("I"):  # grey of 16 bits
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    return np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BOX))


def decomposed_row(program: Path, photograph: Path, side: int) -> np.ndarray:
    """What the program makes of a portrait that is a square already: a strip (side, 9 side, 3)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        passes = folder / "passes"
        subprocess.run(
            [program, "decompose", photograph, "--framing", "none", "--no-cache", "-o", passes],
            check=True,
        )
        tiles = [tile(photograph, side)] + [tile(passes / f"{p}.png", side) for p in PASSES]
        for light in RELIT:
            relit = folder / "relit.png"
            subprocess.run(
                [program, "relight", passes, "--crop", "--light", light, "-o", relit], check=True
            )
            tiles.append(tile(relit, side))
            relit.unlink()
    return np.concatenate(tiles, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="render from this training material")
    source.add_argument("--packed", type=Path, help="read samples of light_stage.pack")
    source.add_argument(
        "--photographs", type=Path, nargs="+", help="square portraits; needs --program"
    )
    parser.add_argument("--program", type=Path, help="the built program, chiaro")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--start", type=int, default=0, help="first sample number")
    parser.add_argument("--step", type=int, default=1, help="take every so many samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    if (arguments.photographs is None) != (arguments.program is None):
        parser.error("--photographs and --program belong together")
    if arguments.photographs:
        rows = [
            decomposed_row(arguments.program, photograph, arguments.size)
            for photograph in arguments.photographs
        ]
        Image.fromarray(np.concatenate(rows)).save(arguments.output, quality=88)
        return
    numbers = range(
        arguments.start, arguments.start + arguments.rows * arguments.step, arguments.step
    )
    if arguments.packed:
        samples = [np.load(arguments.packed / f"{number:06d}.npy") for number in numbers]
    else:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        stage = LightStage(arguments.data, device, arguments.seed)
        samples = [packed(sample) for _, sample in stage.numbered(numbers, arguments.size)]
    Image.fromarray(np.concatenate([row_of(sample) for sample in samples])).save(arguments.output)


if __name__ == "__main__":
    main()
