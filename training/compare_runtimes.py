"""Times the three networks in other runtimes and in the program, with the same weights, interleaved.

    python compare_runtimes.py --models ../assets/models --program ../.build/release/chiaro

Needs onnx, onnxscript, onnxruntime and openvino beside requirements.txt. Every runtime runs each network
at the resolution of its configuration; the program is asked for its own figures by `chiaro benchmark`.
Every peer runs in a process of its own, which tells its peak memory too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from export import ONNX_INPUTS, example_inputs, load_exported, write_onnx

NETWORKS = tuple(ONNX_INPUTS)
PEERS = ("openvino-bf16", "openvino-f32", "onnxruntime-f32", "pytorch-f32")


def openvino_runner(path: Path, precision: str, threads: int) -> Callable:
    """A compiled OpenVINO model that takes the inputs as arrays."""
    import openvino

    kind = openvino.Type.bf16 if precision == "bf16" else openvino.Type.f32
    compiled = openvino.Core().compile_model(
        str(path),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": kind,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        },
    )
    request = compiled.create_infer_request()
    return lambda inputs: request.infer(list(inputs))


def onnxruntime_runner(path: Path, threads: int) -> Callable:
    """An ONNX Runtime session."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    return lambda inputs: session.run(None, dict(zip(names, inputs, strict=True)))


def pytorch_runner(path: Path) -> Callable:
    """The network in PyTorch, channels last."""
    _, model, _ = load_exported(path)
    model = model.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def run(inputs):
        tensors = [
            torch.from_numpy(x).contiguous(memory_format=torch.channels_last) for x in inputs
        ]
        return model(*tensors)

    return run


def serve(peer: str, models: Path, onnx: Path, threads: int) -> None:
    """A peer's process: for every line on standard input, one decomposition and its time."""
    runtime, precision = peer.rsplit("-", 1)
    torch.set_num_threads(threads)
    runners, inputs = {}, {}
    for name in NETWORKS:
        resolution = load_exported(models / f"{name}.safetensors")[1].configuration.resolution
        inputs[name] = [x.numpy() for x in example_inputs(name, resolution)]
        if runtime == "openvino":
            runners[name] = openvino_runner(onnx / f"{name}.onnx", precision, threads)
        elif runtime == "onnxruntime":
            runners[name] = onnxruntime_runner(onnx / f"{name}.onnx", threads)
        else:
            runners[name] = pytorch_runner(models / f"{name}.safetensors")
        runners[name](inputs[name])
    for _ in sys.stdin:
        figures = {}
        for name in NETWORKS:
            start = time.perf_counter()
            runners[name](inputs[name])
            figures[name] = (time.perf_counter() - start) * 1000
        # getrusage would also count the process that started this one.
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
        print(json.dumps({"milliseconds": figures, "megabytes": peak}), flush=True)


def program_figures(program: Path, precision: str, threads: int) -> dict:
    """One run of `chiaro benchmark` after its warm-up, network by network."""
    command = [program, "benchmark", "--json", "--repetitions", "1"]
    command += ["--precision", precision, "--threads", str(threads)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    figures = {stage["stage"]: stage["milliseconds"] for stage in report["stages"]}
    return {"milliseconds": figures, "megabytes": report["peakResidentMegabytes"]}


def main() -> None:
    """Runs all peers in turn and prints medians and ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, required=True, help="folder of .safetensors files")
    parser.add_argument("--program", type=Path, help="the built chiaro")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peer", action="append", choices=PEERS, help="all by default")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--onnx", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.models, arguments.onnx, arguments.threads)
        return
    results: dict[str, list[dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            _, model, _ = load_exported(arguments.models / f"{name}.safetensors")
            write_onnx(name, model, Path(folder) / f"{name}.onnx")
        passed_on = ["--models", arguments.models, "--onnx", folder, "--threads", arguments.threads]
        processes = {}
        for peer in arguments.peer or PEERS:
            command = [sys.executable, __file__, "--serve", peer, *map(str, passed_on)]
            processes[peer] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        for _ in range(arguments.repetitions):
            for peer, process in processes.items():
                process.stdin.write("run\n")
                process.stdin.flush()
                results.setdefault(peer, []).append(json.loads(process.stdout.readline()))
            for precision in ("f32", "bf16") if arguments.program else ():
                figures = program_figures(arguments.program, precision, arguments.threads)
                results.setdefault(f"chiaro-{precision}", []).append(figures)
        for process in processes.values():
            process.stdin.close()
            process.wait()
    medians = {
        runtime: {
            **{
                name: statistics.median(run["milliseconds"][name] for run in runs)
                for name in NETWORKS
            },
            "all": statistics.median(sum(run["milliseconds"].values()) for run in runs),
            "megabytes": max(run["megabytes"] for run in runs),
        }
        for runtime, runs in results.items()
    }
    if arguments.json:
        print(json.dumps(medians, indent=1))
        return
    print(f"medians of {arguments.repetitions} in ms, {arguments.threads} threads; peak MB")
    print(f"{'':16}" + "".join(f"{name:>12}" for name in (*NETWORKS, "all", "megabytes")))
    for runtime, row in medians.items():
        print(f"{runtime:16}" + "".join(f"{value:12.1f}" for value in row.values()))


if __name__ == "__main__":
    main()
