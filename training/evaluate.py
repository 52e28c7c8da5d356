"""Validation figures on packed samples, by tone of skin: `python evaluate.py --data FOLDER --models FOLDER`.

All figures are over the skin matte. Albedo: RMSE and PSNR of the sRGB-encoded values, scale-invariant
RMSE and correlation of the linear ones, and the bias of the mean luminance (0.1 = 10 % too light).
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dataset import Batch, SampleFolder, linear_from_srgb, luminance, resampled, tone_of
from export import load_exported
from networks import resized

Figures = dict[str, float]


def over_mask(values: Tensor, mask: Tensor) -> Tensor:
    """The values of one sample (1, C, H, W) inside the mask, (C, pixels)."""
    return values[0][:, mask[0, 0]]


def correlation(a: Tensor, b: Tensor) -> float:
    """Pearson correlation, the mean over the channels; 0 for a constant."""
    a = a - a.mean(1, keepdim=True)
    b = b - b.mean(1, keepdim=True)
    return float(((a * b).mean(1) / (a.std(1) * b.std(1)).clamp_min(1e-9)).mean())


def scale_invariant_rmse(predicted: Tensor, truth: Tensor) -> float:
    """RMSE after the best single factor on the prediction."""
    factor = (predicted * truth).sum() / predicted.square().sum().clamp_min(1e-12)
    return float((factor * predicted - truth).square().mean().sqrt())


def albedo_figures(predicted: Tensor, batch: Batch) -> Figures:
    """Figures of one albedo (1, 3, H, W), sRGB 0..1."""
    mask = batch.skin > 0.5
    p, t = over_mask(predicted, mask), over_mask(batch.albedo, mask)
    mse = float((p - t).square().mean())
    linear, true_linear = linear_from_srgb(p), linear_from_srgb(t)
    mean, true_mean = (float(luminance(x[None, :, None])[0].mean()) for x in (linear, true_linear))
    return {
        "rmse": math.sqrt(mse),
        "psnr": -10 * math.log10(max(mse, 1e-10)),
        "si-rmse": scale_invariant_rmse(linear, true_linear),
        "corr": correlation(linear, true_linear),
        "bias": mean / max(true_mean, 1e-6) - 1,
    }


def translator_figures(predicted: Tensor, batch: Batch) -> Figures:
    """Figures of one translator output (1, 9, H, W)."""
    mask = batch.skin > 0.5
    cosine = (over_mask(predicted[:, 1:4], mask) * over_mask(batch.normal, mask)).sum(0)
    angle = torch.rad2deg(torch.arccos(cosine.clamp(-1, 1)))
    figures = {"normal°": float(angle.mean()), "median°": float(angle.median())}
    for name, channels, truth in (
        ("ao", slice(0, 1), batch.ao),
        ("specular", slice(4, 5), batch.specular),
        ("translucency", slice(5, 6), batch.translucency),
        ("diffuse", slice(6, 9), batch.diffuse),
    ):
        p, t = over_mask(predicted[:, channels], mask), over_mask(truth, mask)
        figures[name] = float((p - t).square().mean().sqrt())
    return figures


def matte_figures(predicted: Tensor, batch: Batch) -> Figures:
    """Mean absolute errors of the two mattes (1, 2, H, W) over the whole picture."""
    truth = torch.cat([batch.skin, batch.subject], dim=1)
    error = (predicted - truth).abs().mean((0, 2, 3))
    return {"skin": float(error[0]), "subject": float(error[1])}


def table_of(rows: list[tuple[str, Figures]]) -> dict[str, Figures]:
    """Means of the figures by tone and over all samples, with the number of samples as `n`."""
    groups: dict[str, list[Figures]] = defaultdict(list)
    for tone, figures in rows:
        groups[tone].append(figures)
        groups["all"].append(figures)
    return {
        tone: {"n": len(group)} | {key: sum(f[key] for f in group) / len(group) for key in group[0]}
        for tone, group in sorted(groups.items())
    }


def format_table(table: dict[str, Figures]) -> str:
    """The table as aligned text, one tone per line."""
    if not table:
        return "(no held-out samples)"
    names = list(next(iter(table.values())))
    lines = ["tone    " + "".join(f"{name:>13}" for name in names)]
    for tone, figures in table.items():
        cells = "".join(
            f"{value:13d}" if isinstance(value, int) else f"{value:13.4f}"
            for value in figures.values()
        )
        lines.append(f"{tone:8}{cells}")
    return "\n".join(lines)


@torch.no_grad()
def decompose(
    maginet: nn.Module, refinement: nn.Module, translator: nn.Module, portrait: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Refined albedo, mattes (skin, subject) and passes of portraits (N, 3, S, S), all at their size.

    As in the program, MAGINet and the translator run at the resolution in their configuration.
    """
    size = portrait.shape[-2:]
    predicted = maginet(resampled(portrait, maginet.configuration.resolution))
    predicted = resized(predicted, size)
    albedo, mattes = refinement(predicted[:, :3], portrait), predicted[:, 3:]
    side = translator.configuration.resolution
    inputs = [resampled(x, side) for x in (albedo, portrait, mattes[:, :1])]
    passes = resized(translator(*inputs), size)
    normal = F.normalize(passes[:, 1:4], dim=1)  # interpolation shortens it
    return albedo, mattes, torch.cat([passes[:, :1], normal, passes[:, 4:]], dim=1)


def main() -> None:
    """Prints the tables of exported weights on the held-out samples of a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder of .safetensors files")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    models = [
        load_exported(arguments.models / f"{name}.safetensors")[1]
        for name in ("maginet", "refinement", "translator")
    ]
    albedo_rows, input_rows, matte_rows, pass_rows = [], [], [], []
    for batch in SampleFolder(arguments.data).validation_batches(arguments.size, arguments.samples):
        tone = tone_of(batch)
        albedo, mattes, passes = decompose(*models, batch.portrait)
        albedo_rows.append((tone, albedo_figures(albedo, batch)))
        input_rows.append((tone, albedo_figures(batch.photo, batch)))
        matte_rows.append((tone, matte_figures(mattes, batch)))
        pass_rows.append((tone, translator_figures(passes, batch)))
    tables = {
        "albedo": table_of(albedo_rows),
        "the photograph taken as albedo": table_of(input_rows),
        "mattes": table_of(matte_rows),
        "passes": table_of(pass_rows),
    }
    if arguments.json:
        print(json.dumps(tables, indent=1))
    else:
        print("\n\n".join(f"{title}\n{format_table(table)}" for title, table in tables.items()))


if __name__ == "__main__":
    main()
