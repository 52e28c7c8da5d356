"""Tests of clothes drawn over a sample, on a made-up person; needs no training material.

python -m unittest test_outfits
"""

import unittest

import numpy as np
import torch
from torch import Tensor

from dataset import CHANNEL_COUNT, CHANNELS
from light_stage.colour import linear_from_srgb, srgb_from_linear
from outfits import CLOTH_LEVEL, dressed

SIDE = 96


def person(has_cloth: bool = True) -> dict[str, Tensor]:
    """A face above a neck above a shirt in flat colours, lit with half of the light that fills 1."""
    parts = {name: torch.zeros(CHANNEL_COUNT, SIDE, SIDE)[part] for name, part in CHANNELS.items()}
    parts["normal"][2] = 1
    parts["ao"][:] = 1
    face, neck, cloth = (
        (slice(16, 64), slice(30, 66)),
        (slice(64, 76), slice(36, 60)),
        (slice(70, SIDE), slice(16, 80)),
    )
    layers = ((cloth, 0.5, CLOTH_LEVEL), (face, 0.7, 0.4), (neck, 0.7, 0.4))
    for region, colour, level in layers[0 if has_cloth else 1 :]:
        parts["albedo"][:, *region] = colour
        parts["specular"][:, *region] = level
        parts["subject"][:, *region] = 1
    parts["skin"][:, *face] = 1
    for name in ("photo", "diffuse"):
        parts[name] = srgb_from_linear(0.5 * linear_from_srgb(parts["albedo"]))
    return parts


class OutfitTests(unittest.TestCase):
    """What changes with the clothes, and what must not."""

    def test_clothes_widen_the_subject_and_cover_skin(self):
        before = person()
        for seed in range(20):
            after = dressed(before, np.random.default_rng(seed))
            self.assertTrue((after["subject"] >= before["subject"]).all())
            self.assertTrue((after["skin"] <= before["skin"]).all())
            for name, part in after.items():
                self.assertEqual(part.shape, before[name].shape)
                self.assertTrue(((part >= 0) & (part <= 1)).all(), name)
            # The shirt hangs from the neck: the middle of what lies under it is cloth of another colour.
            self.assertAlmostEqual(float(after["specular"][0, 94, 48]), CLOTH_LEVEL, places=3)
            self.assertGreater(
                float((after["albedo"] - before["albedo"])[:, 94, 48].abs().max()), 0.01
            )
            # The face lies above all of it.
            self.assertTrue((after["albedo"][:, 16:48] == before["albedo"][:, 16:48]).all())

    def test_new_cloth_is_lit_as_the_old(self):
        ratios = []
        for seed in range(40):
            after = dressed(person(), np.random.default_rng(seed))
            light = linear_from_srgb(after["diffuse"][:, 94, 44:52])
            ratios.append(float((light / linear_from_srgb(after["albedo"][:, 94, 44:52])).median()))
        # Folds and shadows vary it around one half.
        self.assertLess(abs(np.median(ratios) - 0.5), 0.15)
        self.assertGreater(np.std(ratios), 0.02)

    def test_a_seed_gives_one_outfit(self):
        first, second = (dressed(person(), np.random.default_rng(7)) for _ in range(2))
        self.assertTrue(all((first[name] == second[name]).all() for name in first))

    def test_without_clothes_or_a_face_nothing_changes(self):
        naked, faceless = person(has_cloth=False), person()
        faceless["skin"][:] = 0
        for parts in (naked, faceless):
            self.assertIs(dressed(parts, np.random.default_rng(1)), parts)


if __name__ == "__main__":
    unittest.main()
