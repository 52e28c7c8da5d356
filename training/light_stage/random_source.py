"""Random numbers that are the same on every device: drawn on the CPU, then moved."""

import math

import torch


class RandomSource:
    """A seeded generator with the few distributions the light stage draws from."""

    def __init__(self, *seeds: int):
        # Hash the seeds together, so that neighbouring sample numbers are unrelated.
        state = 0x9E3779B97F4A7C15
        for seed in seeds:
            state = ((state ^ (seed & 0xFFFFFFFFFFFFFFFF)) * 0xBF58476D1CE4E5B9) % 2**64
            state ^= state >> 31
        self.generator = torch.Generator().manual_seed(state % 2**63)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * torch.rand((), generator=self.generator).item()

    def log_uniform(self, low: float, high: float) -> float:
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        return mean + deviation * torch.randn((), generator=self.generator).item()

    def clipped_normal(self, mean: float, deviation: float, limit: float) -> float:
        """A normal number kept within `limit` of the mean."""
        return min(max(self.normal(mean, deviation), mean - limit), mean + limit)

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def integer(self, count: int) -> int:
        """A whole number in 0..<count."""
        return min(int(self.uniform() * count), count - 1)

    def choice(self, options):
        return options[self.integer(len(options))]

    def normals(self, *shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=self.generator)

    def uniforms(self, *shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=self.generator)
