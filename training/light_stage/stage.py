"""The light stage: an endless, seeded stream of portraits with exact passes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from light_stage.backgrounds import draw_background
from light_stage.camera import draw_camera, photograph
from light_stage.colour import luminance
from light_stage.geometry import Geometry, GeometryBuilder
from light_stage.head_model import HeadModel
from light_stage.lighting import EnvironmentLibrary, blackbody_tint, draw_lighting
from light_stage.noise import NoiseField
from light_stage.props import PropLibrary
from light_stage.random_source import RandomSource
from light_stage.renderer import RenderedPasses, Renderer
from light_stage.skin import Skin, SkinLibrary, draw_skin
from light_stage.surface import Look

# Photographs taken of one geometry before the next is built: visibility costs as much as several pictures.
PHOTOGRAPHS_PER_GEOMETRY = 6


@dataclass
class Sample:
    """One photograph and its passes: (C, H, W) float tensors; outside the subject all passes are 0,
    normals (0, 0, 1)."""

    photo: torch.Tensor  # (3) sRGB encoded, 0..1
    albedo: torch.Tensor  # (3) linear
    normal: torch.Tensor  # (3) unit, camera space
    specular: torch.Tensor  # (1)
    translucency: torch.Tensor  # (1)
    ao: torch.Tensor  # (1)
    diffuse: torch.Tensor  # (3) linear, in the photograph's exposure and white balance
    skin: torch.Tensor  # (1)
    subject: torch.Tensor  # (1)

    def as_dict(self) -> dict[str, torch.Tensor]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


class LightStage:
    """Draws and renders samples; the same seed gives the same samples on every device."""

    def __init__(self, data_dir: str | Path, device: str | torch.device = "cpu", seed: int = 0):
        data_dir, device = Path(data_dir), torch.device(device)
        self.device = device
        self.seed = seed
        self.props = PropLibrary(data_dir, device)
        self.skins = SkinLibrary(data_dir, device)
        self.environments = EnvironmentLibrary(data_dir, device)
        self.builder = GeometryBuilder(HeadModel(data_dir, device), self.props)
        self.renderer = Renderer()

    def samples(self, count: int | None, size: int, seed: int | None = None) -> Iterator[dict]:
        """Yields `count` samples (None: without end) of `size` x `size` pixels as dictionaries."""
        numbers = itertools.count() if count is None else range(count)
        for number, sample in self.numbered(numbers, size, seed):
            yield sample.as_dict()

    @torch.no_grad()
    def numbered(self, numbers, size: int, seed: int | None = None) -> Iterator[tuple[int, Sample]]:
        """Yields the samples of the given numbers; each depends on seed and number alone."""
        seed = self.seed if seed is None else seed
        current, geometry, needs_brows = None, None, False
        for number in numbers:
            group = number // PHOTOGRAPHS_PER_GEOMETRY
            if group != current:
                random = RandomSource(seed, 1, group)
                needs_brows = random.chance(0.4)
                hair = self.props.draw_hair(random) if random.chance(0.75) else None
                brows = self.props.draw_brows(random) if needs_brows else None
                geometry = self.builder.draw(random, hair, brows, glasses=random.chance(0.14))
                current = group
            yield (
                number,
                self.photograph(geometry, needs_brows, RandomSource(seed, 2, number), size),
            )

    def draw_look(self, random: RandomSource, needs_brows: bool) -> Look:
        """Draws skin, eyes, hair colour and clothes; `needs_brows` if a brow mesh brings the brows."""
        return draw_look(random, draw_skin(random, self.skins, needs_brows), self.props)

    def photograph(
        self, geometry: Geometry, needs_brows: bool, random: RandomSource, size: int
    ) -> Sample:
        """Draws look, pose, light and camera for a geometry and takes the picture."""
        look = self.draw_look(random, needs_brows)
        camera = draw_camera(random, geometry.landmarks)
        lighting = draw_lighting(random, self.environments)
        background = draw_background(random, lighting, look.skin.target, camera, size)
        rendered = self.renderer.render(geometry, look, camera, lighting, background, size)
        return expose(random, rendered)


def draw_look(random: RandomSource, skin: Skin, props: PropLibrary) -> Look:
    """Draws eyes, hair colour, clothes and teeth to go with a skin."""
    device = skin.target.device
    dark_eyes = random.chance((0.35, 0.8, 0.95)[skin.tone])
    names = [path for path in props.eye_files if ("brown" in path.name) == dark_eyes]
    eye_path = random.choice(names)
    eye_texture = props.texture(eye_path)
    if eye_path.stem == "eye_brown":
        grey = eye_texture.mean(0, keepdim=True)
        eye_texture = torch.cat((grey * 1.2, grey * 0.9, grey * 0.75)) * 0.75 + eye_texture * 0.25
    # The painted irises are more colourful than real ones.
    saturation = random.uniform(0.35, 0.85)
    grey = eye_texture.mean(0, keepdim=True)
    eye_texture = grey + (eye_texture - grey) * saturation
    darkness = random.uniform()
    if random.chance((0.55, 0.2, 0.07)[skin.tone]):
        # Blond, red, brown, grey.
        hair = random.choice(
            [(0.42, 0.28, 0.14), (0.30, 0.10, 0.04), (0.14, 0.07, 0.035), (0.35, 0.34, 0.33)]
        )
        hair = torch.tensor(hair) * random.uniform(0.6, 1.3)
    else:
        hair = torch.tensor((0.028, 0.020, 0.016)) * (0.5 + 2.0 * darkness)
    textured = random.chance(0.4)
    cloth = props.texture(random.choice(props.cloth_files)) if textured else None
    value = random.log_uniform(0.02, 0.75)
    colour = (value * (1 + 0.8 * (random.uniforms(3) - 0.5) * random.uniform(0, 2))).clamp(
        0.01, 0.85
    )
    frame = torch.tensor(
        random.choice([(0.01, 0.01, 0.01), (0.10, 0.04, 0.015), (0.3, 0.28, 0.25)])
    )
    return Look(
        skin=skin,
        eye_texture=eye_texture,
        eye_scale=random.uniform(1.05, 1.25),
        eye_gain=torch.full((3,), random.uniform(0.75, 1.05), device=device),
        hair_colour=hair.to(device),
        hair_detail=random.uniform(0.4, 1.0),
        cloth_texture=cloth,
        cloth_colour=colour.to(device),
        cloth_noise=NoiseField(random, 1, device),
        frame_colour=frame.to(device),
        teeth_colour=(torch.tensor((0.62, 0.55, 0.44)) * random.uniform(0.75, 1.15)).to(device),
    )


def expose(random: RandomSource, rendered: RenderedPasses) -> Sample:
    """Chooses exposure and white balance and runs the camera."""
    weight = rendered.skin[0]
    level = luminance(rendered.colour.permute(1, 2, 0))
    mean_level = (level * weight).sum() / weight.sum().clamp(min=1.0)
    albedo = (luminance(rendered.albedo.permute(1, 2, 0)) * weight).sum() / weight.sum().clamp(
        min=1.0
    )
    # A photographer exposes dark skin darker than light skin, though not by the whole ratio of reflectances.
    target = (
        0.22 * (albedo / 0.30).clamp(min=0.05) ** 0.7 * 2 ** random.clipped_normal(0.1, 0.4, 1.2)
    )
    gain = target / mean_level.clamp(min=1e-6)
    # It also keeps most of the face from clipping.
    brightest = rendered.colour.amax(0)[weight > 0.5]
    if len(brightest) > 0:
        limit = random.log_uniform(0.6, 1.8)
        gain = torch.minimum(gain, limit / brightest.quantile(0.93).clamp(min=1e-6))
    balance = (
        blackbody_tint(random.log_uniform(5200, 8200)) if random.chance(0.5) else torch.ones(3)
    )
    # Cameras neutralise most of the light's colour: move part of the way to the skin's true colour.
    shown = (rendered.diffuse * weight).flatten(1).sum(1)
    true = (rendered.albedo * weight).flatten(1).sum(1)
    cast = (shown / true.clamp(min=1e-6)).clamp(min=1e-6)
    neutral = (cast / cast.mean()).clamp(0.2, 5.0) ** -random.uniform(0.0, 0.9)
    gains = gain * balance.to(neutral) * neutral / (neutral.mean())
    gains = gains[:, None, None]
    subject = rendered.subject
    inside = (subject > 0).float()
    return Sample(
        photo=photograph(random, rendered.colour * gains),
        albedo=rendered.albedo * inside,
        normal=rendered.normal,
        specular=rendered.specular * inside,
        translucency=rendered.translucency * inside,
        ao=rendered.ao * inside,
        diffuse=rendered.diffuse * gains * inside,
        skin=rendered.skin,
        subject=subject,
    )
