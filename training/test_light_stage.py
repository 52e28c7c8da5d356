"""Tests of the light stage against analytic answers; needs no training material.

python -m unittest test_light_stage
"""

import math
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from light_stage.backgrounds import (
    Backdrop,
    paint_crowd,
    paint_curtain,
    paint_foliage,
    paint_lights,
    paint_paper,
    paint_room,
)
from light_stage.camera import ffhq_crop, frame_face, jpeg_artefacts
from light_stage.colour import linear_from_srgb, luminance, srgb_from_linear
from light_stage.environments import ENVIRONMENTS, write_radiance
from light_stage.head_model import HeadModel
from light_stage.lighting import (
    Lamp,
    Lighting,
    direction_from_angles,
    lat_long_directions,
    sample_lat_long,
)
from light_stage.noise import NoiseField
from light_stage.pack import CHANNELS, packed
from light_stage.random_source import RandomSource
from light_stage.rasterizer import rasterize
from light_stage.shading import lamp_specular
from light_stage.stage import LightStage
from light_stage.visibility import (
    ShadowMap,
    directional_visibility,
    fibonacci_directions,
    surface_samples,
)

UP = torch.tensor((0.0, 1.0, 0.0))


def sphere(radius: float, rings: int = 48, around: int = 96) -> tuple[torch.Tensor, torch.Tensor]:
    """Vertices (V, 3) and outward counter-clockwise triangles (F, 3) of a sphere."""
    polar = torch.linspace(0, math.pi, rings)[:, None]
    azimuth = torch.linspace(0, 2 * math.pi, around + 1)[None, :-1]
    vertices = torch.stack(
        (polar.sin() * azimuth.sin(), polar.cos().expand(-1, around), polar.sin() * azimuth.cos()),
        -1,
    )
    ring, step = torch.meshgrid(torch.arange(rings - 1), torch.arange(around), indexing="ij")
    a, b = ring * around + step, ring * around + (step + 1) % around
    faces = torch.stack((a, a + around, b + around, a, b + around, b), -1).view(-1, 3)
    return vertices.reshape(-1, 3) * radius, faces


def plane(half: float, count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    """A square of the ground plane y = 0, facing up."""
    step = torch.linspace(-half, half, count)
    z, x = torch.meshgrid(step, step, indexing="ij")
    vertices = torch.stack((x, torch.zeros_like(x), z), -1).view(-1, 3)
    row, column = torch.meshgrid(torch.arange(count - 1), torch.arange(count - 1), indexing="ij")
    a = row * count + column
    faces = torch.stack((a, a + count, a + 1, a + 1, a + count, a + count + 1), -1).view(-1, 3)
    return vertices, faces


def points_on(vertices: torch.Tensor, faces: torch.Tensor, spacing: float) -> torch.Tensor:
    face, barycentric = surface_samples(vertices, faces, spacing)
    return (vertices[faces[face]] * barycentric[..., None]).sum(1)


class RasterizerTests(unittest.TestCase):
    def test_a_sphere_has_its_analytic_normals_and_outline(self):
        vertices, faces = sphere(1.0)
        distance, size, scale = 5.0, 128, 4.0 * 48
        near = 1 / (distance - vertices[:, 2])
        pixels = (
            torch.stack((vertices[:, 0], -vertices[:, 1]), 1) * near[:, None] * scale + size / 2
        )
        seen = rasterize(
            pixels, near, faces, size, size, cull=torch.ones(len(faces), dtype=torch.bool)
        )
        found = torch.nn.functional.normalize(seen.interpolate(faces, vertices), dim=1)
        column = (seen.pixel % size + 0.5 - size / 2) / scale
        row = (torch.div(seen.pixel, size, rounding_mode="floor") + 0.5 - size / 2) / scale
        ray = torch.nn.functional.normalize(
            torch.stack((column, -row, -torch.ones_like(row)), 1), dim=1
        )
        along = -distance * ray[:, 2]
        inside = along**2 - (distance**2 - 1)
        hit = ray * (along - inside.clamp(min=0).sqrt())[:, None] + torch.tensor(
            (0.0, 0.0, distance)
        )
        agreement = (found * torch.nn.functional.normalize(hit, dim=1)).sum(1)[inside > 0.02]
        self.assertGreater(agreement.min().item(), math.cos(math.radians(2)))
        outline = math.pi * (scale / math.sqrt(distance**2 - 1)) ** 2
        self.assertAlmostEqual(len(seen.pixel) / outline, 1.0, delta=0.02)

    def test_the_nearer_triangle_wins_and_backs_are_culled(self):
        square = torch.tensor(((0.0, 8.0), (8.0, 8.0), (8.0, 0.0), (0.0, 0.0)))
        pixels = torch.cat((square, square))
        near = torch.tensor((1.0,) * 4 + (2.0,) * 4)
        front = torch.tensor(((0, 1, 2), (0, 2, 3)))
        faces = torch.cat((front, front + 4))
        seen = rasterize(pixels, near, faces, 8, 8)
        self.assertEqual(len(seen.pixel), 64)
        self.assertTrue(bool((seen.face >= 2).all()))
        reversed_faces = torch.cat((front, front.flip(1) + 4))
        culled = rasterize(pixels, near, reversed_faces, 8, 8, cull=torch.ones(4, dtype=torch.bool))
        self.assertTrue(bool((culled.face < 2).all()))

    def test_rejected_hits_show_what_lies_behind(self):
        square = torch.tensor(((0.0, 8.0), (8.0, 8.0), (8.0, 0.0), (0.0, 0.0)))
        front = torch.tensor(((0, 1, 2), (0, 2, 3)))
        seen = rasterize(
            torch.cat((square, square)),
            torch.tensor((1.0,) * 4 + (2.0,) * 4),
            torch.cat((front, front + 4)),
            8,
            8,
            hit_test=lambda face, barycentric, pixel: pixel % 2 == 0,
            tested_faces=torch.tensor((False, False, True, True)),
        )
        self.assertTrue(bool(((seen.face >= 2) == (seen.pixel % 2 == 0)).all()))

    def test_grouped_fragments_keep_the_coverage(self):
        vertices, faces = sphere(1.0)
        seen = rasterize(
            vertices[:, :2] * 20 + 32, vertices[:, 2], faces, 64, 64, perspective=False
        )
        grouped = seen.grouped(2, torch.zeros_like(seen.face))
        self.assertAlmostEqual(grouped.weight.sum().item(), len(seen.pixel) / 4, places=3)
        self.assertEqual(len(grouped.pixel.unique()), len(grouped.pixel))


class VisibilityTests(unittest.TestCase):
    def test_an_open_plane_sees_its_whole_hemisphere(self):
        vertices, faces = plane(10)
        normals = UP.expand_as(vertices)
        visibility = directional_visibility(vertices, normals, points_on(vertices, faces, 0.13))
        inner = vertices.norm(dim=1) < 6
        occlusion = visibility.ambient_occlusion(normals)[inner]
        self.assertGreater(occlusion.min().item(), 0.98)

    def test_uniform_light_gives_pi_times_radiance(self):
        vertices, faces = plane(10)
        normals = UP.expand_as(vertices)
        visibility = directional_visibility(vertices, normals, points_on(vertices, faces, 0.13))
        radiance = torch.full((len(visibility.directions), 3), 2.0)
        vectors = visibility.irradiance_vectors(normals, radiance)
        irradiance = (vectors * normals[:, None]).sum(-1)[vertices.norm(dim=1) < 6]
        self.assertAlmostEqual(irradiance.mean().item(), 2 * math.pi, delta=0.05 * math.pi)

    def test_a_sphere_above_a_plane_hides_its_solid_angle(self):
        ground, ground_faces = plane(10, 21)
        ball, ball_faces = sphere(2.0)
        ball = ball + UP * 5
        occluders = torch.cat(
            (points_on(ground, ground_faces, 0.13), points_on(ball, ball_faces, 0.13))
        )
        normals = UP.expand_as(ground)
        visibility = directional_visibility(ground, normals, occluders, direction_count=512)
        below = (ground.norm(dim=1) < 1e-3).nonzero()[0, 0]
        # A sphere straight above hides sin² of its angular radius of the cosine-weighted hemisphere.
        expected = 1 - (2 / 5) ** 2
        occlusion = visibility.ambient_occlusion(normals)[below].item()
        self.assertAlmostEqual(occlusion, expected, delta=0.03)
        seen = visibility.visible[below]
        self.assertLess(seen[(visibility.directions @ UP).argmax()].item(), 0.05)

    def test_a_shadow_falls_opposite_to_the_lamp(self):
        ground, ground_faces = plane(10, 81)
        ball, ball_faces = sphere(2.0)
        ball = ball + UP * 4
        occluders = torch.cat(
            (points_on(ground, ground_faces, 0.08), points_on(ball, ball_faces, 0.08))
        )
        direction = torch.nn.functional.normalize(torch.tensor((1.0, 1.0, 0.0)), dim=0)
        shadow = ShadowMap.splat(occluders, direction)
        spots = torch.tensor(((-4.0, 0.0, 0.0), (4.0, 0.0, 0.0), (-4.0, 0.0, 5.0)))
        lit = shadow.lit(spots, UP.expand_as(spots), blur=0.05)
        self.assertLess(lit[0].item(), 0.05)
        self.assertGreater(lit[1].item(), 0.95)
        self.assertGreater(lit[2].item(), 0.95)

    def test_directions_are_even(self):
        directions = fibonacci_directions(96, torch.device("cpu"))
        self.assertLess(directions.mean(0).norm().item(), 0.01)
        second = directions.T @ directions / 96
        self.assertTrue(torch.allclose(second, torch.eye(3) / 3, atol=0.01))


class LightTests(unittest.TestCase):
    def test_the_middle_of_a_map_is_the_camera_side_and_right_is_right(self):
        directions, solid_angle = lat_long_directions(64, 128, "cpu")
        directions = directions.view(64, 128, 3)
        self.assertGreater(directions[32, 64, 2].item(), 0.99)
        self.assertGreater(directions[32, 96, 0].item(), 0.99)
        self.assertGreater(directions[0, 0, 1].item(), 0.99)
        self.assertAlmostEqual(solid_angle.sum().item(), 4 * math.pi, delta=0.01)

    def test_a_lookup_finds_the_texel_of_its_direction(self):
        directions, _ = lat_long_directions(16, 32, "cpu")
        picture = torch.rand(3, 16, 32, generator=torch.Generator().manual_seed(1))
        found = sample_lat_long(picture, directions)
        self.assertTrue(torch.allclose(found, picture.flatten(1).T, atol=1e-3))

    def test_environments_have_mean_luminance_one(self):
        for name, paint in ENVIRONMENTS.items():
            picture = paint()
            _, solid_angle = lat_long_directions(*picture.shape[1:], "cpu")
            mean = (luminance(picture.flatten(1).T) * solid_angle).sum() / (4 * math.pi)
            self.assertAlmostEqual(mean.item(), 1.0, places=3, msg=name)

    def test_radiance_files_hold_the_light(self):
        picture = ENVIRONMENTS["golden-hour"]()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sky.hdr"
            write_radiance(path, picture)
            header, pixels = path.read_bytes().split(b"-Y 128 +X 256\n")
        self.assertTrue(header.startswith(b"#?RADIANCE"))
        rgbe = np.frombuffer(pixels, np.uint8).reshape(128, 256, 4).astype(np.float64)
        decoded = (rgbe[..., :3] + 0.5) * 2.0 ** (rgbe[..., 3:] - 136)
        expected = picture.permute(1, 2, 0).double().numpy()
        error = np.abs(decoded - expected) / expected.max(-1, keepdims=True)
        self.assertLess(error.max(), 1 / 128)

    def test_a_specular_lobe_gives_back_less_than_it_gets(self):
        directions = fibonacci_directions(20000, torch.device("cpu"))
        normal = torch.tensor((0.0, 0.0, 1.0)).expand(1, 3)
        view = torch.nn.functional.normalize(torch.tensor(((0.6, 0.0, 0.8),)), dim=1)
        total = 0.0
        for direction in directions[directions[:, 2] > 0][::7]:
            value = lamp_specular(
                normal, view, direction, 0.0, torch.tensor((0.5,)), torch.tensor((12.5,))
            )
            total += value.item() * 4 * math.pi / 20000 * 7
        self.assertLess(total, 1.01)
        self.assertGreater(total, 0.7)

    def test_angles_name_directions(self):
        self.assertTrue(torch.allclose(direction_from_angles(0, 0), torch.tensor((0.0, 0.0, 1.0))))
        self.assertGreater(direction_from_angles(math.pi / 2, 0)[0].item(), 0.99)
        self.assertGreater(direction_from_angles(0, math.pi / 2)[1].item(), 0.99)


class CameraTests(unittest.TestCase):
    def test_the_crop_follows_the_ffhq_recipe(self):
        landmarks = torch.zeros(68, 2)
        landmarks[36:42] = torch.tensor((40.0, 50.0))
        landmarks[42:48] = torch.tensor((60.0, 50.0))
        landmarks[48], landmarks[54] = torch.tensor((43.0, 80.0)), torch.tensor((57.0, 80.0))
        centre, half_size, angle = ffhq_crop(landmarks)
        self.assertTrue(torch.allclose(centre, torch.tensor((50.0, 53.0))))
        # The larger of 2 x the eyes' distance and 1.8 x the distance from eyes to mouth.
        self.assertAlmostEqual(half_size, 54.0, places=4)
        self.assertAlmostEqual(angle, 0.0, places=6)

    def test_a_framed_face_is_upright(self):
        landmarks = _tiny_landmarks()
        camera = frame_face(landmarks, 0.3, -0.2, 0.0, 80.0)
        _, _, angle = ffhq_crop(camera.plane(camera.to_camera_space(landmarks)))
        self.assertAlmostEqual(angle, 0.0, delta=0.02)
        pixels, nearness = camera.project(camera.to_camera_space(landmarks), 100)
        self.assertTrue(bool(((pixels > 0) & (pixels < 100)).all()))
        self.assertTrue(bool((nearness > 0).all()))

    def test_jpeg_of_high_quality_changes_little(self):
        step = torch.linspace(0, 1, 48)
        picture = torch.stack(
            (step[None] * step[:, None], step[None].expand(48, 48), step[:, None].expand(48, 48))
        )
        self.assertLess((jpeg_artefacts(picture, 97) - picture).abs().mean().item(), 0.01)
        self.assertGreater((jpeg_artefacts(picture, 20) - picture).abs().mean().item(), 0.002)

    def test_srgb_round_trip(self):
        values = torch.linspace(0, 1, 257)
        self.assertTrue(
            torch.allclose(srgb_from_linear(linear_from_srgb(values)), values, atol=1e-5)
        )


class RandomTests(unittest.TestCase):
    def test_the_same_seeds_give_the_same_numbers(self):
        first, second, third = RandomSource(1, 2), RandomSource(1, 2), RandomSource(1, 3)
        values = [[source.uniform() for _ in range(8)] for source in (first, second, third)]
        self.assertEqual(values[0], values[1])
        self.assertNotEqual(values[0], values[2])

    def test_noise_is_seamless(self):
        noise = NoiseField(RandomSource(4), 2, torch.device("cpu"))
        points = torch.rand(64, 3, generator=torch.Generator().manual_seed(2))
        self.assertTrue(torch.allclose(noise(points, 1.0), noise(points + 32.0, 1.0), atol=2e-3))


class BackgroundTests(unittest.TestCase):
    def test_every_painter_fills_the_picture_and_repeats_by_seed(self):
        painters = (
            paint_paper,
            paint_room,
            paint_curtain,
            paint_foliage,
            paint_lights,
            lambda canvas: paint_crowd(canvas, torch.tensor((0.4, 0.25, 0.2))),
        )
        for number, painter in enumerate(painters):
            pictures = []
            for _ in range(2):
                canvas = Backdrop(RandomSource(7, number), 48, torch.device("cpu"))
                painter(canvas)
                pictures.append(canvas.light)
            self.assertEqual(pictures[0].shape, (3, 48, 48))
            self.assertTrue(torch.equal(*pictures))
            self.assertTrue(bool(pictures[0].isfinite().all()))
            self.assertGreater(float(pictures[0].mean()), 1e-3)
            self.assertGreaterEqual(float(pictures[0].min()), 0)

    def test_a_box_covers_its_area(self):
        canvas = Backdrop(RandomSource(1), 100, torch.device("cpu"))
        share = float(canvas.box(0.1, -0.2, 0.3, 0.5).mean())
        self.assertAlmostEqual(share, 0.3 * 0.5, delta=0.005)

    def test_an_ellipse_covers_its_area(self):
        canvas = Backdrop(RandomSource(1), 200, torch.device("cpu"))
        share = float(canvas.disc(0.0, 0.1, 0.4, 1.5).mean())
        self.assertAlmostEqual(share, math.pi * 0.4 * 0.6 / 4, delta=0.005)


class StageTests(unittest.TestCase):
    """The whole stage, on a made-up head of a few hundred triangles."""

    @classmethod
    def setUpClass(cls):
        torch.set_num_threads(1)
        cls.folder = tempfile.TemporaryDirectory()
        write_tiny_material(Path(cls.folder.name))
        cls.stage = LightStage(cls.folder.name, "cpu", seed=5)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_samples_depend_on_the_seed_alone(self):
        first = list(self.stage.samples(2, 48))
        again = list(LightStage(self.folder.name, "cpu", seed=5).samples(2, 48))
        for sample, repeated in zip(first, again):
            for name in sample:
                self.assertTrue(torch.equal(sample[name], repeated[name]), name)
        other = next(self.stage.samples(1, 48, seed=6))
        self.assertFalse(torch.equal(first[0]["photo"], other["photo"]))

    def test_a_sample_can_be_drawn_without_its_predecessors(self):
        wanted = dict(self.stage.numbered([3, 4], 32))[4]
        alone = dict(self.stage.numbered([4], 32))[4]
        self.assertTrue(torch.equal(wanted.photo, alone.photo))

    def test_passes_have_their_shapes_and_ranges(self):
        for _, sample in self.stage.numbered(range(3), 48):
            for name, plane_count in (
                ("photo", 3),
                ("albedo", 3),
                ("normal", 3),
                ("specular", 1),
                ("translucency", 1),
                ("ao", 1),
                ("diffuse", 3),
                ("skin", 1),
                ("subject", 1),
            ):
                values = getattr(sample, name)
                self.assertEqual(tuple(values.shape), (plane_count, 48, 48))
                self.assertTrue(bool(values.isfinite().all()), name)
                if name not in ("normal", "diffuse"):
                    self.assertGreaterEqual(values.min().item(), 0.0)
                    self.assertLessEqual(values.max().item(), 1.0 + 1e-5)
            length = sample.normal.norm(dim=0)
            self.assertTrue(torch.allclose(length, torch.ones_like(length), atol=1e-4))
            outside = sample.subject[0] == 0
            self.assertTrue(bool((sample.albedo[:, outside] == 0).all()))
            self.assertTrue(bool((sample.normal[2, outside] == 1).all()))
            self.assertTrue(bool((sample.skin <= sample.subject + 1e-5).all()))
            self.assertEqual(packed(sample).shape, (CHANNELS, 48, 48))

    def test_light_from_the_right_lights_the_right(self):
        stage, random = self.stage, RandomSource(9)
        with torch.no_grad():
            geometry = stage.builder.draw(random, None, None)
            look = stage.draw_look(random, needs_brows=False)
            camera = frame_face(geometry.landmarks, 0.0, 0.0, 0.0, 100.0)
            lighting = _dark_lighting(stage)
            lighting.lamps = [Lamp(direction_from_angles(1.0, 0.0), torch.ones(3), 0.01)]
            rendered = stage.renderer.render(
                geometry, look, camera, lighting, torch.zeros(3, 48, 48), 48
            )
        shade = rendered.diffuse.mean(0) / rendered.albedo.mean(0).clamp(min=1e-3)
        self.assertGreater(shade[:, 28:40].mean().item(), 3 * shade[:, 8:20].mean().item())
        # Lambert: where the normal faces the lamp and nothing is in the way, irradiance / π is n·l / π.
        cosine = rendered.normal[0] * math.sin(1.0) + rendered.normal[2] * math.cos(1.0)
        facing = (cosine > 0.9) & (rendered.skin[0] > 0.99)
        self.assertTrue(bool(facing.any()))
        ratio = (shade / (cosine.clamp(min=0.1) / math.pi))[facing].median().item()
        self.assertAlmostEqual(ratio, 1.0, delta=0.12)


def _dark_lighting(stage: LightStage):
    return Lighting(
        stage.environments.maps[0],
        [level[0] for level in stage.environments.levels],
        torch.eye(3),
        torch.zeros(3),
    )


def _tiny_landmarks() -> torch.Tensor:
    """68 points in front of a ball of 9 cm, roughly where a face has them."""
    points = torch.zeros(68, 3)
    angle = torch.linspace(math.pi, 2 * math.pi, 17)
    points[:17, :2] = torch.stack((7 * angle.cos(), 7 * angle.sin()), 1)
    for first, last, x, y in (
        (17, 22, -3, 4.4),
        (22, 27, 3, 4.4),
        (36, 42, -3, 3.2),
        (42, 48, 3, 3.2),
    ):
        spread = torch.linspace(-1, 1, last - first)
        points[first:last, 0], points[first:last, 1] = x + spread, y + 0.2 * spread
    points[27:31, 1] = torch.linspace(3, 0.5, 4)
    points[31:36, 0], points[31:36, 1] = torch.linspace(-1, 1, 5), 0.0
    mouth = torch.linspace(math.pi, -math.pi, 13)[:-1]
    points[48:60, :2] = torch.stack((2.2 * mouth.cos(), -3 + 0.8 * mouth.sin()), 1)
    points[60:68, 1] = -3.0
    points[:, 2] = (81 - points[:, :2].square().sum(1)).clamp(min=1).sqrt()
    return points


def write_tiny_material(folder: Path) -> None:
    """Writes a made-up ball head and props in the layout of the training material."""
    random = np.random.default_rng(0)
    ball, ball_faces = sphere(9.0, 24, 40)
    small, small_faces = sphere(0.7, 6, 8)
    parts = ["face", "head_neck", "mouth_socket", "eye_socket_left", "eye_socket_right"]
    parts += [
        "gums_tongue",
        "teeth",
        "sclera_left",
        "sclera_right",
        "eyelashes_left",
        "eyelashes_right",
    ]
    vertices, faces, vertex_ranges, triangle_ranges = [], [], [], []
    for name in parts:
        shape, triangles = (ball, ball_faces) if name == "face" else (small, small_faces)
        shift = {"left": 3.0, "right": -3.0}.get(name.rsplit("_")[-1], 0.0)
        if "sclera" in name or "lashes" in name:
            shape = shape + torch.tensor((shift, 3.2, 8.2))
        start = sum(len(v) for v in vertices)
        first = sum(len(f) for f in faces)
        vertices.append(shape)
        faces.append(triangles + start)
        vertex_ranges.append((start, start + len(shape)))
        triangle_ranges.append((first, first + len(triangles)))
    for side in ("left", "right"):
        index = parts.index(f"sclera_{side}")
        parts.append(f"eyeball_{side}")
        vertex_ranges.append(vertex_ranges[index])
        triangle_ranges.append(triangle_ranges[index])
    neutral = torch.cat(vertices)
    triangles = torch.cat(faces)
    landmarks = torch.cdist(_tiny_landmarks(), ball).argmin(1)
    uv = (neutral[:, :2] / 20 + 0.5).clamp(0, 1)
    names = _expression_names()
    np.savez(
        folder / "ict-facekit.npz",
        neutral=neutral.numpy(),
        faces=triangles.numpy().astype(np.int32),
        faces_uv=triangles.numpy().astype(np.int32),
        uv=uv.numpy(),
        identity=(random.normal(0, 0.02, (3, len(neutral), 3))).astype(np.float16),
        expression=np.zeros((len(names), len(neutral), 3), np.float16),
        expression_names=np.array(names),
        part_names=np.array(parts),
        part_vertices=np.array(vertex_ranges, np.int32),
        part_triangles=np.array(triangle_ranges, np.int32),
        landmarks68=landmarks.numpy().astype(np.int32),
    )
    np.savez(
        folder / "environments.npz",
        environments=random.uniform(0.2, 2.0, (2, 32, 64, 3)).astype(np.float16),
        mean_luminance=np.ones(2, np.float32),
    )
    (folder / "skin").mkdir()
    (folder / "props").mkdir()
    for name, level in (("valid_White_M_1", 180), ("mh_young_darkskinned_male", 70)):
        for tile in ("face", "head"):
            texture = np.clip(random.normal(level, 6, (64, 64, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(texture).save(folder / "skin" / f"{name}_{tile}.jpg", quality=95)
    for name in ("eye_brown", "eye_blue", "cloth_male_a"):
        texture = random.integers(40, 200, (32, 32, 3)).astype(np.uint8)
        Image.fromarray(texture).save(folder / "props" / f"{name}.jpg")
    hair = {"names": np.array(["hair_a", "brow_a"])}
    for name in ("hair_a", "brow_a"):
        cap = ball[ball[:, 1] > 5] * 1.1
        _, nearest = torch.cdist(cap, ball).topk(8, largest=False)
        hair[f"{name}/vertices"] = cap.numpy()
        hair[f"{name}/faces"] = np.array([(0, 1, 41), (0, 41, 40)], np.int32)
        hair[f"{name}/faces_uv"] = hair[f"{name}/faces"]
        hair[f"{name}/uv"] = (cap[:, :2] / 20 + 0.5).numpy()
        hair[f"{name}/bind_index"] = nearest.numpy().astype(np.int32)
        hair[f"{name}/bind_weight"] = np.full(nearest.shape, 1 / 8, np.float32)
        card = np.full((32, 32, 4), 90, np.uint8)
        card[..., 3] = 255
        Image.fromarray(card).save(folder / "props" / f"{name}.png")
    np.savez(folder / "props" / "hair.npz", **hair)


def _expression_names() -> list[str]:
    sided = ["browDown", "browInnerUp", "browOuterUp", "cheekSquint", "eyeBlink", "eyeLookDown"]
    sided += ["eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "mouthSmile", "mouthUpperUp"]
    sided += ["mouthLowerDown", "mouthFrown", "noseSneer"]
    names = [f"{name}_{side}" for name in sided for side in "LR"]
    return names + ["jawOpen", "mouthFunnel", "mouthPucker", "mouthShrugUpper"]


class HeadModelTests(unittest.TestCase):
    def test_gaze_turns_the_eyeballs_only(self):
        with tempfile.TemporaryDirectory() as folder:
            write_tiny_material(Path(folder))
            model = HeadModel(Path(folder), torch.device("cpu"))
            identity = torch.zeros(model.identity.shape[0])
            expression = torch.zeros(model.expression.shape[0])
            straight = model.shape(identity, expression)
            turned = model.shape(identity, expression, (0.3, 0.0))
        face = model.part_vertices["face"]
        self.assertTrue(torch.equal(straight.vertices[face], turned.vertices[face]))
        ball = model.eyeballs[0]
        front = straight.vertices[ball][:, 2].argmax()
        self.assertGreater(turned.vertices[ball][front, 0], straight.vertices[ball][front, 0] + 0.1)
        self.assertGreater(
            (straight.vertices[ball] - turned.vertices[ball]).abs().max().item(), 0.1
        )


if __name__ == "__main__":
    unittest.main()
