"""Tests of the loader for FFHQ-UV-Intrinsics on made-up maps.

python -m unittest test_ffhq_uv_intrinsics
"""

import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image

import ffhq_uv_intrinsics
from dataset import HOLD_OUT_EVERY, Augmentation, SampleFolder, unpacked
from ffhq_uv_intrinsics import map_paths, packed_subject, subjects

SIDE = 32
VALUES = {
    "diffuse": (180, 120, 90),
    "light_normalized": (170, 130, 80),
    "normal": (128, 128, 255),
    "specular": 60,
    "ao": 230,
    "translucency": 40,
}


def write_subject(folder: Path, prefix: str = "", without: str = "") -> None:
    """Even maps with a border that has no texture."""
    folder.mkdir(parents=True)
    for name, value in VALUES.items():
        if name == without:
            continue
        shape = (SIDE, SIDE, 3) if isinstance(value, tuple) else (SIDE, SIDE)
        picture = np.zeros(shape, np.uint8)
        picture[4:-4, 4:-4] = value
        Image.fromarray(picture).save(folder / f"{prefix}{name}.png")


class LoaderTests(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def test_maps_reach_their_channels(self):
        write_subject(self.folder / "0001", prefix="0001_")
        batch = unpacked(self.packed("0001").unsqueeze(0))
        centre = {name: part[0, :, 16, 16] for name, part in vars(batch).items()}
        for name, expected in (("photo", (170, 130, 80)), ("albedo", (180, 120, 90))):
            for channel in range(3):
                self.assertAlmostEqual(float(centre[name][channel]) * 255, expected[channel], 4)
        for name, expected in (("specular", 60), ("ao", 230), ("translucency", 40)):
            self.assertAlmostEqual(float(centre[name]) * 255, expected, 4)
        self.assertGreater(float(centre["normal"][2]), 0.999)
        # Less than the photograph and than the albedo under its occlusion.
        self.assertLess(float(centre["diffuse"][0]), 180 / 255 * 0.96)
        self.assertAlmostEqual(float(centre["diffuse"][2]) * 255, 80, 4)
        self.assertEqual(float(batch.skin[0, 0, 16, 16]), 1)
        self.assertEqual(float(batch.skin[0, 0, 0, 0]), 0)

    def packed(self, name: str):
        return SampleFolder.load(self.saved(packed_subject(self.folder / name, SIDE)))

    def saved(self, values: np.ndarray) -> Path:
        path = self.folder / "000000.npy"
        np.save(path, values)
        return path

    def test_larger_maps_are_averaged(self):
        write_subject(self.folder / "a")
        small = packed_subject(self.folder / "a", SIDE // 2)
        self.assertEqual(small.shape, (17, SIDE // 2, SIDE // 2))
        self.assertEqual(small[0, 8, 8], 170)

    def test_what_is_missing_or_there_twice_is_named(self):
        write_subject(self.folder / "a", without="translucency")
        with self.assertRaisesRegex(ValueError, "no map of translucency"):
            map_paths(self.folder / "a")
        write_subject(self.folder / "b")
        (self.folder / "b" / "x_diffuse.png").write_bytes(b"")
        with self.assertRaisesRegex(ValueError, "diffuse.png and x_diffuse.png are albedo"):
            map_paths(self.folder / "b")
        (self.folder / "empty").mkdir()
        with self.assertRaisesRegex(ValueError, "no subject"):
            subjects(self.folder / "empty")

    def test_a_data_set_becomes_batches_with_subjects_held_out_whole(self):
        for index in range(HOLD_OUT_EVERY):
            write_subject(self.folder / "maps" / "part-0" / f"{index:04d}")
        out = self.folder / "packed"
        arguments = ["--maps", str(self.folder / "maps"), "--out", str(out), "--size", "32"]
        with mock.patch.object(sys, "argv", ["ffhq_uv_intrinsics.py", *arguments]):
            ffhq_uv_intrinsics.main()
        samples = SampleFolder([out])
        self.assertEqual(len(samples.training), HOLD_OUT_EVERY - 1)
        self.assertEqual(len(samples.validation), 1)
        batch = next(samples.training_batches(32, 2, Augmentation(), 1))
        self.assertEqual(tuple(batch.photo.shape), (2, 3, 32, 32))


if __name__ == "__main__":
    unittest.main()
