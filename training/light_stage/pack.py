"""Renders samples to disk as compact files that a trainer can read while the folder grows.

    python -m light_stage.pack --data DIR --out DIR --size 256 --count 2500 --seed 1

Each sample is `NNNNNN.npy`, uint8 of shape (17, size, size): photo 3 (sRGB), albedo 3 (sRGB encoded),
normal 3 ((n + 1) / 2), specular, translucency, ao, diffuse 3 (sRGB encoded, clipped at 1), skin,
subject. Files appear whole or not at all; numbers that exist are skipped, so a run can be resumed.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from light_stage.colour import srgb_from_linear
from light_stage.stage import PHOTOGRAPHS_PER_GEOMETRY, LightStage, Sample

CHANNELS = 17


def packed(sample: Sample) -> np.ndarray:
    """The sample as (17, H, W) uint8."""
    planes = torch.cat(
        (
            sample.photo,
            srgb_from_linear(sample.albedo),
            sample.normal * 0.5 + 0.5,
            sample.specular,
            sample.translucency,
            sample.ao,
            srgb_from_linear(sample.diffuse),
            sample.skin,
            sample.subject,
        )
    )
    return (planes.clamp(0, 1) * 255 + 0.5).to(torch.uint8).cpu().numpy()


def write_atomically(path: Path, array: np.ndarray) -> None:
    """Writes beside the target and renames, so that readers never see half a file."""
    temporary = path.with_name(f".{path.name}.partial")
    with open(temporary, "wb") as file:
        np.save(file, array)
    os.replace(temporary, path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the training material")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--start", type=int, default=0, help="first sample number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    stage = LightStage(arguments.data, arguments.device, arguments.seed)
    wanted = range(arguments.start, arguments.start + arguments.count)
    missing = [n for n in wanted if not (arguments.out / f"{n:06d}.npy").exists()]
    started = time.monotonic()
    for done, (number, sample) in enumerate(stage.numbered(missing, arguments.size), start=1):
        write_atomically(arguments.out / f"{number:06d}.npy", packed(sample))
        if done % PHOTOGRAPHS_PER_GEOMETRY == 0:
            seconds = (time.monotonic() - started) / done
            print(f"{done} of {len(missing)} samples, {seconds:.2f} s each", flush=True)


if __name__ == "__main__":
    main()
