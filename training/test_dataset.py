"""Tests of the augmentation: what happens to skin, and that photograph and passes stay of one piece."""

import unittest
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dataset import (
    DARK_BLOOD,
    FLATTEST,
    HARSHEST,
    Augmentation,
    Batch,
    LightAugmentation,
    linear_from_srgb,
    srgb_from_linear,
)
from outfits import HAIR_LEVEL

SIDE = 48
UNVARIED = Augmentation(
    skin_tone=0,
    skin_hue=0,
    blood=0,
    melanin=0,
    smooth=0,
    grey_hair=0,
    baked=0,
    grey=0,
    background=0,
    matte=0,
    glossy=0,
    contrast=0,
    added_light=0,
    shadow=0,
    least_stops=0,
    most_stops=0,
    white_balance=0,
    gamma=0,
    noise=0,
)


def striped_skin(count: int) -> Batch:
    """Skin with grey stripes of 20 % under an even light, and a black eye in a corner."""
    stripes = torch.linspace(0, 12, SIDE).sin() * 0.2
    albedo = torch.tensor([0.45, 0.3, 0.22]).view(1, 3, 1, 1) * stripes.exp().view(1, 1, 1, SIDE)
    albedo = albedo.expand(count, 3, SIDE, SIDE).clone()
    albedo[:, :, :4, :4] = 0.01
    zero, one = (torch.full((count, 1, SIDE, SIDE), value) for value in (0.0, 1.0))
    normal = torch.tensor([0.0, 0.0, 1.0]).view(1, 3, 1, 1).expand_as(albedo)
    lit = srgb_from_linear(albedo * 0.8)
    batch = Batch(lit, srgb_from_linear(albedo), normal, zero, zero, one, lit, one, one)
    return batch.map(Tensor.clone)


def varied(batch: Batch, **changes: float) -> Batch:
    """A batch after an augmentation in which only `changes` happen."""
    return LightAugmentation(replace(UNVARIED, **changes), np.random.default_rng(3))(batch)


def detail(batch: Batch) -> Tensor:
    """Log albedo (N, 3, n) of the skin without the eye, less its mean."""
    logarithm = linear_from_srgb(batch.albedo)[:, :, 6:].flatten(2).log()
    return logarithm - logarithm.mean(2, keepdim=True)


class SkinTests(unittest.TestCase):
    def test_without_variation_nothing_changes(self):
        before, after = striped_skin(2), varied(striped_skin(2))
        for name, part in vars(before).items():
            self.assertLess((getattr(after, name) - part).abs().max(), 1e-5, name)

    def test_grey_detail_turns_redder_where_it_is_darker(self):
        before, after = detail(striped_skin(8)), detail(varied(striped_skin(8), grey=1))
        level = after.mean(1)
        redness = after[:, 0] - after[:, 1]
        slope = (redness * level).sum(1) / level.square().sum(1)
        self.assertTrue((slope < -0.02).all(), slope)
        self.assertLess(slope.min(), -0.3)
        self.assertLess((level - before.mean(1)).abs().max(), 0.01)

    def test_smooth_skin_has_less_detail_of_the_same_colour(self):
        before, after = detail(striped_skin(8)), detail(varied(striped_skin(8), smooth=1))
        share = (after * before).sum((1, 2)) / before.square().sum((1, 2))
        self.assertTrue((share < 1).all() and (share > 0.2).all(), share)
        self.assertLess(share.min(), 0.6)
        self.assertLess((after - share.view(-1, 1, 1) * before).abs().max(), 0.02)

    def test_eyes_stay_as_they_are(self):
        for after in (varied(striped_skin(8), smooth=1), varied(striped_skin(8), grey=1)):
            eye = linear_from_srgb(after.albedo)[:, :, 1:3, 1:3]
            self.assertLess((eye - 0.01).abs().max(), 0.002)

    def test_painted_shade_is_taken_from_hidden_thin_skin_alone(self):
        batch = striped_skin(16)
        batch.ao[:, :, 20:] = 0.6
        batch.translucency[:, :, 20:, 24:] = 0.2
        after = varied(batch, baked=1)
        change = (linear_from_srgb(after.albedo) / linear_from_srgb(batch.albedo)).log()
        nostril = change[:, :, 20:, 24:]
        dark = linear_from_srgb(batch.albedo)[:, :1, 20:, 24:] < 0.4
        self.assertGreater((nostril * dark).amax((1, 2, 3)).mean(), 0.03)
        self.assertGreater((nostril * dark).max(), 0.08)
        self.assertGreater(nostril.min(), -0.01)
        change[:, :, 20:, 24:] = 0
        self.assertLess(change.abs().max(), 0.01)

    def test_light_on_skin_stays_when_pigments_change(self):
        after = varied(striped_skin(8), smooth=1, grey=1, blood=0.9, melanin=0.3)
        light = linear_from_srgb(after.photo) / linear_from_srgb(after.albedo)
        self.assertLess((light - 0.8).abs().max(), 0.01)
        self.assertLess((after.photo - after.diffuse).abs().max(), 1e-5)

    def test_hair_turns_grey_and_its_strands_stay(self):
        batch = striped_skin(8)
        batch.specular[:, :, 12:] = HAIR_LEVEL  # glossy skin has it, too
        batch.skin[:, :, 24:] = 0
        before = linear_from_srgb(batch.albedo)
        after = varied(batch, grey_hair=1)
        gain = linear_from_srgb(after.albedo) / before
        self.assertLess((gain[:, :, :24] - 1).abs().max(), 1e-3)
        hair = linear_from_srgb(after.albedo)[:, :, 24:].mean((2, 3))
        self.assertLess((hair.amax(1) / hair.amin(1)).max(), 1.26)
        self.assertLess(
            (gain[:, :, 24:].amax((2, 3)) / gain[:, :, 24:].amin((2, 3)) - 1).max(), 1e-3
        )

    def test_melanin_reddens_pale_skin_and_blood_shows_less_on_dark_skin(self):
        def change(gain: float, **pigment: float) -> Tensor:
            batch = striped_skin(8)
            even = torch.tensor([0.45, 0.3, 0.22]).view(1, 3, 1, 1).expand(8, 3, SIDE, SIDE) * gain
            batch.albedo = srgb_from_linear(even)
            after = linear_from_srgb(varied(batch, **pigment).albedo) / even
            return after.log().permute(1, 0, 2, 3).flatten(1)

        for gain, sign in ((1.0, -1), (0.2, 1)):
            red, green, _ = change(gain, melanin=0.3)
            self.assertGreater(sign * ((red - green) * green).sum(), 0, f"gain {gain}")
        pale, dark = (change(gain, blood=0.9)[1].square().mean().sqrt() for gain in (1.0, 0.2))
        self.assertAlmostEqual(float(dark / pale), DARK_BLOOD, delta=0.05)

    def test_flatter_and_harsher_light_raises_the_shading_to_a_power_and_keeps_the_skin(self):
        batch = striped_skin(24)
        shading = torch.linspace(-2, 0, SIDE).view(1, 1, SIDE, 1)
        lit = srgb_from_linear(linear_from_srgb(batch.albedo) * shading.exp())
        batch.photo, batch.diffuse = lit.clone(), lit.clone()
        batch.subject[:, :, :, 40:] = 0
        after = varied(batch, contrast=1)
        self.assertLess((after.albedo - batch.albedo).abs().max(), 1e-5)
        self.assertLess((after.photo - batch.photo)[..., 40:].abs().max(), 1e-5)
        light = linear_from_srgb(after.diffuse) / linear_from_srgb(after.albedo)
        light = light.log().mean(1)[:, :, 6:40]  # beside the eye
        powers = (light[:, -1] - light[:, 0]).mean(1) / 2
        self.assertLess(powers.min(), 0.5)
        self.assertGreater(powers.max(), 1.2)
        self.assertGreater(powers.min(), FLATTEST - 0.05)
        self.assertLess(powers.max(), HARSHEST + 0.05)
        self.assertLess((after.photo - after.diffuse).abs().max(), 1e-5)

    def test_exposure_stays_within_its_stops(self):
        augmentation = LightAugmentation(
            replace(UNVARIED, least_stops=-0.6, most_stops=0.2), np.random.default_rng(5)
        )
        stops = augmentation.gain(200, torch.zeros(200, 3, 1, 1)).log2()
        self.assertTrue((stops > -0.61).all() and (stops < 0.21).all())
        self.assertTrue((stops.min() < -0.55) and (stops.max() > 0.15))

    def test_blotches_have_many_sizes_and_one_strength(self):
        augmentation = LightAugmentation(UNVARIED, np.random.default_rng(5))
        fields = [augmentation.blotches(striped_skin(4)) for _ in range(24)]
        self.assertAlmostEqual(float(torch.cat(fields).square().mean().sqrt()), 0.75, delta=0.2)
        steps = torch.stack([field.diff(dim=3).abs().mean() for field in fields])
        self.assertGreater(steps.max(), 3 * steps.min())


if __name__ == "__main__":
    unittest.main()
