"""Synthetic light stage: renders scan-derived heads with exact passes, in PyTorch alone."""

from light_stage.stage import LightStage, Sample

__all__ = ["LightStage", "Sample"]
