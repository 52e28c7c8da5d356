"""Z-buffer triangle rasteriser in plain tensor operations, for meshes of many small triangles.

Triangles are grouped by the size of their bounding box; every group tests all pixels of its boxes at
once, and the nearest hit per pixel is kept by one scatter-minimum over (depth, triangle) packed into
an integer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

_SIZE_CLASSES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1024, 2048, 4096)
_CANDIDATES_PER_CHUNK = 2_000_000
_DEPTH_LEVELS = 2**30
_NOTHING = 2**62

# Decides which hits count: (faces (n), barycentrics (n, 3), pixels (n)) -> keep (n).
HitTest = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass
class Fragments:
    """What is seen in every covered pixel, in pixel order."""

    pixel: torch.Tensor  # (n) row * width + column
    face: torch.Tensor  # (n)
    barycentric: torch.Tensor  # (n, 3), perspective correct
    width: int
    height: int
    weight: torch.Tensor | None = (
        None  # (n) share of the pixel, None where every pixel has one fragment
    )

    def interpolate(self, faces: torch.Tensor, attribute: torch.Tensor) -> torch.Tensor:
        """Vertex attributes (V, C) at the fragments: (n, C)."""
        corners = faces[self.face]
        result = attribute[corners[:, 0]] * self.barycentric[:, 0:1]
        result += attribute[corners[:, 1]] * self.barycentric[:, 1:2]
        result += attribute[corners[:, 2]] * self.barycentric[:, 2:3]
        return result

    def image(self, values: torch.Tensor, fill: float = 0.0) -> torch.Tensor:
        """Scatters fragment values (n, C) into a picture (C, H, W)."""
        picture = values.new_full((self.height * self.width, values.shape[1]), fill)
        picture[self.pixel] = values
        return picture.T.reshape(values.shape[1], self.height, self.width)

    def averaged(self, values: torch.Tensor) -> torch.Tensor:
        """Sums of values (n, C) times the fragments' shares of their pixels: (C, H, W)."""
        picture = values.new_zeros(self.height * self.width, values.shape[1])
        picture.index_add_(0, self.pixel, values * self.weight[:, None])
        return picture.T.reshape(values.shape[1], self.height, self.width)

    def grouped(self, factor: int, kind: torch.Tensor) -> "Fragments":
        """Fragments of a picture `factor` times smaller: one per pixel and `kind` (n) of surface.

        Each stands for all its members, so that edges are smooth although a surface is shaded once per
        pixel, as graphics hardware does in multisampling.
        """
        row = torch.div(self.pixel, self.width, rounding_mode="floor")
        small_width, small_height = self.width // factor, self.height // factor
        pixel = torch.div(row, factor, rounding_mode="floor") * small_width
        pixel += torch.div(self.pixel % self.width, factor, rounding_mode="floor")
        key, group, count = torch.unique(
            pixel * 256 + kind, return_inverse=True, return_counts=True
        )
        number = torch.arange(len(self.pixel), device=self.pixel.device)
        first = torch.full_like(key, len(self.pixel)).scatter_reduce(0, group, number, "amin")
        return Fragments(
            torch.div(key, 256, rounding_mode="floor"),
            self.face[first],
            self.barycentric[first],
            small_width,
            small_height,
            count.float() / factor**2,
        )


def _edge_weights(x0, y0, x1, y1, x2, y2, px, py):
    """Unnormalised barycentric weights of the points (px, py) and twice the signed area."""
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    w0 = (x1 - px) * (y2 - py) - (x2 - px) * (y1 - py)
    w1 = (x2 - px) * (y0 - py) - (x0 - px) * (y2 - py)
    return w0, w1, area - w0 - w1, area


def rasterize(
    positions: torch.Tensor,
    nearness: torch.Tensor,
    faces: torch.Tensor,
    width: int,
    height: int,
    perspective: bool = True,
    cull: torch.Tensor | None = None,
    hit_test: HitTest | None = None,
    tested_faces: torch.Tensor | None = None,
) -> Fragments:
    """Finds the nearest triangle in every pixel.

    `positions` (V, 2) are pixel coordinates, y down, pixel centres at .5; `nearness` (V) grows towards
    the viewer and is linear on screen (1/distance if `perspective`, else e.g. minus the depth). `cull` (F) marks triangles
    whose back must not be drawn (front = counter-clockwise seen with y up). `hit_test` may reject hits
    of the triangles marked in `tested_faces`.
    """
    device = positions.device
    corner = positions[faces]  # (F, 3, 2)
    low, high = corner.amin(1), corner.amax(1)
    first = torch.ceil(low - 0.5).clamp(min=0).to(torch.int64)
    last_x = torch.floor(high[:, 0] - 0.5).clamp(max=width - 1).to(torch.int64)
    last_y = torch.floor(high[:, 1] - 0.5).clamp(max=height - 1).to(torch.int64)
    extent = torch.maximum(last_x - first[:, 0], last_y - first[:, 1]) + 1
    drawn = (last_x >= first[:, 0]) & (last_y >= first[:, 1])
    # With y down, a triangle that is counter-clockwise with y up has negative area.
    area = (corner[:, 1, 0] - corner[:, 0, 0]) * (corner[:, 2, 1] - corner[:, 0, 1]) - (
        corner[:, 2, 0] - corner[:, 0, 0]
    ) * (corner[:, 1, 1] - corner[:, 0, 1])
    drawn &= area.abs() > 1e-9
    if cull is not None:
        drawn &= ~(cull & (area > 0))
    near_low, near_high = nearness.min(), nearness.max()
    depth = (near_high - nearness) / (near_high - near_low).clamp(min=1e-12) * (_DEPTH_LEVELS - 1)

    best = torch.full((height * width,), _NOTHING, dtype=torch.int64, device=device)
    smallest = 0
    for size in _SIZE_CLASSES:
        members = torch.nonzero(drawn & (extent > smallest) & (extent <= size)).squeeze(1)
        smallest = size
        for part in members.split(max(1, _CANDIDATES_PER_CHUNK // (size * size))):
            _draw(
                part, size, corner, depth, faces, first, width, height, best, hit_test, tested_faces
            )
    pixel = torch.nonzero(best < _NOTHING).squeeze(1)
    face = best[pixel] & 0xFFFFFFFF
    barycentric = _barycentric(corner[face], pixel, width)
    if perspective:
        barycentric = barycentric * nearness[faces[face]]
        barycentric = barycentric / barycentric.sum(1, keepdim=True)
    return Fragments(pixel, face, barycentric, width, height)


def _barycentric(corner: torch.Tensor, pixel: torch.Tensor, width: int) -> torch.Tensor:
    px = (pixel % width).float() + 0.5
    py = torch.div(pixel, width, rounding_mode="floor").float() + 0.5
    (x0, y0), (x1, y1), (x2, y2) = (corner[:, i].unbind(1) for i in range(3))
    w0, w1, w2, area = _edge_weights(x0, y0, x1, y1, x2, y2, px, py)
    return torch.stack((w0, w1, w2), 1) / area[:, None]


def _draw(part, size, corner, depth, faces, first, width, height, best, hit_test, tested_faces):
    """Tests a group of triangles whose boxes are at most `size` pixels wide and high."""
    if part.numel() == 0:
        return
    device = corner.device
    offset = torch.arange(size, device=device)
    column = (first[part, 0, None] + offset)[:, None, :].expand(-1, size, -1).reshape(len(part), -1)
    row = (first[part, 1, None] + offset)[:, :, None].expand(-1, -1, size).reshape(len(part), -1)
    (x0, y0), (x1, y1), (x2, y2) = (
        tuple(axis[:, None] for axis in corner[part, i].unbind(1)) for i in range(3)
    )
    w0, w1, w2, area = _edge_weights(x0, y0, x1, y1, x2, y2, column + 0.5, row + 0.5)
    sign = torch.sign(area)
    # A hair of tolerance closes cracks between neighbours.
    tolerance = -1e-5 * area.abs()
    inside = (w0 * sign >= tolerance) & (w1 * sign >= tolerance) & (w2 * sign >= tolerance)
    inside &= (column < width) & (row < height)
    which, candidate = torch.nonzero(inside, as_tuple=True)
    if which.numel() == 0:
        return
    face = part[which]
    weights = torch.stack((w0[which, candidate], w1[which, candidate], w2[which, candidate]), 1)
    weights = weights / area[which]
    pixel = row[which, candidate] * width + column[which, candidate]
    hit_depth = (depth[faces[face]] * weights).sum(1).clamp(0, _DEPTH_LEVELS - 1).to(torch.int64)
    key = (hit_depth << 32) | face
    if hit_test is not None and tested_faces is not None:
        tested = torch.nonzero(tested_faces[face]).squeeze(1)
        if tested.numel():
            rejected = ~hit_test(face[tested], weights[tested], pixel[tested])
            key[tested[rejected]] = _NOTHING
    best.scatter_reduce_(0, pixel, key, "amin")
