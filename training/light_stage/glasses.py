"""Procedural spectacles: rims, bridge and temples as tubes, optionally with dark lenses."""

import math

import torch
import torch.nn.functional as F

from light_stage.props import Mesh
from light_stage.random_source import RandomSource


def tube(path: torch.Tensor, radius: float, closed: bool, sides: int = 8) -> Mesh:
    """A tube around a path (n, 3)."""
    following = path.roll(-1, 0)
    tangent = following - path.roll(1, 0)
    if not closed:
        tangent[0], tangent[-1] = path[1] - path[0], path[-1] - path[-2]
    tangent = F.normalize(tangent, dim=1)
    side = torch.linalg.cross(tangent, tangent.new_tensor((0.3, 0.8, 0.52)).expand_as(tangent))
    side = F.normalize(side, dim=1)
    up = torch.linalg.cross(tangent, side)
    angle = torch.linspace(0, 2 * math.pi, sides + 1)[:-1].to(path)
    ring = side[:, None] * angle.cos()[None, :, None] + up[:, None] * angle.sin()[None, :, None]
    vertices = (path[:, None] + radius * ring).view(-1, 3)
    steps = len(path) if closed else len(path) - 1
    along, around = torch.meshgrid(torch.arange(steps), torch.arange(sides), indexing="ij")
    after, beside = (along + 1) % len(path), (around + 1) % sides
    a, b = along * sides + around, along * sides + beside
    c, d = after * sides + around, after * sides + beside
    faces = torch.stack((a, b, d, a, d, c), -1).view(-1, 3).to(path.device)
    return _plain_mesh(vertices, faces)


def _plain_mesh(vertices: torch.Tensor, faces: torch.Tensor) -> Mesh:
    return Mesh(vertices, vertices, faces, torch.zeros(len(faces), 3, 2, device=vertices.device))


def _joined(meshes: list[Mesh]) -> Mesh:
    start, faces = 0, []
    for mesh in meshes:
        faces.append(mesh.faces + start)
        start += len(mesh.vertices)
    return _plain_mesh(torch.cat([mesh.vertices for mesh in meshes]), torch.cat(faces))


def spectacles(random: RandomSource, landmarks: torch.Tensor) -> Mesh:
    """Glasses on the 68 landmarks (68, 3) of a head in head space."""
    thickness = random.log_uniform(0.07, 0.24)
    width, height = random.uniform(2.3, 2.9), random.uniform(1.6, 2.4)
    squareness = random.uniform(2.0, 4.0)
    sunglasses = random.chance(0.2)
    drop = random.uniform(0.0, 0.5)
    brow = landmarks[17:27, 2].amax()
    plane = torch.maximum(landmarks[27, 2] + 0.35, brow + 0.25).item()
    angle = torch.linspace(0, 2 * math.pi, 41)[:-1].to(landmarks)
    parts, rims = [], []
    for eye in (landmarks[36:42].mean(0), landmarks[42:48].mean(0)):
        outward = 1.0 if eye[0] > 0 else -1.0
        x = angle.cos().sign() * angle.cos().abs() ** (2 / squareness) * width
        y = angle.sin().sign() * angle.sin().abs() ** (2 / squareness) * height
        centre_x = eye[0] + 0.25 * outward
        # Rims bend around the face.
        z = plane - 0.03 * (centre_x + x).square() + 0.08 * y
        rim = torch.stack((centre_x + x, eye[1] - drop + y, z), 1)
        rims.append(rim)
        parts.append(tube(rim, thickness, closed=True))
        if sunglasses:
            middle = rim.mean(0, keepdim=True) + rim.new_tensor((0.0, 0.0, 0.25))
            number = torch.arange(len(rim), device=rim.device)
            fan = torch.stack(
                (number, (number + 1) % len(rim), torch.full_like(number, len(rim))), 1
            )
            parts.append(_plain_mesh(torch.cat((rim, middle)), fan))
        hinge = rim[(rim[:, 0] * outward).argmax()]
        share = torch.linspace(0, 1, 14).to(rim)[:, None]
        ear = rim.new_tensor((outward * 7.9, eye[1].item() + 0.2, 0.5))
        temple = hinge + (ear - hinge) * share
        temple[:, 0] += outward * (share[:, 0] * math.pi).sin() * 0.5
        parts.append(tube(temple, thickness, closed=False))
    # The bridge joins the inner edges in a low arch.
    right, left = rims[0][rims[0][:, 0].argmax()], rims[1][rims[1][:, 0].argmin()]
    share = torch.linspace(0, 1, 10).to(right)[:, None]
    bridge = right + (left - right) * share
    bridge[:, 1] += 0.5 + 0.35 * (share[:, 0] * math.pi).sin()
    parts.append(tube(bridge, thickness, closed=False))
    return _joined(parts)
