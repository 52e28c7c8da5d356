"""Two steps of every stage on tiny made-up samples: train, save, resume, export, reload, compare.

Takes seconds on a CPU; says what it checked, exits non-zero at the first failure.
"""

from __future__ import annotations

import copy
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dataset import (
    CHANNEL_COUNT,
    HOLD_OUT_EVERY,
    Augmentation,
    LightAugmentation,
    SampleFolder,
    augmented_geometry,
    linear_from_srgb,
    srgb_from_linear,
    unpacked,
)
from export import averaged, export_network, load_exported
from light_stage.stage import PHOTOGRAPHS_PER_GEOMETRY
from losses import highlight_residue, open_skin, shading_leak, variation_distance
from test_dataset import UNVARIED
from train import NetworkOptimizer, Trainer, parse_settings

SIZE = 64
STAGES = ("albedo", "refine", "translate")


def write_samples(folder: Path, count: int) -> None:
    """Smooth random pictures in the packed layout; the mattes a disc in the middle."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    disc = ((x**2 + y**2) < 0.5) * 255
    for i in range(count):
        coarse = random.integers(20, 236, (CHANNEL_COUNT, SIZE // 8, SIZE // 8))
        sample = coarse.repeat(8, axis=1).repeat(8, axis=2)
        sample[15:] = disc
        np.save(folder / f"{i:06d}.npy", sample.astype(np.uint8))


def write_squeezenet(path: Path) -> None:
    """Random weights with the shapes of squeezenet1_0.npz up to fire7."""
    random = np.random.default_rng(8)
    arrays = {"input_mean_bgr": np.array([104.0, 117.0, 123.0], dtype="f4")}

    def add(name: str, outputs: int, inputs: int, kernel: int) -> None:
        weight = (
            random.standard_normal((outputs, inputs, kernel, kernel)) / (inputs * kernel**2) ** 0.5
        )
        arrays[f"{name}.weight"] = weight.astype("f2")
        arrays[f"{name}.bias"] = np.zeros(outputs, "f2")

    add("conv1", 96, 3, 7)
    channels = 96
    for i, squeeze in enumerate((16, 16, 32, 32, 48, 48), start=2):
        add(f"fire{i}/squeeze1x1", squeeze, channels, 1)
        add(f"fire{i}/expand1x1", 4 * squeeze, squeeze, 1)
        add(f"fire{i}/expand3x3", 4 * squeeze, squeeze, 3)
        channels = 8 * squeeze
    np.savez(path, **arrays)


def train_two_steps(stage: str, folder: Path, resume: Path | None) -> Trainer:
    """A trainer after two steps and a save, set up through the command line's parser."""
    arguments = ["--stage", stage, "--data", str(folder / "data"), "--out", str(folder / stage)]
    arguments += ["--size", str(SIZE), "--batch", "2", "--configuration", "tiny"]
    arguments += ["--perceptual", str(folder / "squeezenet.npz")]
    if stage != "albedo":
        arguments += ["--maginet", str(folder / "albedo/checkpoint.pt")]
    if stage == "translate":
        arguments += ["--refinement", str(folder / "refine/checkpoint.pt")]
        arguments += ["--adversarial-weight", "0.1"]
    if resume is not None:
        arguments += ["--resume", str(resume)]
    trainer = Trainer(parse_settings(arguments))
    batches = trainer.batches()
    before = [parameter.detach().clone() for parameter in trainer.model.parameters()]
    for _ in range(2):
        terms = trainer.train_step(next(batches), learning_rate=1e-4)
        for name, value in terms.items():
            assert torch.isfinite(value), f"{stage}: the term {name} is {value}"
    for old, (name, new) in zip(before, trainer.model.named_parameters()):
        moved = float((new - old).abs().max())
        assert 0 < moved < 1e-2, f"{stage}: two steps moved {name} by {moved}"
    validation = trainer.validate()
    assert validation["all"]["n"] == PHOTOGRAPHS_PER_GEOMETRY, validation
    started = {"settings": {}, "samples_before": 0, "seconds_before": 0.0}
    trainer.save(started, validation)
    return trainer


def check_stage(stage: str, folder: Path) -> None:
    """Trains, resumes, exports and compares one stage."""
    first = train_two_steps(stage, folder, None)
    trainer = train_two_steps(stage, folder, folder / stage / "checkpoint.pt")
    assert (first.step, trainer.step, trainer.samples) == (2, 4, 8), "the counters did not continue"
    network = trainer.settings.network
    exported = folder / f"{network}.safetensors"
    written = torch.load(folder / stage / "checkpoint.pt", weights_only=True)["provenance"]
    export_network(network, trainer.average, written, exported)
    name, model, provenance = load_exported(exported)
    assert name == network and provenance["steps"] == 4
    with torch.no_grad():
        inputs, _ = trainer.stage.prepare(next(trainer.folder.validation_batches(SIZE, 1)))
        # The mean, because an untrained translator's normals are near zero before their division.
        difference = float((trainer.average(*inputs) - model(*inputs)).abs().mean())
    assert difference < 2e-3, f"{stage}: fp16 storage changes the output by {difference}"
    third = train_two_steps(stage, folder, exported)
    assert (third.step, len(third.history)) == (6, 2), "exported weights did not continue"
    print(
        f"{stage}: trained, resumed, exported; fp16 storage changes the output by {difference:.1e}"
    )


def check_optimizer() -> None:
    """Muon updates the network's own weights in either memory layout, by as much as AdamW would."""
    torch.manual_seed(2)
    plain = torch.nn.Conv2d(16, 24, 3)
    last = copy.deepcopy(plain).to(memory_format=torch.channels_last)
    gradient, before = torch.randn_like(plain.weight), plain.weight.detach().clone()
    for network in (plain, last):
        for parameter in network.parameters():
            parameter.grad = torch.ones_like(parameter)
        network.weight.grad.copy_(gradient)
        NetworkOptimizer(network, 1.0).step(learning_rate=1e-3)
    update = (plain.weight - before).detach()
    assert (plain.weight - last.weight).abs().max() < 0.05 * update.abs().max(), "layouts differ"
    size = float(update.square().mean().sqrt())
    assert 0.6e-3 * 0.2 < size < 1.4e-3 * 0.2, f"an update of {size}"
    values = torch.linalg.svdvals(update.flatten(1))
    assert values.max() < 3 * values.min(), f"singular values from {values.min()} to {values.max()}"
    print("optimiser: updates of like singular values in both layouts")


def check_flip(folder: Path) -> None:
    """A mirrored sample has its normals' x negated; the light's augmentation leaves the albedo alone."""
    sample = SampleFolder.load(folder / "data/000000.npy")
    random = np.random.default_rng(9)
    always, never = (Augmentation(flip=probability, crop=1.0) for probability in (1.0, 0.0))
    plain, mirrored = (
        unpacked(augmented_geometry(sample, SIZE, a, random).unsqueeze(0)) for a in (never, always)
    )
    signs = torch.tensor([-1.0, 1.0, 1.0]).view(1, 3, 1, 1)
    # 8-bit normals have no exact zero, so mirroring shifts them by up to one code.
    assert (mirrored.normal.flip(-1) * signs - plain.normal).abs().max() < 0.02
    relit = LightAugmentation(replace(UNVARIED, added_light=1), random)(plain)
    assert torch.allclose(relit.albedo, plain.albedo, atol=1e-4), "the light changed the albedo"
    assert not torch.allclose(relit.photo, plain.photo, atol=1e-2), "the light changed nothing"
    print("augmentation: mirrored normals and unchanged albedo")


def check_blotches(folder: Path) -> None:
    """Pigment in the skin changes albedo and diffuse colour by the same factor, and only there."""
    plain = unpacked(SampleFolder.load(folder / "data/000000.npy").unsqueeze(0) * 0.5 + 0.25)
    skin = (plain.subject > 0.5).float()
    plain = replace(plain, skin=skin, albedo=plain.albedo * 0.6, diffuse=plain.diffuse * 0.6)
    changed = LightAugmentation(replace(UNVARIED, blood=2), np.random.default_rng(3))(plain)
    ratios = [
        linear_from_srgb(getattr(changed, name)) / linear_from_srgb(getattr(plain, name))
        for name in ("albedo", "diffuse")
    ]
    assert torch.allclose(*ratios, atol=1e-3), "albedo and diffuse colour part"
    assert torch.allclose(ratios[0] * (1 - skin), 1 - skin, atol=1e-3), "blotches off the skin"
    assert (ratios[0] * skin).std() > 0.02, "no blotches"
    print("augmentation: blotches change albedo and diffuse colour alike, on the skin alone")


def check_other_highlights(folder: Path) -> None:
    """Duller skin lies between the photograph and its raw diffuse colour, oilier skin beyond; subject alone."""
    plain = unpacked(SampleFolder.load(folder / "data/000000.npy").unsqueeze(0) * 0.5 + 0.25)
    plain = replace(plain, subject=(plain.subject > 0.5).float())
    photo, diffuse = linear_from_srgb(plain.photo), linear_from_srgb(plain.diffuse)
    highlights = (photo - diffuse).clamp_min(0)
    for name, least, most in (("matte", -0.9, 0.0), ("glossy", 0.0, 2.0)):
        vary = LightAugmentation(replace(UNVARIED, **{name: 1}), np.random.default_rng(5))
        change = vary.other_highlights(plain, photo, diffuse) - photo
        assert (change >= least * highlights - 1e-6).all(), f"{name}: too dull"
        assert (change <= most * highlights + 1e-6).all(), f"{name}: too bright"
        assert change.abs().max() > 1e-3, f"{name}: nothing changed"
        assert (change * (1 - plain.subject)).abs().max() == 0, f"{name}: off the subject"
    print("augmentation: highlights are dimmed or strengthened, the raw diffuse colour is not")


def check_comparison(folder: Path) -> None:
    """A run stops at its samples, and an ablation lacks just the part that it is without."""

    def trained_names(*choice: str) -> set[str]:
        arguments = ["--stage", "albedo", "--data", str(folder / "data"), "--size", str(SIZE)]
        arguments += ["--batch", "2", "--configuration", "tiny", "--samples", "3"]
        trainer = Trainer(parse_settings([*arguments, *choice, "--out", str(folder / "compared")]))
        trainer.run()
        assert trainer.samples == 4, f"{trainer.samples} samples in batches of 2, limited to 3"
        return set(trainer.model.state_dict())

    whole = trained_names()
    for part in "attention", "fusion":
        lacking = whole - trained_names("--without", part)
        assert lacking and all(part in name for name in lacking), f"without {part}: {lacking}"
    print("training: stops at its samples, with and without attention and fusion")


def check_variation() -> None:
    """The distance is 1 − Pearson's correlation, and blind to scale and offset."""
    random = torch.Generator().manual_seed(4)
    truth, other = (torch.rand(2, 3, 32, 32, generator=random) for _ in range(2))
    skin = (torch.rand(2, 1, 32, 32, generator=random) > 0.4).float()
    assert variation_distance(0.3 * truth + 0.5, truth, skin) < 0.02
    pairs = [
        np.corrcoef(other[i, c][skin[i, 0] > 0], truth[i, c][skin[i, 0] > 0])[0, 1]
        for i in range(2)
        for c in range(3)
    ]
    difference = abs(float(variation_distance(other, truth, skin)) - (1 - np.mean(pairs)))
    assert difference < 2e-3, f"variation distance differs from NumPy's by {difference}"
    print("losses: the variation distance is NumPy's correlation")


def check_open_skin() -> None:
    """Lips and brows are not open skin, whatever their share; an unevenness of a tenth is."""
    level = torch.full((1, 3, 32, 32), 0.25)
    level[..., ::2] *= 1.1
    level[..., :10, :] *= 0.4
    skin = torch.ones(1, 1, 32, 32)
    skin[..., 28:, :] = 0
    for tone in (1.0, 0.2):
        found = open_skin(srgb_from_linear(level * tone), skin)
        assert float(found[..., :10, :].max()) < 0.1, "lips and brows count as open skin"
        assert float(found[..., 10:28, :].min()) > 0.8, "open skin does not count"
        assert float(found[..., 28:, :].max()) == 0, "what is not skin counts"
    print("losses: lips and brows are not open skin, in a pale and in a dark tone")


def check_average() -> None:
    """The mean of several sets of weights, and only of the same network."""
    sets = [{"w": torch.full((2,), value)} for value in (1.0, 4.0, 7.0)]
    assert torch.equal(averaged(sets)["w"], torch.full((2,), 4.0))
    assert torch.equal(averaged(sets[:2])["w"], torch.full((2,), 2.5))
    try:
        averaged([sets[0], {"v": torch.zeros(2)}])
    except ValueError:
        print("export: the mean of several checkpoints")
        return
    raise AssertionError("weights of different networks were averaged")


def check_leak() -> None:
    """A share of the light that is left in the albedo costs that share of the light's variation."""
    random = torch.Generator().manual_seed(6)
    truth = (torch.rand(2, 1, 32, 32, generator=random) * 0.2 + 0.4).expand(2, 3, 32, 32)
    irradiance = (0.3 * torch.randn(2, 1, 32, 32, generator=random)).exp().clamp(0.4, 2)
    diffuse = srgb_from_linear(linear_from_srgb(truth) * irradiance)
    skin = (torch.rand(2, 1, 32, 32, generator=random) > 0.3).float()
    assert float(shading_leak(truth, truth, diffuse, skin)) < 1e-5
    assert float(shading_leak((truth * 1.2), truth, diffuse, skin)) < 0.02, "an error of exposure"
    lit = srgb_from_linear(linear_from_srgb(truth) * irradiance**0.2)
    spread = [irradiance[i][skin[i] > 0].log().std(correction=0) for i in range(2)]
    difference = abs(float(shading_leak(lit, truth, diffuse, skin)) - 0.2 * float(sum(spread) / 2))
    assert difference < 2e-3, f"the leak is off by {difference}"
    print("losses: the shading leak is the share of the light left in the albedo")


def check_highlights() -> None:
    """Handing the photograph on costs one, the truth nothing, half of the highlights a quarter."""
    truth = torch.full((2, 3, 16, 16), 0.4)
    linear = linear_from_srgb(truth)
    skin = torch.ones(2, 1, 16, 16)
    highlight = torch.zeros_like(truth)
    highlight[..., 4:8, 4:8] = torch.tensor([0.5, 0.7]).view(2, 1, 1, 1)
    photo, half = (srgb_from_linear(linear + share * highlight) for share in (1.0, 0.5))
    for diffuse, expected in ((photo, 1.0), (truth, 0.0), (half, 0.25)):
        residue = float(highlight_residue(diffuse, truth, photo, skin))
        assert abs(residue - expected) < 0.02, f"highlight residue {residue} instead of {expected}"
    print("losses: the highlight residue of the photograph is one")


def check_damage(folder: Path) -> None:
    """A flipped bit in an exported file is noticed."""
    path = folder / "refinement.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    try:
        load_exported(path)
    except ValueError as error:
        print(f"damage: noticed ({type(error).__name__})")
        return
    raise AssertionError("a damaged weight file was accepted")


def main() -> None:
    """Runs all checks in a temporary folder."""
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        write_samples(folder / "data", PHOTOGRAPHS_PER_GEOMETRY * HOLD_OUT_EVERY)
        write_squeezenet(folder / "squeezenet.npz")
        for stage in STAGES:
            check_stage(stage, folder)
        check_optimizer()
        check_flip(folder)
        check_blotches(folder)
        check_other_highlights(folder)
        check_comparison(folder)
        check_variation()
        check_open_skin()
        check_average()
        check_leak()
        check_highlights()
        check_damage(folder)
    print("smoke test passed")


if __name__ == "__main__":
    main()
