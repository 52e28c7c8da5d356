"""Procedural lat-long environments: the ones the program ships.

Frame of the pictures: row 0 straight up; the middle column is the camera's side, so that what is painted
there lights the face from the front; columns to the right are towards image right. Mean luminance 1.
"""

import math
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F

from light_stage.colour import luminance
from light_stage.lighting import blackbody_tint, lat_long_directions

HEIGHT, WIDTH = 128, 256
_SUPERSAMPLING = 4


class Canvas:
    """A lat-long picture being painted in linear light."""

    def __init__(self):
        height, width = HEIGHT * _SUPERSAMPLING, WIDTH * _SUPERSAMPLING
        directions, _ = lat_long_directions(height, width, "cpu")
        self.directions = directions.view(height, width, 3)
        self.azimuth = torch.rad2deg(torch.atan2(self.directions[..., 0], self.directions[..., 2]))
        self.elevation = torch.rad2deg(self.directions[..., 1].clamp(-1, 1).asin())
        self.light = torch.zeros(height, width, 3)

    def fill(self, amount: torch.Tensor, colour: torch.Tensor) -> None:
        """Adds `colour` times `amount` (H, W)."""
        self.light += amount[..., None] * colour

    def rectangle(self, azimuth, elevation, width, height, colour, falloff=0.0) -> None:
        """Adds a panel (degrees), brighter in its middle by `falloff`."""
        x = ((self.azimuth - azimuth + 180) % 360 - 180) / (width / 2)
        y = (self.elevation - elevation) / (height / 2)
        inside = ((x.abs() < 1) & (y.abs() < 1)).float()
        self.fill(inside * (1 - falloff * (x**2 + y**2) / 2), colour)

    def disc(self, azimuth, elevation, radius, colour, glow=0.0, glow_radius=10.0) -> None:
        """Adds a disc (degrees) and an exponential glow around it."""
        centre = torch.tensor(
            (
                math.sin(math.radians(azimuth)) * math.cos(math.radians(elevation)),
                math.sin(math.radians(elevation)),
                math.cos(math.radians(azimuth)) * math.cos(math.radians(elevation)),
            )
        )
        angle = torch.rad2deg((self.directions @ centre).clamp(-1, 1).acos())
        self.fill((angle < radius).float() + glow * (-angle / glow_radius).exp(), colour)

    def finished(self) -> torch.Tensor:
        """The picture (3, HEIGHT, WIDTH), averaged down and scaled to mean luminance 1."""
        picture = F.avg_pool2d(self.light.permute(2, 0, 1)[None], _SUPERSAMPLING)[0]
        _, solid_angle = lat_long_directions(HEIGHT, WIDTH, "cpu")
        level = luminance(picture.flatten(1).T)
        return picture / ((level * solid_angle).sum() / (4 * math.pi))


def _grey(value: float, kelvin: float = 6500) -> torch.Tensor:
    return blackbody_tint(kelvin) * value


def softbox_studio() -> torch.Tensor:
    """A dark studio: a large key at right, a wide fill at left, two rim strips behind, grey floor."""
    canvas = Canvas()
    canvas.fill(torch.ones_like(canvas.azimuth), _grey(0.10, 6000))
    canvas.fill((canvas.elevation < -12).float(), _grey(0.10, 5200))
    canvas.rectangle(42, 34, 46, 52, _grey(14.0, 5500), falloff=0.35)
    canvas.rectangle(-58, 14, 60, 64, _grey(1.6, 6000), falloff=0.3)
    canvas.rectangle(-142, 26, 14, 70, _grey(9.0, 6200), falloff=0.1)
    canvas.rectangle(148, 22, 12, 66, _grey(5.0, 6200), falloff=0.1)
    canvas.rectangle(0, 82, 360, 12, _grey(1.0, 6000))
    return canvas.finished()


def overcast() -> torch.Tensor:
    """The CIE standard overcast sky (Moon and Spencer 1942) over grassy ground."""
    canvas = Canvas()
    rise = canvas.directions[..., 1]
    canvas.fill((rise > 0) * (1 + 2 * rise.clamp(min=0)) / 3, _grey(1.0, 7000))
    ground = torch.tensor((0.16, 0.17, 0.11))
    canvas.fill((rise <= 0) * (0.7 + 0.5 * (-rise).clamp(0, 1)), ground)
    # A slow unevenness, as clouds have it.
    wave = (2.3 * canvas.directions[..., 0] + 1.1).sin() * (3.1 * canvas.directions[..., 2]).cos()
    canvas.light *= 1 + 0.12 * wave[..., None]
    return canvas.finished()


def golden_hour() -> torch.Tensor:
    """A low sun at left, warm horizon, blue zenith, dark warm ground."""
    canvas = Canvas()
    rise = canvas.directions[..., 1]
    above = (rise > 0).float()
    zenith, horizon = torch.tensor((0.16, 0.27, 0.52)), torch.tensor((1.05, 0.62, 0.33))
    share = (-(rise.clamp(min=0)) / 0.22).exp()[..., None]
    canvas.light += above[..., None] * (zenith + share * (horizon - zenith)) * 0.55
    canvas.fill(1 - above, torch.tensor((0.13, 0.085, 0.05)))
    canvas.disc(-62, 9, 1.6, torch.tensor((1.0, 0.56, 0.24)) * 900)
    canvas.disc(-62, 9, 0.0, torch.tensor((1.0, 0.60, 0.30)), glow=7.0, glow_radius=9.0)
    return canvas.finished()


def night_street() -> torch.Tensor:
    """Street lamps, shop windows and neon signs under a dark sky, with their glimmer on wet asphalt."""
    canvas = Canvas()
    rise = canvas.directions[..., 1]
    canvas.fill(
        (rise > 0) * (0.6 + 0.4 * (1 - rise.clamp(0, 1))), torch.tensor((0.020, 0.026, 0.048))
    )
    canvas.fill((rise <= 0).float(), torch.tensor((0.030, 0.026, 0.024)))
    facade = (canvas.elevation.abs() < 24).float() * (canvas.azimuth.abs() > 35)
    canvas.fill(facade, torch.tensor((0.05, 0.035, 0.028)))
    sodium, led = blackbody_tint(2050), blackbody_tint(4200)
    for azimuth, elevation, radius, power in (
        (38, 44, 3.5, 80),
        (-112, 36, 3.0, 55),
        (158, 30, 2.5, 40),
    ):
        canvas.disc(azimuth, elevation, radius, sodium * power, glow=0.02, glow_radius=7)
    canvas.disc(-22, 52, 2.5, led * 50, glow=0.02, glow_radius=6)
    magenta, cyan = torch.tensor((1.0, 0.10, 0.55)), torch.tensor((0.06, 0.75, 1.0))
    panels = (
        (-78, 6, 26, 18, _grey(2.6, 3000)),
        (82, 4, 30, 16, _grey(3.0, 3400)),
        (-48, 17, 12, 7, magenta * 14),
        (112, 18, 9, 12, cyan * 11),
        (-160, 5, 30, 14, _grey(1.8, 2700)),
        (8, 8, 10, 6, _grey(1.4, 4500)),
    )
    for azimuth, elevation, width, height, colour in panels:
        canvas.rectangle(azimuth, elevation, width, height, colour, falloff=0.3)
        canvas.rectangle(
            azimuth, -elevation - 12, width * 0.7, height * 1.6, colour * 0.08, falloff=0.8
        )
    return canvas.finished()


ENVIRONMENTS: dict[str, Callable[[], torch.Tensor]] = {
    "softbox-studio": softbox_studio,
    "overcast": overcast,
    "golden-hour": golden_hour,
    "night-street": night_street,
}


def write_radiance(path: Path, picture: torch.Tensor) -> None:
    """Writes (3, H, W) linear light as an uncompressed Radiance RGBE file (Ward 1991)."""
    height, width = picture.shape[1:]
    colour = picture.permute(1, 2, 0).clamp(min=0).double()
    brightest = colour.amax(-1)
    _, exponent = torch.frexp(brightest)
    mantissa = colour * (2.0 ** (8.0 - exponent.double()))[..., None]
    pixels = torch.cat((mantissa.floor().clamp(max=255), (exponent + 128.0)[..., None]), -1)
    pixels[brightest < 1e-32] = 0
    header = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n"
    path.write_bytes(header.encode() + pixels.to(torch.uint8).numpy().tobytes())
