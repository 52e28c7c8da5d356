"""Trains one stage for a time budget; resumable.

    python train.py --stage albedo    --data FOLDER --out runs/albedo    --size 128 --minutes 30
    python train.py --stage refine    --data FOLDER --out runs/refine    --maginet runs/albedo/checkpoint.pt
    python train.py --stage translate --data FOLDER --out runs/translate --maginet … --refinement …

`--resume CHECKPOINT` continues from a checkpoint, also at another size, or from exported weights, whose
optimiser starts anew; the learning rate then follows a new schedule over the new budget.
A comparison of networks gives each the same `--samples` and seed, with `--network` or `--without`.
`torchrun --nproc-per-node N train.py …` trains on several devices.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import functools
import io
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

import config
from dataset import Augmentation, Batch, SampleFolder, tone_of
from evaluate import Figures, format_table, table_of
from export import load_exported, write_bytes
from networks import make_network
from stages import Settings, Terms, make_stage

NETWORK_OF_STAGE = {"albedo": "maginet", "refine": "refinement", "translate": "translator"}
WARMUP_STEPS = 100
# Half of the average is the last 140 steps: runs on a CPU have only some thousands.
AVERAGE_DECAY = 0.995


@functools.cache
def trains_in_bf16(device: torch.device) -> bool:
    """Whether the network runs in bf16: on a GPU, and on a CPU where a trial finds a convolution quicker with it.

    Processors differ: with AVX-512 alone, a training step at 192² took 0.66 times as long on one maker's
    (AMD Zen 4) and 1.4 times as long on another's, though both have instructions for bf16.
    """
    if device.type == "cuda":
        return True
    # Ones, because random numbers would take the run's.
    picture = torch.ones(4, 64, 96, 96, device=device)
    weight = torch.ones(64, 64, 3, 3, device=device, requires_grad=True)

    def seconds(bf16: bool) -> float:
        best = math.inf
        for _ in range(4):  # the first prepares the kernels
            begin = time.perf_counter()
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
                F.conv2d(picture, weight, padding=1).float().sum().backward()
            best = min(best, time.perf_counter() - begin)
        return best

    return seconds(bf16=True) < seconds(bf16=False)


def as_matrix(values: Tensor, like: Tensor) -> Tensor:
    """A convolution's weights or their gradient as (outputs, inputs × kernel), in the memory order of `like`."""
    if not like.is_contiguous():  # channels last
        values = values.permute(0, 2, 3, 1)
    return values.reshape(values.shape[0], -1)


class NetworkOptimizer:
    """Muon for the convolutions' weights, AdamW for heads, norms and biases.

    Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks") makes every
    update's singular values alike. Updates are scaled to AdamW's size (Liu et al. 2025, "Muon is scalable
    for LLM training"), so both share one learning rate.
    """

    # With fewer it is a head for colours and mattes, or no matrix worth the name.
    FEWEST_ROWS = 6

    def __init__(self, model: nn.Module, learning_rate: float):
        self.weights, others = [], []
        for parameter in model.parameters():
            rows = parameter.shape[0]
            is_matrix = parameter.ndim == 4 and min(rows, parameter[0].numel()) >= self.FEWEST_ROWS
            (self.weights if is_matrix else others).append(parameter)
        # `Muon` takes matrices alone: these share the weights' memory.
        self.matrices = [as_matrix(weight.detach(), weight) for weight in self.weights]
        muon = torch.optim.Muon(
            self.matrices, learning_rate, weight_decay=1e-4, adjust_lr_fn="match_rms_adamw"
        )
        adam = torch.optim.AdamW(
            others, learning_rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True
        )
        self.parts = {"muon": muon, "adam": adam}

    def step(self, learning_rate: float) -> None:
        """Updates the network by the gradients that its parameters hold."""
        for weight, matrix in zip(self.weights, self.matrices):
            matrix.grad = as_matrix(weight.grad, weight)
        for part in self.parts.values():
            for group in part.param_groups:
                group["lr"] = learning_rate
            part.step()

    def state_dict(self) -> dict[str, dict]:
        """What a checkpoint keeps."""
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, state: dict[str, dict]) -> None:
        """Goes on from a checkpoint's."""
        for name, part in self.parts.items():
            part.load_state_dict(state[name])


class Trainer:
    """One run: the network, its running average, the optimisers, and where it stands."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.rank = int(os.environ.get("RANK", "0"))
        self.workers = int(os.environ.get("WORLD_SIZE", "1"))
        self.device = torch.device("cpu")
        if torch.cuda.is_available():
            self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.manual_seed(settings.seed)
        named = config.CONFIGURATIONS[settings.configuration][settings.network]
        if settings.without:
            named = dataclasses.replace(named, **{settings.without: False})
        if settings.stage != "refine":  # fully local: runs at whatever size it is given
            named = dataclasses.replace(named, resolution=settings.size)
        self.model = make_network(settings.network, named).to(self.device)
        # The faster layout on a GPU; on a CPU, measured at 128² and 256², the slower one.
        if self.device.type == "cuda":
            self.model = self.model.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.stage = make_stage(settings, self.device)
        self.optimizer = NetworkOptimizer(self.model, settings.learning_rate)
        self.discriminator = getattr(self.stage, "discriminator", None)
        self.discriminator_optimizer = None
        if self.discriminator is not None:
            self.discriminator_optimizer = torch.optim.Adam(
                self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999)
            )
        self.step = 0
        self.samples = 0
        self.seconds = 0.0
        self.history: list[dict] = []
        if settings.resume:
            self.restore(Path(settings.resume))
        self.folder = SampleFolder([Path(path) for path in settings.data])
        self.trained: nn.Module = self.model
        if self.workers > 1:
            ids = [self.device.index] if self.device.type == "cuda" else None
            self.trained = DistributedDataParallel(self.model, device_ids=ids)

    def restore(self, path: Path) -> None:
        """Continues from a checkpoint with its optimiser's state, or from exported weights without one."""
        if path.suffix == ".safetensors":
            network, exported, provenance = load_exported(path)
            if network != self.settings.network:
                raise ValueError(f"{path} holds {network}, not {self.settings.network}")
            self.model.load_state_dict(exported.state_dict())
            self.average.load_state_dict(exported.state_dict())
            self.step, self.samples = provenance["steps"], provenance["samples_seen"]
            self.seconds, self.history = provenance["seconds"], provenance["runs"]
            return
        checkpoint = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(checkpoint["model"])
        self.average.load_state_dict(checkpoint["average"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        if self.discriminator is not None and checkpoint["discriminator"] is not None:
            self.discriminator.load_state_dict(checkpoint["discriminator"])
        self.step, self.samples = checkpoint["step"], checkpoint["samples"]
        self.seconds = checkpoint["seconds"]
        self.history = checkpoint["provenance"]["runs"]

    def provenance(self, started: dict, validation: dict) -> dict:
        """What the weights were trained on, run by run."""
        run = {**started, "samples_seen": self.samples - started["samples_before"]}
        run["seconds"] = round(self.seconds - started["seconds_before"])
        return {
            "data": "synthetic light stage (training/light_stage) over openly licensed scans",
            "samples_in_folder": len(self.folder.training),
            "samples_seen": self.samples,
            "steps": self.step,
            "seconds": round(self.seconds),
            "seed": self.settings.seed,
            "torch": str(torch.__version__),
            "precision": "bf16" if trains_in_bf16(self.device) else "fp32",
            "validation": validation,
            "runs": [*self.history, run],
        }

    def save(self, started: dict, validation: dict) -> None:
        """Writes the checkpoint whole or not at all."""
        discriminator = None if self.discriminator is None else self.discriminator.state_dict()
        buffer = io.BytesIO()
        torch.save(
            {
                "network": self.settings.network,
                "configuration": config.to_json(self.model.configuration),
                "model": self.model.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "discriminator": discriminator,
                "step": self.step,
                "samples": self.samples,
                "seconds": self.seconds,
                "provenance": self.provenance(started, validation),
            },
            buffer,
        )
        write_bytes(buffer.getvalue(), Path(self.settings.out) / "checkpoint.pt")

    def learning_rate(self, fraction: float, steps: int) -> float:
        """Linear warm-up, then a cosine from the first to the last rate over the budget."""
        s = self.settings
        cosine = 0.5 * (1 + math.cos(math.pi * min(fraction, 1.0)))
        rate = s.final_learning_rate + (s.learning_rate - s.final_learning_rate) * cosine
        return rate * min(1.0, (steps + 1) / WARMUP_STEPS)

    def update_average(self) -> None:
        """Exponential moving average of the weights, faster while the run is young."""
        decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters()):
                mean.lerp_(value, 1 - decay)

    def train_step(self, batch: Batch, learning_rate: float) -> Terms:
        """One update of the network, and of the discriminator where there is one."""
        inputs, truth = self.stage.prepare(batch.map(lambda part: part.to(self.device)))
        bf16 = trains_in_bf16(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=bf16):
            predicted = self.trained(*inputs)
        predicted = predicted.float()  # losses in full precision
        terms = self.stage.losses(predicted, inputs, truth)
        self.model.zero_grad()
        sum(terms.values()).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step(learning_rate)
        if self.discriminator_optimizer is not None:
            self.discriminator_optimizer.zero_grad(set_to_none=True)
            self.stage.discriminator_loss(predicted, inputs, truth).backward()
            self.discriminator_optimizer.step()
        self.step += 1
        self.samples += batch.photo.shape[0] * self.workers
        self.update_average()
        return terms

    @torch.no_grad()
    def validate(self) -> dict[str, Figures]:
        """The table of figures by tone on held-out samples, with the averaged weights."""
        rows = []
        for batch in self.folder.validation_batches(
            self.settings.size, self.settings.validation_samples
        ):
            inputs, truth = self.stage.prepare(batch.map(lambda part: part.to(self.device)))
            rows.append((tone_of(batch), self.stage.figures(self.average(*inputs), truth)))
        return table_of(rows)

    def batches(self) -> Iterator[Batch]:
        """Augmented training batches of this worker."""
        seed = (self.settings.seed * 1000 + self.rank) * 1_000_003 + self.step
        augmentation = Augmentation()
        if self.settings.stage != "albedo":  # drawn clothes have no shape to learn
            augmentation = dataclasses.replace(augmentation, outfit=0.0)
        return self.folder.training_batches(
            self.settings.size, self.settings.batch, augmentation, seed
        )

    def spent(self, elapsed: float, samples_before: int) -> float:
        """The part of the budget that is used up: of the time, or of the samples where they are limited."""
        fraction = elapsed / (self.settings.minutes * 60)
        if self.settings.samples:
            seen = self.samples - samples_before
            fraction = max(fraction, seen / self.settings.samples)
        return fraction

    def is_over(self, fraction: float) -> bool:
        """Whether the budget is spent; the first worker decides, lest another wait for its gradients."""
        over = torch.tensor([float(fraction >= 1)], device=self.device)
        if self.workers > 1:
            distributed.broadcast(over, src=0)
        return bool(over.item())

    def run(self) -> dict[str, Figures]:
        """Trains until the budget is spent; returns the last validation table."""
        s = self.settings
        started = {
            "settings": dataclasses.asdict(s),
            "samples_before": self.samples,
            "seconds_before": self.seconds,
        }
        begin = time.monotonic()
        seconds_before = self.seconds
        next_validation, next_checkpoint = s.validate_minutes * 60, s.checkpoint_minutes * 60
        validation: dict[str, Figures] = {}
        first_step, means = self.step, {}
        for batch in self.batches():
            elapsed = time.monotonic() - begin
            fraction = self.spent(elapsed, started["samples_before"])
            if self.is_over(fraction):
                break
            rate = self.learning_rate(fraction, self.step - first_step)
            terms = self.train_step(batch, rate)
            for name, term in terms.items():
                value = float(term.detach())
                means[name] = 0.98 * means.get(name, value) + 0.02 * value
            self.seconds = seconds_before + time.monotonic() - begin
            if self.rank != 0:
                continue
            if self.step % 25 == 0:
                speed = (self.samples - started["samples_before"]) / (self.seconds - seconds_before)
                shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
                print(
                    f"step {self.step}  {elapsed:.0f} s  {speed:.2f} samples/s  {shown}", flush=True
                )
            if elapsed > next_validation:
                validation = self.validate()
                print(format_table(validation), flush=True)
                next_validation = time.monotonic() - begin + s.validate_minutes * 60
            if elapsed > next_checkpoint:
                self.save(started, validation)
                next_checkpoint = time.monotonic() - begin + s.checkpoint_minutes * 60
        if self.rank == 0:
            validation = self.validate()
            print(format_table(validation), flush=True)
            self.save(started, validation)
        return validation


def parse_settings(arguments: list[str] | None = None) -> Settings:
    """Settings from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stage", choices=NETWORK_OF_STAGE, required=True)
    parser.add_argument("--data", action="append", required=True, help="folder of packed samples")
    parser.add_argument("--out", required=True, help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--samples", type=int, help="stop after so many samples, if time allows")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in training")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--final-learning-rate", type=float, default=1e-5)
    parser.add_argument("--configuration", choices=config.CONFIGURATIONS, default="studio")
    parser.add_argument("--network", choices=["unet6l"], help="baseline in place of MAGINet")
    parser.add_argument(
        "--without", choices=["attention", "fusion"], help="ablation: MAGINet without this part"
    )
    parser.add_argument("--resume", help="checkpoint or exported weights to continue from")
    parser.add_argument(
        "--teacher", help="weights whose albedo is kept while the mattes are trained on"
    )
    parser.add_argument("--maginet", help="checkpoint; refine needs it, translate should have it")
    parser.add_argument("--refinement", help="checkpoint; translate uses it if given")
    parser.add_argument("--perceptual", help="squeezenet1_0.npz of the training material")
    parser.add_argument("--perceptual-weight", type=float, default=0.1)
    parser.add_argument("--adversarial-weight", type=float, default=0.0, help="0: no discriminator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--validate-minutes", type=float, default=5.0)
    parser.add_argument("--checkpoint-minutes", type=float, default=3.0)
    parser.add_argument("--validation-samples", type=int, default=40)
    values = vars(parser.parse_args(arguments))
    values["data"] = tuple(values["data"])
    values["network"] = values["network"] or NETWORK_OF_STAGE[values["stage"]]
    if values["without"] and values["network"] != "maginet":
        parser.error("--without is for MAGINet alone")
    if values["teacher"] and values["stage"] != "albedo":
        parser.error("--teacher is for the albedo stage alone")
    return Settings(**values)


def main() -> None:
    """Runs a training from the command line."""
    settings = parse_settings()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    print(json.dumps(dataclasses.asdict(settings), indent=1), flush=True)
    Trainer(settings).run()
    if distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
