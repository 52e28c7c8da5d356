"""Packed training samples: reading, augmentation, and batches from a folder that may still grow.

A sample is one file `NNNNNN.npy`, uint8 (17, H, W), in the channel order of `CHANNELS`: photo, albedo
and diffuse sRGB-encoded; normal as (n + 1) / 2; the rest linear 0..1. The light stage photographs each
geometry `PHOTOGRAPHS_PER_GEOMETRY` times; every sixteenth geometry is held out for validation and never
trained on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from light_stage.skin import HAEMOGLOBIN, MELANIN_SPOT
from light_stage.stage import PHOTOGRAPHS_PER_GEOMETRY
from outfits import HAIR_LEVEL, dressed, has_level

CHANNELS = {
    "photo": slice(0, 3),
    "albedo": slice(3, 6),
    "normal": slice(6, 9),
    "specular": slice(9, 10),
    "translucency": slice(10, 11),
    "ao": slice(11, 12),
    "diffuse": slice(12, 15),
    "skin": slice(15, 16),
    "subject": slice(16, 17),
}
CHANNEL_COUNT = 17
HOLD_OUT_EVERY = 16
HELD_OUT_REMAINDER = 15
RESCAN_SECONDS = 20.0
# By how much skin is darker in all colours, in logarithms, where it is redder than green by one.
GREY_PER_REDNESS = 1.5
# Mean green albedo of skin that is dark and of skin that is pale in what follows; between them it is partly both.
TONED = (0.07, 0.12)
# Log reflectance that melanin takes from dark skin, as its spots take `MELANIN_SPOT` from pale skin; an estimate,
# by which the darkest skin nears the grey of its surface.
DARK_MELANIN = torch.tensor((-0.95, -0.85, -0.65))
# How much of the colour of blood is seen through dark skin; an estimate.
DARK_BLOOD = 0.3
# Occlusion and translucency from which on skin is wholly hidden, and thin.
HIDDEN = 0.3
THIN = 0.05
# Albedo below which logarithms are those of the file's rounding.
DARKEST = 0.004
# Exponents on the shading between which light is flatter, as a ring flash's, or harsher, as the bare sun's.
FLATTEST = 0.2
HARSHEST = 2.0
# Factor by which that brightens or darkens at most, and the albedo that it is steadied by on dark hair.
LARGEST_CONTRAST_GAIN = 6.0
STEADY = 0.01
# What few dark levels of a file can be stretched to.
LARGEST_HAIR_GAIN = 8.0
# Detail of this log contrast is hardly skin any more.
OTHER_THAN_SKIN = 0.7

# Mean linear luminance of the skin's albedo that separates dark, medium and light tones.
TONE_LIMITS = (0.14, 0.30)
TONES = ("dark", "medium", "light")


@dataclass
class Batch:
    """Samples in the encodings of the networks: colours sRGB 0..1, normals unit, mattes 0..1."""

    photo: Tensor
    albedo: Tensor
    normal: Tensor
    specular: Tensor
    translucency: Tensor
    ao: Tensor
    diffuse: Tensor
    skin: Tensor
    subject: Tensor

    @property
    def portrait(self) -> Tensor:
        """The photograph as the networks take it, −1..1."""
        return self.photo * 2 - 1

    def map(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """The batch with `change` applied to every part: a device, a crop, a memory format."""
        return Batch(**{name: change(value) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Augmentation:
    """How far a sample is varied; everything that holds for all of it is drawn once per sample."""

    flip: float = 0.5  # probability
    outfit: float = 0.35  # probability of other clothes, where there is a neck to hang them from
    crop: float = 0.65  # smallest side of the random crop, relative to the picture: several scales
    skin_tone: float = 0.08  # standard deviation of the log gain on the skin's albedo
    skin_hue: float = 0.1  # … and of its deviation per channel
    blood: float = 0.9  # largest standard deviation of blotches of haemoglobin, in its unit
    melanin: float = 0.3  # … and of melanin
    grey_hair: float = 0.2  # probability that hair turns grey or white
    smooth: float = 0.85  # probability of skin with less detail, down to a fifth
    baked: float = 0.7  # probability that shade painted into nostrils and sockets is taken out
    grey: float = 0.9  # probability that grey detail of the skin is coloured by pigment
    background: float = 0.3  # probability of another sample's photograph behind, out of focus
    matte: float = 0.4  # probability that the subject's highlights are dimmed, by up to 90 %
    glossy: float = 0.3  # probability that they are stronger, up to three times
    contrast: float = 0.6  # probability of flatter or harsher light
    added_light: float = 0.5  # probability of one more light without cast shadow
    shadow: float = 0.3  # probability of a soft or hard shadow from something out of the picture
    # The light stage varies the exposure itself; more would hide the skin's tone.
    least_stops: float = -0.9
    most_stops: float = 0.2
    white_balance: float = 0.04  # standard deviation of the log gain of red and blue
    gamma: float = 0.08  # standard deviation of the log exponent on the photograph alone
    noise: float = 0.004  # largest standard deviation, sRGB units; the light stage has its own


def linear_from_srgb(value: Tensor) -> Tensor:
    """sRGB decoding (IEC 61966-2-1)."""
    return torch.where(
        value <= 0.04045, value / 12.92, ((value.clamp_min(0) + 0.055) / 1.055) ** 2.4
    )


def srgb_from_linear(value: Tensor) -> Tensor:
    """sRGB encoding, clamped to 0..1."""
    value = value.clamp(0, 1)
    return torch.where(
        value <= 0.0031308, value * 12.92, 1.055 * value.clamp_min(1e-6) ** (1 / 2.4) - 0.055
    )


def luminance(linear: Tensor) -> Tensor:
    """Rec.709 luminance (N, 1, H, W)."""
    return (linear * linear.new_tensor([0.2126, 0.7152, 0.0722]).view(1, 3, 1, 1)).sum(
        1, keepdim=True
    )


def mean_within(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of each channel over a mask (N, C, 1, 1); the floor keeps an empty mask from dividing by zero."""
    area = mask.sum((2, 3), keepdim=True).clamp_min(1)
    return (values * mask).sum((2, 3), keepdim=True) / area


def resampled(picture: Tensor, side: int) -> Tensor:
    """Area average down, bilinear up, to a square of `side`."""
    if picture.shape[-1] == side and picture.shape[-2] == side:
        return picture
    if picture.shape[-1] > side:
        return F.interpolate(picture, size=(side, side), mode="area")
    return F.interpolate(picture, size=(side, side), mode="bilinear", align_corners=False)


def unpacked(samples: Tensor) -> Batch:
    """A batch from packed values (N, 17, H, W) in 0..1."""
    parts = {name: samples[:, channels] for name, channels in CHANNELS.items()}
    normal = parts["normal"] * 2 - 1
    parts["normal"] = normal / normal.square().sum(1, keepdim=True).add(1e-6).sqrt()
    return Batch(**parts)


def augmented_geometry(
    sample: Tensor, side: int, a: Augmentation, random: np.random.Generator
) -> Tensor:
    """One packed sample (17, H, W) in 0..1: other clothes, random crop, flip, resize."""
    if random.random() < a.outfit:
        parts = {name: sample[channels] for name, channels in CHANNELS.items()}
        sample = torch.cat(list(dressed(parts, random).values()))
    extent = min(sample.shape[-2:])
    crop = round(extent * random.uniform(a.crop, 1.0))
    y, x = (int(random.integers(0, extent - crop + 1)) for _ in range(2))
    sample = sample[:, y : y + crop, x : x + crop]
    if random.random() < a.flip:
        sample = sample.flip(-1).clone()
        sample[CHANNELS["normal"].start] = 1 - sample[CHANNELS["normal"].start]
    return resampled(sample.unsqueeze(0), side)[0]


class LightAugmentation:
    """Varies skin, light and camera of a batch, keeping every pass true to the new photograph.

    Works on linear light as if the camera's curve were sRGB's alone, which the light stage's cameras only
    approximate; the sizes of the changes are chosen so that this does not matter.
    """

    def __init__(self, augmentation: Augmentation, random: np.random.Generator):
        self.augmentation = augmentation
        self.random = random

    def gaussian(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return torch.from_numpy(self.random.standard_normal(shape).astype("f4"))

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform numbers."""
        return torch.from_numpy(self.random.uniform(low, high, shape).astype("f4"))

    def chosen(self, count: int, probability: float) -> Tensor:
        """Which samples something happens to (N, 1, 1, 1)."""
        return self.uniform(0, 1, count, 1, 1, 1) < probability

    def __call__(self, batch: Batch) -> Batch:
        """A varied copy; the order is the order in nature: skin, light, camera."""
        albedo = linear_from_srgb(batch.albedo)
        photo, diffuse = linear_from_srgb(batch.photo), linear_from_srgb(batch.diffuse)
        photo = self.other_background(batch, photo)
        photo = self.other_highlights(batch, photo, diffuse)
        tone = self.skin_gain(batch, albedo) * self.hair_gain(batch, albedo)
        # What is not diffuse, the highlights, keeps its strength when the skin changes.
        photo = photo + (tone - 1) * torch.minimum(diffuse, photo)
        albedo, diffuse = (albedo * tone).clamp(0, 1), diffuse * tone
        contrast = self.contrast_gain(batch, albedo, diffuse)
        photo, diffuse = photo * contrast, diffuse * contrast
        added = self.added_light(batch, albedo)
        shadow = self.shadow(batch)
        photo, diffuse = (photo + added) * shadow, (diffuse + added) * shadow
        gain = self.gain(photo.shape[0], added)
        photo, diffuse = srgb_from_linear(photo * gain), srgb_from_linear(diffuse * gain)
        changed = {
            "photo": self.camera(photo),
            "diffuse": diffuse,
            "albedo": srgb_from_linear(albedo),
        }
        return Batch(**{**vars(batch), **changed})

    def other_background(self, batch: Batch, photo: Tensor) -> Tensor:
        """The linear photograph before its neighbour's, out of focus: hair and skin behind hair and skin."""
        count, size = photo.shape[0], photo.shape[-1]
        cells = round(2 ** self.random.uniform(3, np.log2(size / 3)))
        behind = F.interpolate(photo.roll(1, 0), size=(cells, cells), mode="area")
        behind = behind.roll(tuple(self.random.integers(0, cells, 2)), (2, 3))
        behind = F.interpolate(behind, size=(size, size), mode="bicubic", align_corners=False)
        behind = behind.clamp_min(0) * 2 ** self.uniform(-1, 1, count, 1, 1, 1)
        used = self.chosen(count, self.augmentation.background)
        return torch.where(used, torch.lerp(behind, photo, batch.subject), photo)

    def other_highlights(self, batch: Batch, photo: Tensor, diffuse: Tensor) -> Tensor:
        """The linear photograph with duller or oilier skin and hair: another gain on what is brighter than
        the raw diffuse."""
        a, count = self.augmentation, batch.photo.shape[0]
        duller = 1 - self.uniform(0, 0.9, count, 1, 1, 1) * self.chosen(count, a.matte)
        oilier = 1 + self.uniform(0, 2, count, 1, 1, 1) * self.chosen(count, a.glossy)
        return photo + (duller * oilier - 1) * (photo - diffuse).clamp_min(0) * batch.subject

    def skin_gain(self, batch: Batch, albedo: Tensor) -> Tensor:
        """Factor on the albedo, 1 off the skin (N, 3, H, W): another tone, and other pigments."""
        a, count = self.augmentation, batch.photo.shape[0]
        log_gain = self.gaussian(count, 1) * a.skin_tone + self.gaussian(count, 3) * a.skin_hue
        detail = albedo.clamp_min(DARKEST).log()
        tone = mean_within(detail, batch.skin)
        darkest, palest = TONED
        pale = ((tone[:, 1:2].exp() - darkest) / (palest - darkest)).clamp(0, 1)
        log_gain = log_gain.view(count, 3, 1, 1) + self.other_detail(batch, detail - tone, pale)
        pigments = (
            (a.blood, HAEMOGLOBIN, DARK_BLOOD * HAEMOGLOBIN),
            (a.melanin, MELANIN_SPOT, DARK_MELANIN),
        )
        for largest, on_pale, on_dark in pigments:
            strength = self.uniform(0, 1, count, 1, 1, 1) ** 2 * largest
            pigment = torch.lerp(on_dark.view(1, 3, 1, 1), on_pale.view(1, 3, 1, 1), pale)
            log_gain = log_gain + self.blotches(batch) * strength * pigment
        return 1 + (log_gain.clamp(max=0.5).exp() - 1) * batch.skin

    def hair_gain(self, batch: Batch, albedo: Tensor) -> Tensor:
        """Factor on the albedo, 1 off the hair (N, 3, H, W), that makes it grey or white."""
        count = albedo.shape[0]
        is_hair = has_level(HAIR_LEVEL, batch.specular, batch.translucency)
        hair = is_hair * batch.subject * (1 - batch.skin)
        mean = mean_within(albedo, hair)
        wanted = self.uniform(0.15, 0.55, count, 1, 1, 1) * self.uniform(0.8, 1, count, 3, 1, 1)
        gain = (wanted / mean.clamp_min(DARKEST)).clamp(max=LARGEST_HAIR_GAIN)
        used = self.chosen(count, self.augmentation.grey_hair)
        return 1 + (gain - 1) * hair * used

    def other_detail(self, batch: Batch, detail: Tensor, pale: Tensor) -> Tensor:
        """Log gain (N, 3, H, W) that takes painted shade from the skin, weakens its detail and colours it.

        Skin darkens and reddens at once, by melanin and blood (Tsumura et al. 2003, "Image-based skin color
        and texture analysis/synthesis by extracting hemoglobin and melanin information in the skin"); grey
        detail in the scans is mostly light that was left in them.

        `detail` is the log albedo less the skin's mean (N, 3, H, W), `pale` how pale that is, 0 to 1.
        """
        a, count = self.augmentation, batch.photo.shape[0]
        is_smooth = self.chosen(count, a.smooth)
        contrast = 1 - self.uniform(0, 0.8, count, 1, 1, 1) * is_smooth * (0.25 + 0.75 * pale)
        redness = detail[:, 0:1] - detail[:, 1:2]
        grey = detail.mean(1, keepdim=True) + GREY_PER_REDNESS * redness
        # Thin skin that little light reaches is dark in the scans; eyes and teeth are not thin skin.
        hidden = ((1 - batch.ao) / HIDDEN).clamp(0, 1) * (batch.translucency / THIN).clamp(0, 1)
        unbaked = self.chosen(count, a.baked)
        shade = grey.clamp(max=0) * hidden * self.uniform(0, 1, count, 1, 1, 1) * unbaked
        # Eyes, teeth, brows and make-up stay as they are.
        usual = (-(detail.mean(1, keepdim=True) / OTHER_THAN_SKIN).square()).exp()
        detail, grey = (detail - shade) * usual, (grey - shade) * usual
        blood = self.uniform(0, 1, count, 1, 1, 1)
        pigment = torch.lerp(
            (MELANIN_SPOT / MELANIN_SPOT.mean()).view(1, 3, 1, 1),
            (HAEMOGLOBIN / HAEMOGLOBIN.mean()).view(1, 3, 1, 1),
            blood,
        )
        coloured = self.uniform(0, 1, count, 1, 1, 1).sqrt()
        coloured = coloured * self.chosen(count, a.grey)
        # Where there is much melanin more of it takes all colours alike.
        coloured = coloured * pale
        return (contrast - 1) * detail + contrast * coloured * grey * (pigment - 1) - shade

    def blotches(self, batch: Batch) -> Tensor:
        """Noise, of deviation 0.75, of octaves between a third of the picture and some pixels."""
        count, size = batch.photo.shape[0], batch.photo.shape[-1]
        finest = 2 ** self.random.uniform(2, np.log2(size / 2))
        falloff = self.random.uniform(0.5, 1.0)
        field, power, weight = torch.zeros(count, 1, size, size), 0.0, 1.0
        while finest > 2.5:
            cells = round(finest)
            octave = self.gaussian(count, 1, cells, cells)
            field = field + weight * F.interpolate(
                octave, size=(size, size), mode="bicubic", align_corners=False
            )
            power, weight, finest = power + weight**2, weight / falloff, finest / 2
        return field * power**-0.5

    def contrast_gain(self, batch: Batch, albedo: Tensor, diffuse: Tensor) -> Tensor:
        """Factor on the light (N, 1, H, W), 1 behind the subject: its shading raised to a power about the
        subject's mean, so that shadows and pores are shallower, as in flat light, or deeper."""
        count = albedo.shape[0]
        shading = ((luminance(diffuse) + STEADY) / (luminance(albedo) + STEADY)).log()
        shading = shading - mean_within(shading, batch.subject)
        power = self.uniform(FLATTEST, HARSHEST, count, 1, 1, 1)
        limit = np.log(LARGEST_CONTRAST_GAIN)
        gain = ((power - 1) * shading).clamp(-limit, limit).exp()
        return 1 + (gain - 1) * batch.subject * self.chosen(count, self.augmentation.contrast)

    def added_light(self, batch: Batch, albedo: Tensor) -> Tensor:
        """Lambertian reflection of one more directional light, dimmed by the ambient occlusion."""
        count = batch.photo.shape[0]
        direction = self.gaussian(count, 3) + torch.tensor([0.0, 0.2, 0.7])
        direction = direction / direction.norm(dim=1, keepdim=True)
        cosine = (batch.normal * direction.view(count, 3, 1, 1)).sum(1, keepdim=True).clamp_min(0)
        colour = (self.gaussian(count, 3) * 0.15).exp() * self.uniform(0, 2.0, count, 1)
        used = (self.uniform(0, 1, count, 1) < self.augmentation.added_light).float()
        irradiance = cosine * batch.ao * (colour * used).view(count, 3, 1, 1)
        return albedo * irradiance * batch.subject

    def shadow(self, batch: Batch) -> Tensor:
        """Factor in 0..1 of a shadow with a random shape and edge (N, 1, H, W)."""
        count, size = batch.photo.shape[0], batch.photo.shape[-1]
        field = F.interpolate(
            self.gaussian(count, 1, 5, 5), size=(size, size), mode="bicubic", align_corners=False
        )
        sharpness = 10 ** self.uniform(0.3, 1.5, count, 1, 1, 1)
        covered = torch.sigmoid((field - 0.3) * sharpness)
        used = self.chosen(count, self.augmentation.shadow)
        return 1 - covered * self.uniform(0.2, 0.8, count, 1, 1, 1) * used

    def gain(self, count: int, added: Tensor) -> Tensor:
        """Exposure and white balance (N, 3, 1, 1); an added light is exposed for, as a camera would."""
        a = self.augmentation
        stops = self.uniform(a.least_stops, a.most_stops, count, 1)
        balance = self.gaussian(count, 3) * a.white_balance
        balance[:, 1] = 0
        gain = 2.0**stops * balance.exp() / (1 + 2 * added.mean((1, 2, 3)).view(count, 1))
        return gain.view(count, 3, 1, 1)

    def camera(self, photo: Tensor) -> Tensor:
        """Gamma and noise on the photograph alone."""
        a, count = self.augmentation, photo.shape[0]
        photo = photo.clamp_min(1e-4) ** (self.gaussian(count, 1, 1, 1) * a.gamma).exp()
        sigma = self.uniform(0, a.noise, count, 1, 1, 1)
        return (photo + self.gaussian(*photo.shape) * sigma).clamp(0, 1)


class SampleFolder:
    """The samples of one or more folders, rescanned while they grow."""

    def __init__(self, folders: list[Path]):
        self.folders = folders
        self.training: list[Path] = []
        self.validation: list[Path] = []
        self.scanned = 0.0
        self.rescan()

    def rescan(self) -> None:
        """Looks for new files; a file counts once it has its final name."""
        files = sorted(path for folder in self.folders for path in folder.glob("*.npy"))
        files = [path for path in files if path.stem.isdigit()]
        groups = [int(path.stem) // PHOTOGRAPHS_PER_GEOMETRY for path in files]
        held_out = [group % HOLD_OUT_EVERY == HELD_OUT_REMAINDER for group in groups]
        self.training = [path for path, held in zip(files, held_out) if not held]
        self.validation = [path for path, held in zip(files, held_out) if held]
        self.scanned = time.monotonic()

    @staticmethod
    def load(path: Path) -> Tensor:
        """A packed sample as float 0..1."""
        values = np.load(path)
        if values.dtype != np.uint8 or values.ndim != 3 or values.shape[0] != CHANNEL_COUNT:
            found = f"{values.dtype} {values.shape}"
            raise ValueError(f"{path}: expected uint8 ({CHANNEL_COUNT}, H, W), found {found}")
        return torch.from_numpy(values).float().div_(255)

    def training_batches(
        self, size: int, count: int, augmentation: Augmentation, seed: int
    ) -> Iterator[Batch]:
        """Endless augmented batches, drawn with replacement."""
        random = np.random.default_rng(seed)
        vary_light = LightAugmentation(augmentation, random)
        while True:
            if time.monotonic() - self.scanned > RESCAN_SECONDS:
                self.rescan()
            if not self.training:
                raise ValueError(f"no samples in {', '.join(map(str, self.folders))}")
            chosen = random.integers(0, len(self.training), count)
            samples = [
                augmented_geometry(self.load(self.training[i]), size, augmentation, random)
                for i in chosen
            ]
            yield vary_light(unpacked(torch.stack(samples)))

    def validation_batches(self, size: int, limit: int) -> Iterator[Batch]:
        """Up to `limit` held-out samples one by one, evenly spread, unaugmented."""
        step = max(len(self.validation) // max(limit, 1), 1)
        for path in self.validation[::step][:limit]:
            yield unpacked(resampled(self.load(path).unsqueeze(0), size))


def tone_of(batch: Batch) -> str:
    """The tone group of a single sample by the mean luminance of its true skin albedo."""
    mask = (batch.skin > 0.5).float()
    mean = (luminance(linear_from_srgb(batch.albedo)) * mask).sum() / mask.sum().clamp_min(1)
    return TONES[sum(float(mean) > limit for limit in TONE_LIMITS)]
