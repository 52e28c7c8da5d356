"""The three stages: what each network is fed, what it is held to, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import config
from dataset import Batch
from evaluate import Figures, albedo_figures, translator_figures
from export import load_exported
from losses import (
    MultiScaleDiscriminator,
    PerceptualLoss,
    adversarial_loss,
    edge_l1,
    feature_matching_loss,
    highlight_residue,
    masked_l1,
    masked_mse,
    normal_cosine,
    open_skin,
    shading_leak,
    tone_distance,
    variation_distance,
)
from networks import make_network, resized


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on; printed at the start and kept in the checkpoint's provenance."""

    stage: str
    data: tuple[str, ...]
    out: str
    minutes: float
    samples: int | None
    size: int
    batch: int
    learning_rate: float
    final_learning_rate: float
    configuration: str
    network: str
    without: str | None
    resume: str | None
    teacher: str | None
    maginet: str | None
    refinement: str | None
    perceptual: str | None
    perceptual_weight: float
    adversarial_weight: float
    seed: int
    validate_minutes: float
    checkpoint_minutes: float
    validation_samples: int


Terms = dict[str, Tensor]


def load_network(path: str, device: torch.device) -> nn.Module:
    """The averaged network of a checkpoint or the network of exported weights, frozen."""
    if path.endswith(".safetensors"):
        return load_exported(Path(path))[1].to(device).requires_grad_(False)
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    network = checkpoint["network"]
    model = make_network(network, config.from_json(network, checkpoint["configuration"]))
    model.load_state_dict(checkpoint["average"])
    return model.to(device).eval().requires_grad_(False)


class AlbedoStage:
    """Photograph → albedo and mattes (MAGINet, or the U-Net baseline)."""

    # Skin decides; hair and clothes, which the subject matte adds, only help.
    SUBJECT_WEIGHT = 0.25

    def __init__(self, settings: Settings, perceptual: PerceptualLoss | None, device: torch.device):
        self.perceptual = perceptual
        self.perceptual_weight = settings.perceptual_weight
        self.teacher = load_network(settings.teacher, device) if settings.teacher else None

    def prepare(self, batch: Batch) -> tuple[tuple[Tensor, ...], Batch]:
        """The network's inputs, and the truth."""
        return (batch.portrait,), batch

    @staticmethod
    def matte_loss(predicted: Tensor, truth: Batch) -> Tensor:
        """Cross entropy of the skin's and the subject's coverage."""
        return F.binary_cross_entropy(
            predicted[:, 3:], torch.cat([truth.skin, truth.subject], dim=1)
        )

    def losses(self, predicted: Tensor, inputs: tuple[Tensor, ...], truth: Batch) -> Terms:
        """Weighted terms whose sum is minimised.

        With a teacher only the mattes are learnt from the truth: the albedo stays the teacher's (Li and
        Hoiem 2016, "Learning without forgetting").
        """
        albedo = predicted[:, :3]
        if self.teacher is not None:
            with torch.no_grad():
                kept = self.teacher(*inputs)[:, :3]
            everywhere = torch.ones_like(truth.skin)
            return {
                "kept mse": 20 * masked_mse(albedo, kept, everywhere),
                "kept l1": 2 * masked_l1(albedo, kept, everywhere),
                "kept edge": 2 * edge_l1(albedo, kept, everywhere),
                "mattes": 0.5 * self.matte_loss(predicted, truth),
            }
        mask = torch.maximum(truth.skin, self.SUBJECT_WEIGHT * truth.subject)
        # Lips and brows would decide the correlation alone, and are the easy part of it.
        open_part = open_skin(truth.albedo, truth.skin)
        terms = {
            "mse": 5 * masked_mse(albedo, truth.albedo, mask),
            "l1": masked_l1(albedo, truth.albedo, mask),
            "edge": 2 * edge_l1(albedo, truth.albedo, mask),
            "tone": 0.2 * tone_distance(albedo, truth.albedo, truth.skin),
            "variation": 0.4 * variation_distance(albedo, truth.albedo, truth.skin),
            "open variation": 0.4 * variation_distance(albedo, truth.albedo, open_part),
            "leak": 0.3 * shading_leak(albedo, truth.albedo, truth.diffuse, truth.skin),
            "mattes": 0.2 * self.matte_loss(predicted, truth),
        }
        if self.perceptual is not None:
            distance = self.perceptual(albedo, truth.albedo, truth.subject)
            terms["perceptual"] = self.perceptual_weight * distance
        return terms

    def figures(self, predicted: Tensor, truth: Batch) -> Figures:
        """Validation figures of one sample."""
        return albedo_figures(predicted[:, :3], truth)


class RefineStage:
    """MAGINet's upsampled albedo and the photograph → albedo with detail.

    Half of the time MAGINet's albedo is halved first, so that the network meets several magnifications.
    The network sees 7×7 pixels only, so it learns on small crops; several are taken of every sample,
    because MAGINet's prediction on the whole picture is what costs time.
    """

    CROP = 128
    CROPS_PER_SAMPLE = 6

    def __init__(self, settings: Settings, maginet: nn.Module):
        self.maginet = maginet
        self.generator = torch.Generator().manual_seed(settings.seed)

    def random(self, limit: int) -> int:
        """A whole number in 0..<limit."""
        return int(torch.randint(limit, (), generator=self.generator))

    @torch.no_grad()
    def prepare(self, batch: Batch) -> tuple[tuple[Tensor, ...], Batch]:
        """[coarse albedo at the crops' size, portrait] of random crops, and their truth."""
        size = batch.photo.shape[-1]
        side = min(self.maginet.configuration.resolution, size // 2)
        albedo = self.maginet(F.interpolate(batch.portrait, size=(side, side), mode="area"))[:, :3]
        if self.random(2) == 1:
            albedo = F.avg_pool2d(albedo, 2)
        albedo = resized(albedo, (size, size))
        crops, coarse = [], []
        for _ in range(self.CROPS_PER_SAMPLE):
            y, x = (self.random(max(size - self.CROP, 0) + 1) for _ in range(2))
            window = (..., slice(y, y + self.CROP), slice(x, x + self.CROP))
            crops.append(Batch(**{name: part[window] for name, part in vars(batch).items()}))
            coarse.append(albedo[window])
        names = vars(batch).keys()
        truth = Batch(**{name: torch.cat([getattr(c, name) for c in crops]) for name in names})
        return (torch.cat(coarse), truth.portrait), truth

    def losses(self, predicted: Tensor, inputs: tuple[Tensor, ...], truth: Batch) -> Terms:
        """Weighted terms whose sum is minimised."""
        mask = torch.maximum(truth.skin, AlbedoStage.SUBJECT_WEIGHT * truth.subject)
        return {
            "mse": 5 * masked_mse(predicted, truth.albedo, mask),
            "l1": masked_l1(predicted, truth.albedo, mask),
            "edge": 2 * edge_l1(predicted, truth.albedo, mask),
        }

    def figures(self, predicted: Tensor, truth: Batch) -> Figures:
        """Validation figures of one sample's crops, laid side by side as one picture."""

        def joined(part: Tensor) -> Tensor:
            return torch.cat(list(part), dim=-1).unsqueeze(0)

        return albedo_figures(joined(predicted), truth.map(joined))


class TranslateStage:
    """Predicted albedo, photograph and predicted skin matte → AO, normal, specular, translucency, diffuse.

    The albedo and the matte are the frozen earlier networks' own, so that the translator learns to live
    with their mistakes. Without MAGINet, for a head start, the true albedo mixed with the raw diffuse
    colour stands in: the mistake of a network that leaves some light in its albedo.
    """

    LARGEST_LEAK = 0.5
    # Behind the subject the passes have no truth, but should run on quietly across its edge.
    BACKGROUND_WEIGHT = 0.05

    def __init__(
        self,
        settings: Settings,
        maginet: nn.Module | None,
        refinement: nn.Module | None,
        discriminator: MultiScaleDiscriminator | None,
    ):
        self.maginet = maginet
        self.refinement = refinement
        self.discriminator = discriminator
        self.adversarial_weight = settings.adversarial_weight

    @torch.no_grad()
    def prepare(self, batch: Batch) -> tuple[tuple[Tensor, ...], Batch]:
        """[albedo, portrait, skin] as the program feeds them, and the truth."""
        if self.maginet is None:
            leak = torch.rand_like(batch.photo[:, :1, :1, :1]) * self.LARGEST_LEAK
            albedo = batch.albedo.lerp(batch.diffuse, leak)
            return (albedo, batch.portrait, batch.skin), self.continued(batch)
        side = min(self.maginet.configuration.resolution, batch.photo.shape[-1])
        predicted = self.maginet(F.interpolate(batch.portrait, size=(side, side), mode="area"))
        predicted = resized(predicted, batch.photo.shape[-2:])
        albedo = predicted[:, :3]
        if self.refinement is not None:
            albedo = self.refinement(albedo, batch.portrait)
        return (albedo, batch.portrait, predicted[:, 3:4]), self.continued(batch)

    @staticmethod
    def continued(batch: Batch) -> Batch:
        """The truth with the photograph as diffuse colour and no occlusion behind the subject."""
        ao = torch.ones_like(batch.ao).lerp(batch.ao, batch.subject)
        diffuse = batch.photo.lerp(batch.diffuse, batch.subject)
        return replace(batch, ao=ao, diffuse=diffuse)

    @staticmethod
    def packed(truth: Batch) -> Tensor:
        """The truth in the channel order of the network's output."""
        parts = [truth.ao, truth.normal, truth.specular, truth.translucency, truth.diffuse]
        return torch.cat(parts, dim=1)

    def losses(self, predicted: Tensor, inputs: tuple[Tensor, ...], truth: Batch) -> Terms:
        """Weighted terms whose sum is minimised."""
        subject = torch.maximum(truth.skin, AlbedoStage.SUBJECT_WEIGHT * truth.subject)
        subject = subject.clamp_min(self.BACKGROUND_WEIGHT)
        normal, diffuse = predicted[:, 1:4], predicted[:, 6:9]
        terms = {
            "ao": masked_l1(predicted[:, 0:1], truth.ao, subject),
            "normal": 2 * normal_cosine(normal, truth.normal, subject)
            + masked_l1(normal, truth.normal, subject),
            "normal edge": 2 * edge_l1(normal, truth.normal, subject),
            "specular": masked_l1(predicted[:, 4:5], truth.specular, subject),
            "translucency": masked_l1(predicted[:, 5:6], truth.translucency, subject),
            # Highlights are small and bright: only a squared error makes them worth removing.
            "diffuse": 2 * masked_l1(diffuse, truth.diffuse, subject)
            + 20 * masked_mse(diffuse, truth.diffuse, subject),
            "highlights": 0.2 * highlight_residue(diffuse, truth.diffuse, truth.photo, truth.skin),
            "diffuse edge": 2 * edge_l1(diffuse, truth.diffuse, subject),
        }
        if self.discriminator is not None:
            condition = torch.cat(inputs, dim=1)
            fake = self.discriminator(condition, predicted * truth.subject)
            real = self.discriminator(condition, self.packed(truth) * truth.subject)
            terms["adversarial"] = self.adversarial_weight * adversarial_loss(fake, real=True)
            terms["features"] = 10 * self.adversarial_weight * feature_matching_loss(fake, real)
        return terms

    def discriminator_loss(
        self, predicted: Tensor, inputs: tuple[Tensor, ...], truth: Batch
    ) -> Tensor:
        """What the discriminator minimises on the same batch."""
        condition = torch.cat(inputs, dim=1)
        fake = self.discriminator(condition, predicted.detach() * truth.subject)
        real = self.discriminator(condition, self.packed(truth) * truth.subject)
        return (adversarial_loss(fake, real=False) + adversarial_loss(real, real=True)) / 2

    def figures(self, predicted: Tensor, truth: Batch) -> Figures:
        """Validation figures of one sample."""
        return translator_figures(predicted, truth)


Stage = AlbedoStage | RefineStage | TranslateStage


def make_stage(settings: Settings, device: torch.device) -> Stage:
    """The stage with the frozen networks and losses it needs."""
    if settings.stage == "albedo":
        perceptual = None
        if settings.perceptual and settings.perceptual_weight > 0:
            perceptual = PerceptualLoss(Path(settings.perceptual)).to(device)
        return AlbedoStage(settings, perceptual, device)
    maginet = load_network(settings.maginet, device) if settings.maginet else None
    if settings.stage == "refine":
        if maginet is None:
            raise ValueError("--stage refine needs --maginet CHECKPOINT")
        return RefineStage(settings, maginet)
    refinement = load_network(settings.refinement, device) if settings.refinement else None
    discriminator = None
    if settings.adversarial_weight > 0:
        # 7 condition channels and 9 passes.
        discriminator = MultiScaleDiscriminator(16).to(device)
    return TranslateStage(settings, maginet, refinement, discriminator)
