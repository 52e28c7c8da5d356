"""Writes a trained network as the `.safetensors` file that the program ships, and reads it back.

Tensors are fp16 under their PyTorch keys. The metadata says what the file is (`format_version`,
`network`, `configuration`), where it comes from (`provenance`) and a `sha256` over the bytes of all
tensors in the sorted order of their keys, by which the program notices a damaged file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

import config
from networks import make_network

FORMAT_VERSION = "1"
LICENCE = (
    "The project's licence. Trained on renders of openly licensed material only: ICT-FaceKit (MIT), "
    "VALID skin textures (MIT), MakeHuman assets (CC0), Poly Haven panoramas (CC0)."
)


def tensor_digest(tensors: dict[str, Tensor]) -> str:
    """SHA-256 in hexadecimal over the raw little-endian bytes of the tensors, keys sorted."""
    digest = hashlib.sha256()
    for key in sorted(tensors):
        digest.update(tensors[key].contiguous().numpy().tobytes())
    return digest.hexdigest()


def write_bytes(data: bytes, path: Path) -> None:
    """Writes the file whole or not at all: temporary file beside it, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_tensors(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    """Writes a safetensors file with the digest of its tensors added to the metadata."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    write_bytes(save(tensors, {**metadata, "sha256": tensor_digest(tensors)}), path)


def export_network(network: str, model: nn.Module, provenance: dict, path: Path) -> None:
    """Writes the weights of `model` in fp16 with configuration and provenance."""
    tensors = {key: value.half() for key, value in model.state_dict().items()}
    metadata = {
        "format_version": FORMAT_VERSION,
        "network": network,
        "configuration": config.to_json(model.configuration),
        "provenance": json.dumps(provenance, sort_keys=True),
    }
    write_tensors(tensors, metadata, path)


def load_exported(path: Path) -> tuple[str, nn.Module, dict]:
    """The network's name, the network in fp32 with the file's weights, and the provenance."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {key: file.get_tensor(key) for key in list(file.keys())}
    if metadata.get("format_version") != FORMAT_VERSION:
        raise ValueError(f"{path}: format {metadata.get('format_version')}, not {FORMAT_VERSION}")
    if tensor_digest(tensors) != metadata["sha256"]:
        raise ValueError(f"{path}: the tensors do not match the digest; the file is damaged")
    network = metadata["network"]
    model = make_network(network, config.from_json(network, metadata["configuration"]))
    model.load_state_dict({key: value.float() for key, value in tensors.items()})
    return network, model.eval(), json.loads(metadata["provenance"])


def averaged(sets: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of several sets of weights of one training (Wortsman et al. 2022, "Model soups").

    What lies between earlier and later checkpoints is often better than all, most of all on pictures
    unlike those of the training.
    """
    if any(weights.keys() != sets[0].keys() for weights in sets):
        raise ValueError("the checkpoints are of different networks")
    return {key: sum(weights[key].float() for weights in sets) / len(sets) for key in sets[0]}


def without_folders(value: object) -> object:
    """The value with every path in it shortened to its last part: a shipped file names no machine."""
    if isinstance(value, dict):
        return {key: without_folders(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_folders(entry) for entry in value]
    if isinstance(value, str) and os.path.isabs(value):
        path = Path(value)
        # All checkpoints have one name; their folder is the run.
        return path.parent.name if path.name == "checkpoint.pt" else path.name
    return value


ONNX_INPUTS = {
    "maginet": ("portrait",),
    "refinement": ("albedo", "portrait"),
    "translator": ("albedo", "portrait", "skin"),
}
INPUT_CHANNELS = {"portrait": 3, "albedo": 3, "skin": 1}


def example_inputs(network: str, side: int) -> tuple[Tensor, ...]:
    """Random inputs (1, C, side, side) of a network in the ranges it expects."""
    generator = torch.Generator().manual_seed(1)
    named = {
        name: torch.rand(1, INPUT_CHANNELS[name], side, side, generator=generator)
        for name in ONNX_INPUTS[network]
    }
    named["portrait"] = named["portrait"] * 2 - 1
    return tuple(named[name] for name in ONNX_INPUTS[network])


def write_onnx(network: str, model: nn.Module, path: Path) -> None:
    """Writes the network at the resolution of its configuration, for other runtimes; output `y`."""
    torch.onnx.export(
        model.eval(),
        example_inputs(network, model.configuration.resolution),
        str(path),
        input_names=list(ONNX_INPUTS[network]),
        output_names=["y"],
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def main() -> None:
    """Exports the averaged weights of a checkpoint written by train.py, or an exported file as ONNX.

    python export.py runs/albedo/checkpoint.pt maginet.safetensors [--average-with runs/earlier/checkpoint.pt]
    python export.py maginet.safetensors maginet.onnx
    """
    parser = argparse.ArgumentParser(
        description=main.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="checkpoint, or .safetensors for ONNX")
    parser.add_argument("output", type=Path, help=".safetensors or .onnx")
    parser.add_argument("--resolution", type=int, help="side to run at; the last run's by default")
    parser.add_argument(
        "--average-with",
        type=Path,
        action="append",
        default=[],
        help="checkpoint of the same training to take the mean with; repeatable",
    )
    parser.add_argument("--note", action="append", default=[], help="added to the provenance")
    arguments = parser.parse_args()
    if arguments.output.suffix == ".onnx":
        network, model, _ = load_exported(arguments.checkpoint)
        write_onnx(network, model, arguments.output)
        print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.1f} MB")
        return
    checkpoint = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    network = checkpoint["network"]
    model = make_network(network, config.from_json(network, checkpoint["configuration"]))
    others = [
        torch.load(path, map_location="cpu", weights_only=True) for path in arguments.average_with
    ]
    said = {"licence": LICENCE, "notes": arguments.note}
    if others:
        said["averaged_with"] = [
            {"samples_seen": other["samples"], "steps": other["step"]} for other in others
        ]
    model.load_state_dict(averaged([each["average"] for each in (checkpoint, *others)]))
    if arguments.resolution:
        model.configuration = replace(model.configuration, resolution=arguments.resolution)
    provenance = without_folders({**checkpoint["provenance"], **said})
    export_network(network, model, provenance, arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
