"""What every surface point sees: directional visibility, ambient occlusion, shadow maps, thickness.

A point sees direction d when no surface lies further along d. All surfaces are splatted as dense point
samples into one low-resolution orthographic depth map per direction, which answers that for all
vertices and all directions at once.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F


def fibonacci_directions(count: int, device: torch.device) -> torch.Tensor:
    """Evenly spread unit directions (count, 3) (spherical Fibonacci lattice)."""
    step = torch.arange(count, device=device, dtype=torch.float32) + 0.5
    height = 1 - 2 * step / count
    angle = math.pi * (1 + 5**0.5) * step
    ring = (1 - height**2).sqrt()
    return torch.stack((ring * angle.cos(), height, ring * angle.sin()), 1)


def frame_around(direction: torch.Tensor) -> torch.Tensor:
    """Orthonormal rows (right, up, direction) for unit directions (..., 3) -> (..., 3, 3)."""
    helper = torch.zeros_like(direction)
    helper[..., 1] = 1.0
    steep = direction[..., 1].abs() > 0.95
    helper[steep] = helper.new_tensor((1.0, 0.0, 0.0))
    right = F.normalize(torch.linalg.cross(helper, direction), dim=-1)
    up = torch.linalg.cross(direction, right)
    return torch.stack((right, up, direction), -2)


def surface_samples(
    vertices: torch.Tensor, faces: torch.Tensor, spacing: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points on triangles about `spacing` apart: (face (n), barycentric (n, 3))."""
    corner = vertices[faces]
    normal = torch.linalg.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    count = (0.5 * normal.norm(dim=1) / spacing**2).ceil().clamp(1, 400).to(torch.int64)
    face = torch.repeat_interleave(torch.arange(len(faces), device=faces.device), count)
    start = torch.cumsum(count, 0) - count
    number = torch.arange(len(face), device=faces.device) - start[face]
    # The R2 sequence (Roberts 2018) folded into the triangle.
    a = torch.remainder(0.5 + 0.7548776662466927 * number, 1.0)
    b = torch.remainder(0.5 + 0.5698402909980532 * number, 1.0)
    fold = a + b > 1
    a, b = torch.where(fold, 1 - a, a).float(), torch.where(fold, 1 - b, b).float()
    return face, torch.stack((1 - a - b, a, b), 1)


# Depth where nothing is.
_EMPTY = -1e4
# Half the width in cm of what is shadowed: the head with long hair and the shoulders.
STAGE_RADIUS = 19.0


@dataclass
class Visibility:
    """Visibility (V, M) of the directions (M, 3), each standing for `solid_angle` steradians."""

    visible: torch.Tensor
    near_visible: (
        torch.Tensor
    )  # like `visible`, but only blocked by surfaces closer than the AO radius
    directions: torch.Tensor

    @property
    def solid_angle(self) -> float:
        return 4 * math.pi / len(self.directions)

    def ambient_occlusion(self, normals: torch.Tensor) -> torch.Tensor:
        """Cosine-weighted share (V) of the hemisphere that is free within the AO radius."""
        cosine = (normals @ self.directions.T).clamp(min=0)
        return (cosine * self.near_visible).sum(1) / cosine.sum(1).clamp(min=1e-6)

    def irradiance_vectors(self, normals: torch.Tensor, radiance: torch.Tensor) -> torch.Tensor:
        """Vectors G (V, 3 colours, 3) with irradiance G·n for normals n close to `normals`.

        The sum over visible directions of the hemisphere is linear in the normal as long as the
        hemisphere keeps its members, so that bumps can be lit exactly enough.
        """
        facing = (normals @ self.directions.T) > 0
        weights = self.visible * facing * self.solid_angle
        moments = (radiance[:, :, None] * self.directions[:, None, :]).flatten(1)  # (M, 9)
        return (weights @ moments).view(-1, 3, 3)


def directional_visibility(
    points: torch.Tensor,
    normals: torch.Tensor,
    occluders: torch.Tensor,
    direction_count: int = 96,
    resolution: int = 192,
    ambient_radius: float = 10.0,
    centre: torch.Tensor | None = None,
    radius: float = STAGE_RADIUS,
) -> Visibility:
    """Visibility of Fibonacci directions from `points` (V, 3) past `occluders` (n, 3 point samples).

    Only what lies within `radius` of `centre` (default: the origin) casts and receives shadows.
    """
    device = points.device
    directions = fibonacci_directions(direction_count, device)
    frames = frame_around(directions)
    centre = torch.zeros(3, device=device) if centre is None else centre
    pixel_size = 2 * radius / (resolution - 2)
    occluders = occluders[(occluders - centre).norm(dim=1) < radius]
    visible, near_visible = [], []
    for rows in frames.split(16):
        depth = _splat_depth((occluders - centre), rows, pixel_size, resolution)
        local = _in_frames(points - centre + normals * (0.6 * pixel_size), rows)
        cosine = (normals @ rows[:, 2].T).T.clamp(0.15, 1.0)
        slope = (1 - cosine**2).sqrt() / cosine
        bias = pixel_size * (0.7 + 0.7 * slope.clamp(max=4.0))
        ahead = _sample_depth(depth, local, pixel_size, resolution) - local[2][..., None]
        blocked = ((ahead - bias[..., None]) / pixel_size).clamp(0, 1)
        near = blocked * (1 - ((ahead - ambient_radius) / (0.3 * ambient_radius)).clamp(0, 1))
        visible.append(1 - blocked.mean(-1))
        near_visible.append(1 - near.mean(-1))
    return Visibility(torch.cat(visible).T, torch.cat(near_visible).T, directions)


def _splat_depth(points, rows, pixel_size, resolution):
    """Depth maps (m, resolution²): the largest coordinate along each direction, -inf where empty."""
    local = _in_frames(points, rows)
    # `points` lie in a ball that fills the map but for its border, which stays empty.
    x, y = (
        (local[i] / pixel_size + resolution / 2).clamp(0, resolution - 1).long() for i in (0, 1)
    )
    empty = local.new_full((len(rows), resolution * resolution), _EMPTY)
    return empty.scatter_reduce(1, y * resolution + x, local[2], "amax")


def _in_frames(points, rows):
    """Coordinates (3, m, v) of points (v, 3) in the frames (m, 3, 3)."""
    return (rows.transpose(0, 1).reshape(-1, 3) @ points.T).view(3, len(rows), -1)


def _sample_depth(depth, position, pixel_size, resolution):
    """The four depths (m, v, 4) around each position (2 or 3, m, v)."""
    # Outside, the empty border is found: nothing hides what lies there.
    x, y = (
        (position[i] / pixel_size + (resolution - 1) / 2).clamp(0, resolution - 2).long()
        for i in (0, 1)
    )
    first = y * resolution + x
    return torch.stack(
        [depth.gather(1, first + step) for step in (0, 1, resolution, resolution + 1)], -1
    )


@dataclass
class ShadowMap:
    """An orthographic depth map seen from a light, for shadows sharper than the direction set."""

    depth: torch.Tensor  # (resolution, resolution), coordinate along `direction`
    frame: torch.Tensor  # (3, 3) rows right, up, direction
    pixel_size: float

    @classmethod
    def splat(
        cls, occluders: torch.Tensor, direction: torch.Tensor, resolution: int = 384
    ) -> "ShadowMap":
        """The map of point samples (n, 3), which should be about as dense as the pixels."""
        frame = frame_around(direction)
        pixel_size = 2 * STAGE_RADIUS / (resolution - 4)
        inside = occluders[occluders.norm(dim=1) < STAGE_RADIUS]
        depth = _splat_depth(inside, frame[None], pixel_size, resolution)
        depth = depth.view(1, 1, resolution, resolution)
        # A closing fills the gaps between points without growing outlines.
        grown = F.max_pool2d(depth, 3, 1, 1)
        closed = -F.max_pool2d(-grown, 3, 1, 1)
        return cls(closed[0, 0], frame, pixel_size)

    def lit(self, points: torch.Tensor, normals: torch.Tensor, blur: float) -> torch.Tensor:
        """Share of light (n) arriving at `points`; `blur` is the half width of the penumbra in cm."""
        local = (points + normals * (1.5 * self.pixel_size)) @ self.frame.T
        cosine = (normals @ self.frame[2]).clamp(0.1, 1.0)
        slope = (1 - cosine**2).sqrt() / cosine
        spread = max(blur, self.pixel_size)
        bias = self.pixel_size + 0.6 * spread * slope.clamp(max=3.0)
        resolution = self.depth.shape[0]
        flat = self.depth.flatten()
        total = torch.zeros_like(cosine)
        taps = fibonacci_disc(9, points.device) * spread
        for tap in taps:
            cell = ((local[:, :2] + tap) / self.pixel_size + resolution / 2).floor().to(torch.int64)
            cell = cell.clamp(0, resolution - 1)
            ahead = flat[cell[:, 1] * resolution + cell[:, 0]] - local[:, 2]
            total += 1 - ((ahead - bias) / self.pixel_size).clamp(0, 1)
        return total / len(taps)


def fibonacci_disc(count: int, device: torch.device) -> torch.Tensor:
    """Evenly spread points (count, 2) of the unit disc (Vogel's spiral)."""
    step = torch.arange(count, device=device, dtype=torch.float32) + 0.5
    radius = (step / count).sqrt()
    angle = step * math.pi * (3 - 5**0.5)
    return torch.stack((radius * angle.cos(), radius * angle.sin()), 1)


def inside_occlusion(
    vertices: torch.Tensor, normals: torch.Tensor, areas: torch.Tensor, reach: float = 1.5
) -> torch.Tensor:
    """Share (V) of inward rays that meet another surface within `reach` cm: 1 for thin tissue.

    This is one minus an ambient occlusion taken inside the body. Rays are tested against the discs that
    neighbouring vertices stand for.
    """
    rays = fibonacci_directions(32, vertices.device)
    result = []
    for rows in torch.arange(len(vertices), device=vertices.device).split(512):
        distance, neighbour = torch.cdist(vertices[rows], vertices).topk(200, largest=False)
        offset = vertices[neighbour] - vertices[rows, None]
        radius2 = areas[neighbour] / math.pi * 1.7
        # Discs at the ray's origin would hide the point from itself.
        candidate = (distance < reach) & (distance > 0.12)
        along = offset @ rays.T
        hit = (along > 0) & (normals[neighbour] @ rays.T > 0.1) & candidate[..., None]
        hit &= distance.square()[..., None] - along.square() < radius2[..., None]
        cosine = (-(normals[rows] @ rays.T)).clamp(min=0)
        result.append((hit.any(1) * cosine).sum(1) / cosine.sum(1).clamp(min=1e-6))
    return torch.cat(result)
