"""What is behind the subject: rooms, foliage, lights out of focus, other people's skin, plain paper.

A matte is learned from what the background is not; one that never has edges, folds or skin teaches that
everything with an edge is the subject.
"""

import math

import torch
import torch.nn.functional as F

from light_stage.camera import Camera, gaussian_blur
from light_stage.lighting import Lighting, sample_lat_long
from light_stage.random_source import RandomSource


class Backdrop:
    """A picture (3, size, size) being painted from back to front in linear light."""

    def __init__(self, random: RandomSource, size: int, device: torch.device):
        self.random = random
        self.size = size
        step = (torch.arange(size, device=device) + 0.5) / size * 2 - 1
        self.x, self.y = torch.meshgrid(step, step, indexing="xy")  # −1..1, y down
        self.light = torch.zeros(3, size, size, device=device)

    def colour(self) -> torch.Tensor:
        """A colour (3, 1, 1), mostly muted, from nearly black to nearly white."""
        random = self.random
        hue = (random.uniforms(3) - 0.5) * random.uniform(0, 1) ** 2 * 2.4
        value = random.log_uniform(0.02, 0.9)
        return (value * hue.exp()).clamp(0.005, 1.2).to(self.light)[:, None, None]

    def fill(self, amount: torch.Tensor, colour: torch.Tensor) -> None:
        """Paints `colour` over what is there, by `amount` (H, W) in 0..1."""
        self.light = self.light + (colour - self.light) * amount

    def inside(self, distance: torch.Tensor) -> torch.Tensor:
        """Coverage (H, W) of where a signed distance is negative, one pixel soft."""
        return (0.5 - distance * self.size / 2).clamp(0, 1)

    def box(self, x: float, y: float, width: float, height: float) -> torch.Tensor:
        """Coverage of an upright rectangle given by its centre and half sizes."""
        return self.inside(torch.maximum((self.x - x).abs() - width, (self.y - y).abs() - height))

    def disc(self, x: float, y: float, radius: float, stretch: float = 1.0) -> torch.Tensor:
        """Coverage of an ellipse, `stretch` times as high as wide."""
        away = ((self.x - x) ** 2 + ((self.y - y) / stretch) ** 2).sqrt()
        return self.inside(away - radius)

    def noise(self, cells: int) -> torch.Tensor:
        """Smooth noise (H, W) of about unit variance."""
        field = self.random.normals(1, 1, cells, cells).to(self.light)
        size = (self.size, self.size)
        return F.interpolate(field, size, mode="bicubic", align_corners=False)[0, 0]

    def ramp(self) -> None:
        """Uneven light over everything so far: linear, or a vignette."""
        random = self.random
        angle = random.uniform(0, 2 * math.pi)
        slope = self.x * math.cos(angle) + self.y * math.sin(angle)
        if random.chance(0.4):
            slope = -(self.x**2 + (self.y - random.uniform(-0.5, 0.5)) ** 2)
        self.light = self.light * (slope * random.uniform(0.1, 1.3)).exp()


def paint_paper(canvas: Backdrop) -> None:
    """One colour, as in a studio, at most a little cloudy."""
    canvas.light = canvas.light + canvas.colour()
    if canvas.random.chance(0.4):
        canvas.light = canvas.light * (canvas.noise(3) * 0.25).exp()
    if canvas.random.chance(0.7):
        canvas.ramp()


def paint_room(canvas: Backdrop) -> None:
    """Walls, and windows, pictures, shelves and door frames on them."""
    random = canvas.random
    canvas.light = canvas.light + canvas.colour()
    if random.chance(0.5):
        canvas.fill(canvas.inside(canvas.x * 1.0 - random.uniform(-1, 1)), canvas.colour())
    canvas.ramp()
    for _ in range(2 + random.integer(6)):
        x, y = random.uniform(-1.1, 1.1), random.uniform(-1.1, 0.9)
        width, height = random.log_uniform(0.05, 0.6), random.log_uniform(0.05, 0.9)
        canvas.fill(canvas.box(x, y, width, height), canvas.colour())
        gain = random.log_uniform(0.6, 4.0) if random.chance(0.3) else 1.0
        canvas.fill(canvas.box(x, y, width * 0.88, height * 0.9), canvas.colour() * gain)
        if random.chance(0.4):  # books, panes or bars
            bars = 2 + random.integer(9)
            phase = torch.remainder((canvas.x - x + width) / (2 * width) * bars, 1.0)
            inner = canvas.box(x, y, width * 0.88, height * 0.9)
            shades = random.uniforms(bars + 1).to(canvas.light)
            row = ((canvas.x - x + width) / (2 * width) * bars).long().clamp(0, bars)
            canvas.light = canvas.light * (1 + inner * (shades[row] - 0.5) * 1.4)
            canvas.fill(inner * (phase < 0.12), canvas.colour())


def paint_curtain(canvas: Backdrop) -> None:
    """Cloth in folds, or boards and bricks: stripes of several widths."""
    random = canvas.random
    angle = random.normal(0, 0.15) + (math.pi / 2 if random.chance(0.25) else 0)
    along = canvas.x * math.cos(angle) + canvas.y * math.sin(angle)
    wobble = canvas.noise(3) * random.uniform(0, 0.08)
    fold = torch.zeros_like(along)
    for _ in range(3):
        turns, phase = random.log_uniform(2, 18), random.uniform(0, 6.28)
        fold = fold + ((along + wobble) * turns * math.pi + phase).sin() * random.uniform(0.1, 1)
    if random.chance(0.3):
        fold = fold.sign() * 0.7
    canvas.light = canvas.light + canvas.colour()
    canvas.light = canvas.light * (fold * random.uniform(0.1, 0.7)).exp()
    canvas.ramp()


def paint_foliage(canvas: Backdrop) -> None:
    """Leaves, branches, stones: blobs of many sizes in related colours, sky through the gaps."""
    random = canvas.random
    canvas.light = canvas.light + canvas.colour() * random.log_uniform(0.5, 4.0)
    base = canvas.colour()
    for layer in range(3 + random.integer(3)):
        cells = 3 * 2 ** random.integer(5)
        cover = ((canvas.noise(cells) - random.uniform(-0.6, 0.6)) * 4).sigmoid()
        shade = base * (random.normals(3).to(base)[:, None, None] * 0.35).exp()
        canvas.fill(cover, shade.clamp(0.004, 2.0))
    canvas.light = canvas.light * (canvas.noise(48) * random.uniform(0, 0.4)).exp()


def paint_lights(canvas: Backdrop) -> None:
    """Lamps out of focus at night, or bright windows."""
    random = canvas.random
    canvas.light = canvas.light + canvas.colour() * 0.15
    canvas.light = canvas.light * (canvas.noise(4) * 0.5).exp()
    radius = random.log_uniform(0.01, 0.14)
    for _ in range(5 + random.integer(30)):
        disc = canvas.disc(random.uniform(-1, 1), random.uniform(-1, 1), radius)
        canvas.light = canvas.light + disc * canvas.colour() * random.log_uniform(0.3, 8.0)


def paint_crowd(canvas: Backdrop, skin: torch.Tensor) -> None:
    """Heads and shoulders of others behind, with skin like the subject's or another."""
    random = canvas.random
    paint_room(canvas)
    for _ in range(1 + random.integer(3)):
        x, y, radius = random.uniform(-1, 1), random.uniform(-0.9, 0.6), random.uniform(0.08, 0.4)
        tone = skin.view(3, 1, 1) * random.log_uniform(0.3, 2.0)
        canvas.fill(canvas.box(x, y + radius * 2.3, radius * 1.5, radius * 1.4), canvas.colour())
        canvas.fill(canvas.disc(x, y, radius * 1.1, 1.25), canvas.colour() * 0.3)
        canvas.fill(canvas.disc(x, y + 0.2 * radius, radius, 1.2), tone)


def seen_environment(
    random: RandomSource, lighting: Lighting, camera: Camera, size: int
) -> torch.Tensor:
    """The part of the environment behind the subject, in the units of the scene."""
    device = lighting.tint.device
    step = torch.linspace(-1, 1, size, device=device) * camera.half_size
    x, y = torch.meshgrid(step, -step, indexing="xy")
    ray = F.normalize(torch.stack((x, y, -torch.ones_like(x)), -1).view(-1, 3), dim=1)
    source = lighting.environment if random.chance(0.6) else lighting.levels[0]
    picture = sample_lat_long(source, ray @ lighting.rotation.T) * lighting.tint
    return picture.T.reshape(3, size, size).clamp(max=6.0)


def draw_background(
    random: RandomSource, lighting: Lighting, skin: torch.Tensor, camera: Camera, size: int
) -> torch.Tensor:
    """Draws what is behind the subject (3, size, size), linear; `skin` (3) is its own colour."""
    kind = random.uniform()
    if kind < 0.25:
        picture = seen_environment(random, lighting, camera, size)
        return gaussian_blur(picture, size * random.log_uniform(0.01, 0.06))
    canvas = Backdrop(random, size, lighting.tint.device)
    if kind < 0.45:
        paint_paper(canvas)
    elif kind < 0.50:
        canvas.light = canvas.light + skin.view(3, 1, 1) * random.log_uniform(0.1, 2.0)
        canvas.ramp()
    elif kind < 0.66:
        paint_room(canvas)
    elif kind < 0.75:
        paint_curtain(canvas)
    elif kind < 0.86:
        paint_foliage(canvas)
    elif kind < 0.93:
        paint_lights(canvas)
    else:
        paint_crowd(canvas, skin)
    picture = canvas.light * random.log_uniform(0.15, 1.8)
    # Most backgrounds are out of focus, some as sharp as the subject.
    if random.chance(0.6):
        picture = gaussian_blur(picture, size * random.log_uniform(0.002, 0.04))
    return picture.clamp(0, 6)
