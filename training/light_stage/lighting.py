"""Environment maps and lamps, in camera space: +x image right, +y up, +z towards the camera.

A camera-space lat-long map has row 0 straight up and its middle column at the camera's side; columns to
the right are towards image right.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from light_stage.random_source import RandomSource

ROUGHNESS_LEVELS = (0.15, 0.35, 0.6)


@dataclass(eq=False)
class Lamp:
    """A distant light: where it comes from, its irradiance, and its angular radius."""

    direction: torch.Tensor  # (3) unit, towards the light, camera space
    irradiance: torch.Tensor  # (3)
    radius: float  # radians


@dataclass
class Lighting:
    """All light of one photograph."""

    environment: torch.Tensor | None  # (3, h, w) lat-long in its own frame
    levels: list[torch.Tensor]  # blurred maps, one per ROUGHNESS_LEVELS
    rotation: torch.Tensor  # (3, 3) camera space -> the environment's frame
    tint: torch.Tensor  # (3) multiplies the environment
    lamps: list[Lamp] = field(default_factory=list)

    def environment_radiance(self, directions: torch.Tensor, level: int) -> torch.Tensor:
        """Blurred radiance (n, 3) arriving from camera-space directions (n, 3)."""
        return sample_lat_long(self.levels[level], directions @ self.rotation.T) * self.tint

    def cell_radiance(self, directions: torch.Tensor) -> torch.Tensor:
        """Mean environment radiance (M, 3) of the cells around evenly spread directions."""
        texels, solid_angle = lat_long_directions(*self.environment.shape[1:], directions.device)
        owner = (texels @ (directions @ self.rotation.T).T).argmax(1)
        weighted = self.environment.flatten(1).T * solid_angle[:, None]
        total = torch.zeros(len(directions), 3, device=directions.device).index_add(
            0, owner, weighted
        )
        # Dividing by the nominal cell keeps the light's total even where cells differ in size.
        return total / (4 * math.pi / len(directions)) * self.tint


def lat_long_directions(height: int, width: int, device) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions (h·w, 3) and solid angles (h·w) of the texels of a lat-long map."""
    elevation = math.pi * (0.5 - (torch.arange(height, device=device) + 0.5) / height)
    azimuth = 2 * math.pi * ((torch.arange(width, device=device) + 0.5) / width - 0.5)
    elevation, azimuth = torch.meshgrid(elevation, azimuth, indexing="ij")
    cosine = elevation.cos()
    directions = torch.stack((azimuth.sin() * cosine, elevation.sin(), azimuth.cos() * cosine), -1)
    solid_angle = cosine * (math.pi / height) * (2 * math.pi / width)
    return directions.view(-1, 3), solid_angle.flatten()


def sample_lat_long(environment: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
    """Bilinear lookup of a (3, h, w) lat-long map: (n, 3)."""
    azimuth = torch.atan2(directions[:, 0], directions[:, 2]) / math.pi
    elevation = directions[:, 1].clamp(-1, 1).asin() / (math.pi / 2)
    # One wrapped column on each side makes the seam invisible.
    width = environment.shape[2]
    padded = F.pad(environment[None], (1, 1, 0, 0), mode="circular")
    grid = torch.stack((azimuth * width / (width + 2), -elevation), 1)[None, None]
    found = F.grid_sample(padded, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return found[0, :, 0].T


def direction_from_angles(azimuth: float, elevation: float, device=None) -> torch.Tensor:
    """Unit direction of a light; 0, 0 is the camera, + is image right / up (radians)."""
    cosine = math.cos(elevation)
    return torch.tensor(
        (math.sin(azimuth) * cosine, math.sin(elevation), math.cos(azimuth) * cosine), device=device
    )


def blackbody_tint(kelvin: float) -> torch.Tensor:
    """Linear RGB of a black body relative to D65 white, of luminance 1 (Krystek 1985 chromaticities)."""
    t = kelvin
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (
        1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (
        1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t
    )
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    xyz = torch.tensor((x / y, 1.0, (1 - x - y) / y))
    to_rgb = torch.tensor(
        ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
    )
    return (to_rgb @ xyz).clamp(min=0.02)


class EnvironmentLibrary:
    """The panoramas of `environments.npz`: suns split off, blurred copies for reflections."""

    def __init__(self, data_dir: Path, device: torch.device):
        archive = np.load(data_dir / "environments.npz")
        maps = torch.from_numpy(archive["environments"]).to(device).float()
        maps = maps.permute(0, 3, 1, 2).clamp(min=0, max=60000)
        mean = torch.from_numpy(archive["mean_luminance"]).to(device).float()
        maps = maps / mean[:, None, None, None]
        self.device = device
        self.suns: list[Lamp | None] = []
        self.maps = []
        for picture in maps:
            rest, sun = _split_sun(picture)
            self.maps.append(F.avg_pool2d(rest[None], 2)[0])
            self.suns.append(sun)
        self.levels = _prefilter(torch.stack(self.maps))

    def __len__(self) -> int:
        return len(self.maps)


def _split_sun(picture: torch.Tensor) -> tuple[torch.Tensor, Lamp | None]:
    """Takes the part of a small, very bright source out of a map and returns it as a lamp."""
    height, width = picture.shape[1:]
    directions, solid_angle = lat_long_directions(height, width, picture.device)
    flat = picture.flatten(1).T
    level = flat.mean(1)
    threshold = 30.0  # times the mean luminance, which is 1
    peak = directions[level.argmax()]
    near = (directions @ peak) > math.cos(math.radians(8))
    excess = (flat - flat * (threshold / level.clamp(min=threshold))[:, None]) * near[:, None]
    energy = (excess * solid_angle[:, None]).sum(0)
    rest = (flat - excess).clamp(max=200.0).T.reshape_as(picture)
    if energy.mean() < 0.3:
        return rest, None
    weight = excess.mean(1) * solid_angle
    direction = F.normalize((directions * weight[:, None]).sum(0), dim=0)
    return rest, Lamp(direction, energy, math.radians(1.0))


def _prefilter(maps: torch.Tensor) -> list[torch.Tensor]:
    """Blurs maps (n, 3, h, w) by the GGX lobe of each roughness level, reduced to 32 x 64."""
    small = F.adaptive_avg_pool2d(maps, (32, 64))
    directions, solid_angle = lat_long_directions(32, 64, maps.device)
    cosine = (directions @ directions.T).clamp(-1, 1)
    flat = small.flatten(2)
    levels = []
    for roughness in ROUGHNESS_LEVELS:
        # A reflected lobe turns twice as fast as the half vector (n·h = cos of half the angle).
        half = ((1 + cosine) / 2).sqrt()
        alpha = max(roughness**2, 0.03)
        lobe = (alpha / (half**2 * (alpha**2 - 1) + 1)) ** 2 * cosine.clamp(min=0)
        kernel = lobe * solid_angle
        kernel = kernel / kernel.sum(1, keepdim=True)
        levels.append((flat @ kernel.T).view_as(small))
    return levels


def rotation_about_y(angle: float) -> torch.Tensor:
    """Turns +z towards +x."""
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor(((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c)))


def rotation_about_x(angle: float) -> torch.Tensor:
    """Turns +y towards +z."""
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor(((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c)))


def rotation_about_z(angle: float) -> torch.Tensor:
    """Turns +x towards +y."""
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor(((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)))


def draw_lighting(random: RandomSource, library: EnvironmentLibrary) -> Lighting:
    """Draws an environment and up to four lamps, from every side, mostly photographic."""
    device = library.device
    index = random.integer(len(library))
    rotation = rotation_about_x(random.clipped_normal(0, 0.15, 0.5)) @ rotation_about_y(
        random.uniform(-math.pi, math.pi)
    )
    kind = random.uniform()
    # Environment alone, environment with lamps, or lamps with a faint environment.
    strength = (
        1.0
        if kind < 0.35
        else random.log_uniform(0.15, 1.0)
        if kind < 0.7
        else random.log_uniform(0.01, 0.15)
    )
    tint = blackbody_tint(random.log_uniform(4000, 10000)) if random.chance(0.5) else torch.ones(3)
    lighting = Lighting(
        library.maps[index],
        [level[index] for level in library.levels],
        rotation.to(device),
        (tint * strength).to(device),
    )
    sun = library.suns[index]
    if sun is not None:
        # The rotation maps camera space to the map, its transpose the sun into camera space.
        irradiance = sun.irradiance.to(device) * lighting.tint * random.log_uniform(0.3, 1.5)
        lighting.lamps.append(Lamp(lighting.rotation.T @ sun.direction, irradiance, sun.radius))
    if kind >= 0.35:
        for number in range(1 + random.integer(3 if kind < 0.7 else 4)):
            lighting.lamps.append(_draw_lamp(random, number, device))
    return lighting


def _draw_lamp(random: RandomSource, number: int, device) -> Lamp:
    """The first lamp is a key light, mostly in front and above; others come from anywhere."""
    if number == 0 and random.chance(0.8):
        azimuth, elevation = (
            random.clipped_normal(0, 0.8, 1.7),
            random.clipped_normal(0.45, 0.45, 1.2),
        )
    else:
        azimuth, elevation = (
            random.uniform(-math.pi, math.pi),
            math.asin(random.uniform(-0.6, 0.98)),
        )
    strength = random.log_uniform(1.0, 4.0) if number == 0 else random.log_uniform(0.2, 3.0)
    if random.chance(0.2):  # coloured gel
        hue = random.normals(3).abs() + 0.15
        colour = hue / (hue @ torch.tensor((0.2126, 0.7152, 0.0722))).clamp(min=0.25)
    else:
        colour = blackbody_tint(random.log_uniform(2500, 9000))
    radius = random.log_uniform(0.004, 0.7)
    direction = direction_from_angles(azimuth, elevation, device)
    return Lamp(direction, (colour * strength).to(device), radius)
