"""Hair, eyebrows, clothes and glasses: meshes that are added to a head."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from light_stage.head_model import HeadShape
from light_stage.random_source import RandomSource
from light_stage.textures import load_linear_texture


@dataclass
class Mesh:
    """A triangle mesh with one UV per face corner."""

    vertices: torch.Tensor  # (V, 3)
    rest: torch.Tensor  # (V, 3) where the vertices are on the neutral head
    faces: torch.Tensor  # (F, 3)
    corner_uv: torch.Tensor  # (F, 3, 2)


@dataclass
class CardStyle:
    """A style of hair or brows: mesh, binding to the head, and texture."""

    mesh: Mesh
    bind_index: torch.Tensor
    bind_weight: torch.Tensor
    texture: torch.Tensor  # (4, H, W) linear colour, alpha

    def bound_to(self, head: HeadShape) -> Mesh:
        """The mesh, following the head's identity and expression."""
        moved = (head.displacement[self.bind_index] * self.bind_weight[..., None]).sum(1)
        return Mesh(
            self.mesh.vertices + moved, self.mesh.rest, self.mesh.faces, self.mesh.corner_uv
        )


class PropLibrary:
    """Everything in `props/`, loaded on first use."""

    def __init__(self, data_dir: Path, device: torch.device):
        self.folder = data_dir / "props"
        self.device = device
        self.archive = np.load(self.folder / "hair.npz")
        names = [str(name) for name in self.archive["names"]]
        self.hair_names = [name for name in names if name.startswith("hair")]
        self.brow_names = [name for name in names if name.startswith("brow")]
        self.eye_files = sorted(self.folder.glob("eye_*.jpg"))
        self.cloth_files = sorted(self.folder.glob("cloth_*.jpg"))
        self._styles: dict[str, CardStyle] = {}
        self._textures: dict[Path, torch.Tensor] = {}

    def style(self, name: str) -> CardStyle:
        """The hair or brow style called `name`."""
        if name not in self._styles:

            def tensor(key, dtype):
                array = self.archive[f"{name}/{key}"]
                return torch.from_numpy(array).to(device=self.device, dtype=dtype)

            vertices = tensor("vertices", torch.float32)
            uv = tensor("uv", torch.float32)[tensor("faces_uv", torch.int64)]
            self._styles[name] = CardStyle(
                Mesh(vertices, vertices, tensor("faces", torch.int64), uv),
                tensor("bind_index", torch.int64),
                tensor("bind_weight", torch.float32),
                load_linear_texture(self.folder / f"{name}.png", 4, self.device),
            )
        return self._styles[name]

    def draw_hair(self, random: RandomSource) -> CardStyle:
        # Bobs fall over half of the face; most pictures should show it.
        name = random.choice(self.hair_names)
        if "bob" in name and random.chance(0.65):
            name = random.choice(self.hair_names)
        return self.style(name)

    def draw_brows(self, random: RandomSource) -> CardStyle:
        return self.style(random.choice(self.brow_names))

    def texture(self, path: Path) -> torch.Tensor:
        """A linear RGB texture of the folder."""
        if path not in self._textures:
            self._textures[path] = load_linear_texture(path, 3, self.device)
        return self._textures[path]


# The garment's neckline falls from nape to throat by this many cm per cm of depth.
COLLAR_TILT = 0.22
# Half width of the neck and shoulders of the head mesh (cm) by height.
_NECK_HEIGHTS = (-14.0, -13.0, -12.0, -11.0, -10.0, -9.0, -7.0)
_NECK_HALF_WIDTHS = (13.2, 12.0, 9.9, 7.9, 6.5, 6.1, 6.0)


def collar_height(points: torch.Tensor) -> torch.Tensor:
    """Height of points (n, 3) measured along the tilted neckline."""
    return points[:, 1] + COLLAR_TILT * (points[:, 2] + 1)


def lofted_body(random: RandomSource, collar: float, device: torch.device) -> Mesh:
    """Shoulders and chest in a garment: rings lofted from the collar down."""
    width = random.uniform(0.9, 1.15)
    drop = random.uniform(2.0, 5.0)
    loose = random.uniform(0.05, 0.4)

    def neck(height: float) -> float:
        for number in range(len(_NECK_HEIGHTS) - 1):
            low, high = _NECK_HEIGHTS[number : number + 2]
            if height <= high or number == len(_NECK_HEIGHTS) - 2:
                share = min(max((height - low) / (high - low), 0.0), 1.0)
                first, second = _NECK_HALF_WIDTHS[number : number + 2]
                return first + share * (second - first) + loose
        return _NECK_HALF_WIDTHS[-1]

    #    y,           half width,               half depth,  z of the centre, squareness
    keys = [(collar, neck(collar), 6.2 + loose, -0.6, 2.0)]
    below = collar - 1.0
    while below > -13.5:
        keys.append((below, neck(below), 6.4 + loose + 0.3 * (collar - below), -1.6, 2.1))
        below -= 1.0
    keys += [
        (-14.0, 14.5 * width, 8.6, -2.4, 2.2),
        (-14.5 - 0.6 * drop, 17.5 * width, 9.4, -2.5, 2.4),
        (-15.0 - drop, 19.8 * width, 10.2, -2.3, 2.6),
        (-19.0 - drop, 21.5 * width, 11.2, -1.8, 2.7),
        (-24.0 - drop, 22.0 * width, 11.8, -1.4, 2.7),
        (-45.0 - drop, 21.5 * width, 12.0, -1.0, 2.7),
    ]
    keys = torch.tensor(keys)
    rings, around = 56, 80
    position = torch.linspace(0, len(keys) - 1, rings)
    low = position.floor().clamp(max=len(keys) - 2).to(torch.int64)
    fraction = position - low
    before, after = keys[(low - 1).clamp(min=0)], keys[(low + 2).clamp(max=len(keys) - 1)]
    profile = _catmull_rom(before, keys[low], keys[low + 1], after, fraction[:, None])
    y, half_width, half_depth, centre_z, power = (profile[:, i, None] for i in range(5))
    angle = torch.linspace(0, 2 * math.pi, around + 1)[None, :-1]
    cosine, sine = angle.cos(), angle.sin()
    x = half_width * cosine.sign() * cosine.abs() ** (2 / power)
    z = centre_z + half_depth * sine.sign() * sine.abs() ** (2 / power)
    # Folds: a few waves that grow away from the collar.
    depth = ((collar - y) / 12).clamp(0, 1) * 0.35
    for _ in range(5):
        phase, turns, rise = random.uniform(0, 6.28), 2 + random.integer(7), random.normal(0, 0.35)
        wave = (angle * turns + y * rise + phase).sin() * depth * random.uniform(0.2, 1.0)
        x, z = x + wave * cosine, z + wave * sine
    fade = (1 - (collar - y) / 6).clamp(0, 1)
    y = y.expand_as(x) - COLLAR_TILT * (z + 1) * fade
    vertices = torch.stack((x, y, z), -1).view(-1, 3).to(device)
    ring, step = torch.meshgrid(torch.arange(rings - 1), torch.arange(around), indexing="ij")
    following = (step + 1) % around
    a, b = ring * around + step, ring * around + following
    c, d = a + around, b + around
    quads = torch.stack((a, b, d, a, d, c), -1).view(-1, 3).to(device)
    uv = torch.stack((torch.arange(around).repeat(rings) / around, y.flatten() / 40), 1).to(device)
    return Mesh(vertices, vertices, quads, torch.remainder(uv, 1.0)[quads])


def _catmull_rom(p0, p1, p2, p3, t):
    return 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
