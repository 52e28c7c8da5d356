"""Smooth three-dimensional noise, evaluated at points of the rest head so that it has no seams."""

import torch
import torch.nn.functional as F

from light_stage.random_source import RandomSource

_LATTICE = 32
# A rotation without relation to the axes (0.6, 0.9 and 0.4 rad about x, y and z).
TURN = (
    (0.572541, 0.085984, 0.815355),
    (0.242066, 0.932424, -0.268308),
    (-0.783327, 0.350987, 0.513037),
)


class NoiseField:
    """Periodic value noise with unit variance lattice values and `channels` independent channels."""

    def __init__(self, random: RandomSource, channels: int, device: torch.device):
        lattice = random.normals(channels, _LATTICE, _LATTICE, _LATTICE)
        # One wrapped layer makes trilinear lookups periodic.
        lattice = F.pad(lattice[None], (0, 1, 0, 1, 0, 1), mode="circular")
        self.lattice = lattice.to(device)

    def __call__(self, points: torch.Tensor, cells_per_unit: float) -> torch.Tensor:
        """Noise (n, channels) at `points` (n, 3)."""
        wrapped = torch.remainder(points * cells_per_unit, _LATTICE)
        fraction = wrapped - wrapped.floor()
        # The quintic fade of Perlin 2002 hides the lattice in derivatives (bump normals).
        smooth = fraction**3 * (fraction * (fraction * 6 - 15) + 10)
        grid = (wrapped.floor() + smooth) / _LATTICE * 2 - 1
        found = F.grid_sample(
            self.lattice, grid[None, None, None], mode="bilinear", align_corners=True
        )
        return found[0, :, 0, 0].T

    def octaves(self, points: torch.Tensor, cells_per_unit: float, count: int) -> torch.Tensor:
        """A sum of `count` octaves, each of half the weight of the one before, about unit variance."""
        total, weight_squares = 0.0, 0.0
        # Octaves are turned against each other, so that the lattice does not show.
        turn = turn_step = points.new_tensor(TURN)
        for octave in range(count):
            weight = 0.6**octave
            turned = (points + 7.31 * octave) @ turn.T
            total = total + weight * self(turned, cells_per_unit * 2**octave)
            turn = turn @ turn_step
            weight_squares += weight * weight * 0.3
        return total / weight_squares**0.5
