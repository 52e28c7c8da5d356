"""Pose, lens and FFHQ-style framing, and what a camera does to a picture."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from light_stage.colour import srgb_from_linear
from light_stage.lighting import rotation_about_x, rotation_about_y, rotation_about_z
from light_stage.random_source import RandomSource


@dataclass
class Camera:
    """A pinhole at (0, 0, distance) looking along -z, and a square crop of its picture."""

    rotation: torch.Tensor  # (3, 3) head -> camera space
    translation: torch.Tensor  # (3)
    distance: float
    centre: torch.Tensor  # (2) crop centre on the plane at distance 1, y down
    half_size: float

    def to_camera_space(self, points: torch.Tensor) -> torch.Tensor:
        return points @ self.rotation.T + self.translation

    def plane(self, points: torch.Tensor) -> torch.Tensor:
        """Projects camera-space points to the plane at distance 1, y down."""
        inverse = 1.0 / (self.distance - points[:, 2:3])
        return torch.cat((points[:, 0:1], -points[:, 1:2]), 1) * inverse

    def project(self, points: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixel positions (n, 2) in a crop of `size` pixels, and 1/distance (n)."""
        pixels = ((self.plane(points) - self.centre) / self.half_size + 1) * (size / 2)
        return pixels, 1.0 / (self.distance - points[:, 2])

    def centimetres_per_pixel(self, size: int) -> float:
        """Scale at the head's centre."""
        return 2 * self.half_size * self.distance / size


def ffhq_crop(landmarks: torch.Tensor) -> tuple[torch.Tensor, float, float]:
    """Centre, half size and clockwise angle of the crop of Karras et al. 2019 (68 points, y down)."""
    left_eye, right_eye = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    eyes = 0.5 * (left_eye + right_eye)
    eye_to_eye = right_eye - left_eye
    eye_to_mouth = 0.5 * (landmarks[48] + landmarks[54]) - eyes
    axis = eye_to_eye - torch.stack((-eye_to_mouth[1], eye_to_mouth[0]))
    half_size = torch.maximum(eye_to_eye.norm() * 2.0, eye_to_mouth.norm() * 1.8)
    angle = math.atan2(axis[1].item(), axis[0].item())
    return eyes + 0.1 * eye_to_mouth, half_size.item(), angle


def frame_face(
    landmarks: torch.Tensor,
    yaw: float,
    pitch: float,
    roll: float,
    distance: float,
    offset: tuple[float, float] = (0.0, 0.0),
) -> Camera:
    """Frames the 68 landmarks (68, 3) of a turned head as FFHQ does; angles in radians.

    `roll` is what remains of the head's tilt after alignment, `offset` (cm) moves the head off the axis.
    """
    device = landmarks.device
    turn = rotation_about_x(-pitch) @ rotation_about_y(yaw)
    shift = torch.tensor((*offset, 0.0), device=device)

    def framed(rotation):
        rotation = rotation.to(device)
        translation = shift - rotation @ landmarks.mean(0)
        camera = Camera(rotation, translation, distance, torch.zeros(2, device=device), 1.0)
        return camera, ffhq_crop(camera.plane(camera.to_camera_space(landmarks)))

    _, (_, _, angle) = framed(turn)
    camera, (camera.centre, camera.half_size, _) = framed(rotation_about_z(angle + roll) @ turn)
    return camera


def draw_camera(random: RandomSource, landmarks: torch.Tensor) -> Camera:
    """Draws pose, lens and the inexactness of the crop."""
    wide = random.chance(0.25)
    yaw = random.uniform(-60, 60) if wide else random.clipped_normal(0, 16, 45)
    pitch = random.uniform(-25, 25) if wide else random.clipped_normal(0, 8, 20)
    roll = random.uniform(-20, 20) if random.chance(0.2) else random.clipped_normal(0, 4, 12)
    # A head-and-shoulders frame is about half a metre wide: 20 to 135 mm lenses stand 28 to 190 cm away.
    distance = random.log_uniform(38, 190)
    offset = (random.normal(0, 0.05) * distance, random.normal(0, 0.05) * distance)
    camera = frame_face(
        landmarks, math.radians(yaw), math.radians(pitch), math.radians(roll), distance, offset
    )
    jitter = torch.tensor((random.normal(0, 0.05), random.normal(0, 0.05)))
    camera.centre = camera.centre + jitter.to(camera.centre) * camera.half_size
    camera.half_size *= random.clipped_normal(1.0, 0.08, 0.2)
    return camera


def gaussian_kernel(sigma: float, device) -> torch.Tensor:
    radius = max(1, math.ceil(2.6 * sigma))
    offset = torch.arange(-radius, radius + 1, device=device, dtype=torch.float32)
    kernel = (-0.5 * (offset / max(sigma, 1e-3)) ** 2).exp()
    return kernel / kernel.sum()


def gaussian_blur(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blurs (C, H, W) by a Gaussian, edges extended."""
    kernel = gaussian_kernel(sigma, picture.device)
    radius = len(kernel) // 2
    channels = picture[:, None]
    channels = F.conv2d(
        F.pad(channels, (radius, radius, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1)
    )
    channels = F.conv2d(
        F.pad(channels, (0, 0, radius, radius), mode="replicate"), kernel.view(1, 1, -1, 1)
    )
    return channels[:, 0]


# Annex K of the JPEG standard (ITU T.81), at quality 50.
_LUMINANCE_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def jpeg_artefacts(picture: torch.Tensor, quality: float) -> torch.Tensor:
    """Quantises the 8 x 8 cosine transform of an sRGB picture (3, H, W) as JPEG would."""
    device = picture.device
    height, width = picture.shape[1:]
    to_ycc = torch.tensor(
        ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813)), device=device
    )
    ycc = torch.einsum("yc,chw->yhw", to_ycc, picture * 255 - 128)
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    luminance_steps = (torch.tensor(_LUMINANCE_TABLE, device=device) * scale).clamp(min=1)
    frequency = torch.arange(8, device=device)
    basis = ((2 * frequency[None] + 1) * frequency[:, None] * math.pi / 16).cos() * 0.5
    basis[0] *= 0.5**0.5

    def quantise(plane, steps):
        h, w = plane.shape
        plane = F.pad(plane[None, None], (0, -w % 8, 0, -h % 8), mode="replicate")[0, 0]
        blocks = plane.view(plane.shape[0] // 8, 8, plane.shape[1] // 8, 8).transpose(1, 2)
        spectrum = ((basis @ blocks @ basis.T) / steps).round() * steps
        blocks = basis.T @ spectrum @ basis
        return blocks.transpose(1, 2).reshape(plane.shape)[:h, :w]

    luma = quantise(ycc[0], luminance_steps)
    chroma = F.avg_pool2d(ycc[1:], 2)
    chroma_steps = (luminance_steps * 1.2).clamp(max=99 * max(scale, 0.02))
    chroma = torch.stack([quantise(plane, chroma_steps) for plane in chroma])
    chroma = F.interpolate(chroma[None], (height, width), mode="bilinear", align_corners=False)[0]
    result = torch.einsum("cy,yhw->chw", torch.linalg.inv(to_ycc), torch.cat((luma[None], chroma)))
    return ((result + 128) / 255).clamp(0, 1)


def photograph(random: RandomSource, linear: torch.Tensor) -> torch.Tensor:
    """Turns scene-linear light (3, H, W), already exposed and balanced, into an sRGB photograph."""
    size = linear.shape[1]
    if random.chance(0.3):
        linear = gaussian_blur(linear, random.log_uniform(0.3, 1.3) * size / 512)
    if random.chance(0.25):  # low resolution
        small = max(64, int(size * random.uniform(0.35, 0.9)))
        low = F.interpolate(linear[None], (small, small), mode="area")
        linear = F.interpolate(low, (size, size), mode="bicubic", align_corners=False)[0].clamp(
            min=0
        )
    if random.chance(0.7):  # shot noise grows with the root of the light, read noise does not
        shot, read = random.log_uniform(0.001, 0.025), random.log_uniform(0.0003, 0.006)
        noise = random.normals(3, size, size).to(linear.device)
        linear = linear + noise * (shot**2 * linear.clamp(min=0) + read**2).sqrt()
    linear = linear.clamp(min=0)
    if random.chance(0.4):  # shoulder: compresses highlights instead of clipping
        knee = random.uniform(0.5, 0.9)
        over = (linear - knee).clamp(min=0)
        linear = linear.clamp(max=knee) + (1 - knee) * (1 - (-over / (1 - knee)).exp())
    encoded = srgb_from_linear(linear)
    if random.chance(0.4):  # mild contrast curve
        strength = random.uniform(-0.15, 0.35)
        encoded = encoded + strength * encoded * (1 - encoded) * (2 * encoded - 1)
    if random.chance(0.2):  # sharpening
        encoded = encoded + random.uniform(0.2, 0.8) * (encoded - gaussian_blur(encoded, 1.0))
    encoded = encoded.clamp(0, 1)
    if random.chance(0.5):
        encoded = jpeg_artefacts(encoded, random.uniform(45, 97))
    return encoded
