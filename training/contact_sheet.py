"""Draws a contact sheet of the light stage: one row per sample, photograph and passes side by side.

python contact_sheet.py --data DIR --size 256 --rows 8 --seed 3 -o sheet.png     renders samples
python contact_sheet.py --packed DIR --rows 8 -o sheet.png                       reads packed ones
"""

import argparse
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="render from this training material")
    source.add_argument("--packed", type=Path, help="read samples of light_stage.pack")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--start", type=int, default=0, help="first sample number")
    parser.add_argument("--step", type=int, default=1, help="take every so many samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
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
