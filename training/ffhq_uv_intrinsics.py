"""Packs the maps of FFHQ-UV-Intrinsics (Dib et al. 2024, MoSAR) as training samples.

    python ffhq_uv_intrinsics.py --maps FOLDER --out DIR --size 256

The data set has one folder per subject with pictures in texture space: diffuse albedo, the evenly lit
texture (`light_normalized`), tangent-space normals, specular, ambient occlusion and translucency. A sample
stays in texture space: its photograph is the evenly lit texture, its raw diffuse colour what of it the
albedo can explain under the ambient occlusion, its mattes are where there is texture. Lamps and shadows are
added in training, as to any sample.

The data is licensed CC BY-NC-ND 4.0 and itself the answer of another network: what is trained on it is for
research and is not shipped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from light_stage.pack import write_atomically
from light_stage.stage import PHOTOGRAPHS_PER_GEOMETRY

# What each map is called: the whole stem of the file, or its end after a `_` or `-`.
MAP_NAMES = {
    "albedo": ("diffuse", "albedo"),
    "photo": ("light_normalized", "light_normalised"),
    "normal": ("normal", "normals"),
    "specular": ("specular", "spec"),
    "ao": ("ao", "ambient_occlusion"),
    "translucency": ("translucency",),
}
COLOUR_MAPS = ("albedo", "photo", "normal")


def subjects(folder: Path) -> list[Path]:
    """The subjects' folders in order: every folder, at any depth, with pictures and no folders in it."""
    found = sorted({path.parent for path in folder.rglob("*.png")})
    if not found:
        raise ValueError(f"{folder}: no subject's folder with .png maps")
    return found


def map_paths(subject: Path) -> dict[str, Path]:
    """The files of a subject's maps; an error names what is missing or there twice."""
    found: dict[str, Path] = {}
    for path in sorted(subject.glob("*.png")):
        stem = path.stem.lower().replace("-", "_").replace(" ", "_")
        kinds = [
            kind
            for kind, names in MAP_NAMES.items()
            if any(stem == name or stem.endswith(f"_{name}") for name in names)
        ]
        for kind in kinds:
            if kind in found:
                raise ValueError(f"{subject}: both {found[kind].name} and {path.name} are {kind}")
            found[kind] = path
    missing = [kind for kind in MAP_NAMES if kind not in found]
    if missing:
        raise ValueError(f"{subject}: no map of {', '.join(missing)}")
    return found


def read_map(path: Path, channels: int, side: int) -> np.ndarray:
    """A picture as (channels, side, side) in 0..1, averaged down or interpolated up."""
    picture = Image.open(path).convert("RGB" if channels == 3 else "L")
    filtered = Image.Resampling.BOX if picture.width > side else Image.Resampling.BILINEAR
    values = np.asarray(picture.resize((side, side), filtered), dtype="f4") / 255
    return values.transpose(2, 0, 1) if channels == 3 else values[None]


def packed_subject(subject: Path, side: int) -> np.ndarray:
    """A subject as (17, side, side) uint8 in the order of `dataset.CHANNELS`."""
    maps = {
        kind: read_map(path, 3 if kind in COLOUR_MAPS else 1, side)
        for kind, path in map_paths(subject).items()
    }
    # sRGB's exponent is near enough 2.2 for a bound that only keeps highlights out.
    diffuse = np.minimum(maps["photo"], maps["albedo"] * maps["ao"] ** (1 / 2.2))
    textured = (maps["albedo"].max(0, keepdims=True) > 0.02).astype("f4")
    names = ("photo", "albedo", "normal", "specular", "translucency", "ao")
    planes = np.concatenate([*(maps[name] for name in names), diffuse, textured, textured])
    return (planes.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--maps", type=Path, required=True, help="the unpacked data set")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    found = subjects(arguments.maps)
    for index, subject in enumerate(found):
        # A subject is a geometry of its own, so that none is both trained on and held out.
        path = arguments.out / f"{index * PHOTOGRAPHS_PER_GEOMETRY:06d}.npy"
        if not path.exists():
            write_atomically(path, packed_subject(subject, arguments.size))
        if (index + 1) % 100 == 0 or index + 1 == len(found):
            print(f"{index + 1} of {len(found)} subjects", flush=True)


if __name__ == "__main__":
    main()
