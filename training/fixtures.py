"""Writes the parity fixtures by which the Swift runtime is held to PyTorch, operation by operation.

One safetensors file per case, fp32, from seeded random weights on tiny shapes:
`input.<name>`, `weight.<state-dict key>`, `output.<name>` and, for networks, `tap.<module path>` = what
that module returned. Scalar arguments of an operation are in the metadata as JSON (`arguments`).
Run from anywhere: `python fixtures.py [REPOSITORY]`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import config
from export import FORMAT_VERSION, write_tensors
from networks import (
    AdaptiveFusion,
    ChannelAttention,
    DualAttention,
    MAGINet,
    PassTranslator,
    PositionAttention,
    RefinementNet,
    ReflectionBlock,
    ResidualBlock,
    resized,
)

SEED = 20251216


@dataclass
class Case:
    """One fixture: a module or function, its inputs and the scalar arguments Swift needs."""

    name: str
    run: nn.Module | Callable[..., Tensor]
    inputs: dict[str, Tensor]
    arguments: dict = field(default_factory=dict)


def randomize(module: nn.Module) -> nn.Module:
    """Seeded weights that exercise everything: no zero scale, no unit normalisation weight."""
    for key, parameter in module.named_parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
        elif "norm" in key and key.endswith("weight"):
            nn.init.uniform_(parameter, 0.5, 1.5)
        else:
            nn.init.uniform_(parameter, -0.5, 0.5)
    return module.eval()


def picture(*shape: int) -> Tensor:
    """A smooth picture plus noise, standard deviation about 1: what features look like."""
    coarse = torch.randn(shape[0], shape[1], max(shape[2] // 8, 2), max(shape[3] // 8, 2))
    return resized(coarse, shape[2:]) + 0.3 * torch.randn(shape)


def convolution_case(name: str, size: tuple[int, int], **arguments) -> Case:
    """A plain convolution; `inputs`, `outputs`, `kernel` and PyTorch's keyword arguments."""
    channels = {key: arguments.pop(key) for key in ("inputs", "outputs", "kernel")}
    layer = nn.Conv2d(channels["inputs"], channels["outputs"], channels["kernel"], **arguments)
    inputs = {"x": picture(2, channels["inputs"], *size)}
    return Case(name, randomize(layer), inputs, {**channels, **arguments})


def operation_cases() -> list[Case]:
    """Every operation of the runtime, odd sizes included."""
    reflect = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(3, 5, 7))
    upsample = nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1)
    norm = nn.InstanceNorm2d(6, affine=True)
    return [
        convolution_case("conv2d_3x3", (9, 12), inputs=5, outputs=7, kernel=3, padding=1),
        convolution_case("conv2d_1x1", (6, 5), inputs=9, outputs=4, kernel=1),
        convolution_case("conv2d_no_bias", (8, 8), inputs=16, outputs=16, kernel=3, bias=False),
        convolution_case(
            "conv2d_stride2", (10, 13), inputs=4, outputs=6, kernel=3, stride=2, padding=1
        ),
        Case(
            "conv2d_7x7_reflection",
            randomize(reflect),
            {"x": picture(1, 3, 12, 11)},
            {"inputs": 3, "outputs": 5, "kernel": 7, "reflection": 3},
        ),
        Case(
            "transposed_conv2d",
            randomize(upsample),
            {"x": picture(1, 6, 7, 5)},
            {"inputs": 6, "outputs": 4, "kernel": 3, "stride": 2, "padding": 1, "outputPadding": 1},
        ),
        Case("reflection_pad", nn.ReflectionPad2d(1), {"x": picture(1, 3, 4, 6)}, {"padding": 1}),
        Case("instance_norm", randomize(norm), {"x": picture(2, 6, 9, 7)}, {"epsilon": 1e-5}),
        Case("leaky_relu", nn.LeakyReLU(0.2), {"x": picture(1, 3, 5, 7)}, {"negativeSlope": 0.2}),
        Case("relu", F.relu, {"x": picture(1, 3, 5, 7)}),
        Case("sigmoid", torch.sigmoid, {"x": 4 * picture(1, 3, 5, 7)}),
        Case("tanh", torch.tanh, {"x": 2 * picture(1, 3, 5, 7)}),
        Case(
            "resize_up2",
            lambda x: resized(x, (10, 14)),
            {"x": picture(1, 3, 5, 7)},
            {"height": 10, "width": 14},
        ),
        Case(
            "resize_odd",
            lambda x: resized(x, (17, 11)),
            {"x": picture(1, 3, 6, 7)},
            {"height": 17, "width": 11},
        ),
        Case(
            "resize_down",
            lambda x: resized(x, (5, 4)),
            {"x": picture(1, 2, 12, 9)},
            {"height": 5, "width": 4},
        ),
        Case(
            "concatenate",
            lambda a, b: torch.cat([a, b], dim=1),
            {"a": picture(1, 3, 6, 5), "b": picture(1, 4, 6, 5)},
        ),
        Case("softmax_channels", lambda x: torch.softmax(x, dim=1), {"x": picture(2, 3, 6, 5)}),
        Case(
            "fusion",
            randomize(AdaptiveFusion(8, 6, 12, adaptive=True)),
            {
                "decoder": picture(1, 8, 4, 4),
                "skip": picture(1, 6, 8, 8),
                "bottleneck": picture(1, 12, 2, 2),
            },
        ),
        Case(
            "position_attention", randomize(PositionAttention(16, 8)), {"x": picture(1, 16, 6, 5)}
        ),
        Case("channel_attention", ChannelAttention(), {"x": picture(2, 10, 6, 5)}),
        Case("dual_attention", randomize(DualAttention(16, 8)), {"x": picture(1, 16, 6, 5)}),
        Case("residual_block", randomize(ResidualBlock(8, 0.2, 1e-5)), {"x": picture(1, 8, 8, 7)}),
        Case("reflection_block", randomize(ReflectionBlock(8, 1e-5)), {"x": picture(1, 8, 8, 7)}),
    ]


def network_cases() -> list[Case]:
    """The three stages in the `tiny` configuration at 64×64, the albedo entering the refinement at 32×32."""
    tiny = config.CONFIGURATIONS["tiny"]
    portrait = picture(1, 3, 64, 64).clamp(-1, 1)
    albedo = (0.5 + 0.2 * picture(1, 3, 64, 64)).clamp(0, 1)
    skin = (0.5 + picture(1, 1, 64, 64)).clamp(0, 1)
    return [
        Case("maginet", randomize(MAGINet(tiny["maginet"])), {"portrait": portrait}),
        Case(
            "refinement",
            randomize(RefinementNet(tiny["refinement"])),
            {"albedo": F.avg_pool2d(albedo, 2), "portrait": portrait},
        ),
        Case(
            "translator",
            randomize(PassTranslator(tiny["translator"])),
            {"albedo": albedo, "portrait": portrait, "skin": skin},
        ),
    ]


def taps(model: nn.Module, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """The output and what the model's children, and the members of its module lists, returned."""
    found: dict[str, Tensor] = {}
    hooks = []
    for path, module in model.named_modules():
        parent, _, member = path.rpartition(".")
        is_block = path and (not parent or member.isdigit() and "." not in parent)
        if is_block and not isinstance(module, nn.ModuleList):
            hooks.append(
                module.register_forward_hook(
                    lambda _, __, output, path=path: found.__setitem__(path, output)
                )
            )
    output = model(**inputs)
    for hook in hooks:
        hook.remove()
    return output, found


@torch.no_grad()
def write_case(case: Case, folder: Path, is_network: bool) -> None:
    """Runs one case and writes its file."""
    tensors = {f"input.{name}": value for name, value in case.inputs.items()}
    metadata = {
        "format_version": FORMAT_VERSION,
        "generator": "training/fixtures.py",
        "torch": torch.__version__,
        "seed": str(SEED),
        "arguments": json.dumps(case.arguments, sort_keys=True),
    }
    if isinstance(case.run, nn.Module):
        tensors |= {f"weight.{key}": value for key, value in case.run.state_dict().items()}
    if is_network:
        output, found = taps(case.run, case.inputs)
        tensors |= {f"tap.{path}": value for path, value in found.items()}
        metadata |= {"network": case.name, "configuration": config.to_json(case.run.configuration)}
    else:
        output = case.run(*case.inputs.values())
    write_tensors({**tensors, "output.y": output}, metadata, folder / f"{case.name}.safetensors")


def main() -> None:
    """Writes all fixtures below the repository given as the only argument."""
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # one summation order, whatever the machine
    for case in operation_cases():
        write_case(case, repository / "Tests/NeuralRuntimeTests/Fixtures", is_network=False)
    for case in network_cases():
        write_case(case, repository / "Tests/DecompositionTests/Fixtures", is_network=True)


if __name__ == "__main__":
    main()
