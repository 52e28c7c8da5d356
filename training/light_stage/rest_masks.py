"""Regions of the neutral head that every identity shares: lips, beard, thin tissue and more."""

from enum import IntEnum

import torch
import torch.nn.functional as F

from light_stage.head_model import HeadModel
from light_stage.materials import SKIN
from light_stage.visibility import inside_occlusion


class Mask(IntEnum):
    """Columns of the per-vertex masks; all are 0..1."""

    LIPS = 0
    T_ZONE = 1
    FOREHEAD = 2
    BEARD = 3
    THINNESS = 4
    LASH_TIP = 5
    EYE_SOCKET = 6
    EYELID = 7
    CHEEKS = 8
    PERIPHERY = 9


def vertex_normals(vertices: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
    """Area-weighted unit vertex normals."""
    corner = vertices[faces]
    face_normal = torch.linalg.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    total = torch.zeros_like(vertices)
    for i in range(3):
        total.index_add_(0, faces[:, i], face_normal)
    return F.normalize(total, dim=1)


def rest_masks(model: HeadModel, material: torch.Tensor) -> torch.Tensor:
    """The masks (V, len(Mask)) of the neutral head whose triangles have the given materials."""
    rest, landmarks = model.neutral, model.neutral[model.landmarks]
    skin = torch.zeros(len(rest), device=rest.device)
    skin[model.faces[sum(material == kind for kind in SKIN).bool()].flatten()] = 1.0
    lips = _inside_outline(rest[:, :2], landmarks[48:60, :2], 0.12) * (rest[:, 2] > 8.5) * skin
    columns = {
        Mask.LIPS: lips,
        Mask.T_ZONE: _t_zone(rest, landmarks),
        Mask.FOREHEAD: _forehead(rest, landmarks),
        Mask.BEARD: _beard(rest, landmarks) * (1 - lips),
        Mask.THINNESS: _thinness(model, skin > 0),
        Mask.LASH_TIP: _lash_tip(model, landmarks),
        **_colour_zones(rest, landmarks, skin),
    }
    return torch.stack([columns[mask] for mask in Mask], 1)


def _t_zone(rest: torch.Tensor, landmarks: torch.Tensor) -> torch.Tensor:
    """Nose and middle of the forehead, where skin is oily."""

    def near(points: torch.Tensor, radius: float) -> torch.Tensor:
        return (-0.5 * (torch.cdist(rest, points).amin(1) / radius) ** 2).exp()

    forehead = landmarks[27] + rest.new_tensor((0.0, 3.5, 0.3))
    zones = near(landmarks[27:31], 0.9) + near(landmarks[30:36], 0.7) + near(forehead[None], 1.8)
    return zones.clamp(max=1)


def _colour_zones(rest: torch.Tensor, landmarks: torch.Tensor, skin: torch.Tensor) -> dict:
    """Where faces differ in pigment and blood: around the eyes, upper lids, cheeks, rim of the face."""

    def near(points: torch.Tensor, radius: float) -> torch.Tensor:
        return (-0.5 * (torch.cdist(rest, points).amin(1) / radius) ** 2).exp() * skin

    eyes = landmarks[36:48]
    upper = torch.cat((landmarks[37:39], landmarks[43:45])) + rest.new_tensor((0.0, 0.5, 0.0))
    below_eyes = torch.stack((landmarks[36:42].mean(0), landmarks[42:48].mean(0)))
    nose = landmarks[33]
    cheeks = below_eyes.clone()
    cheeks[:, 0] *= 1.25
    cheeks[:, 1] = 0.55 * below_eyes[:, 1] + 0.45 * nose[1] - 0.6
    cheeks[:, 2] = below_eyes[:, 2] - 0.5
    middle = landmarks[27:31].mean(0)
    away = ((rest - middle) * rest.new_tensor((1.0, 0.75, 0.6))).norm(dim=1)
    return {
        Mask.EYE_SOCKET: near(eyes, 0.9),
        Mask.EYELID: near(upper, 0.45),
        Mask.CHEEKS: near(cheeks, 1.7),
        Mask.PERIPHERY: ((away - 4.5) / 3.5).clamp(0, 1) * skin,
    }


def _forehead(rest: torch.Tensor, landmarks: torch.Tensor) -> torch.Tensor:
    above = ((rest[:, 1] - landmarks[17:27, 1].mean() - 0.3) / 1.5).clamp(0, 1)
    return above * (rest[:, 2] > 6) * (rest[:, 0].abs() < 6)


def _beard(rest: torch.Tensor, landmarks: torch.Tensor) -> torch.Tensor:
    """Where a beard grows: upper lip, chin, jaw."""
    nose_bottom, chin = landmarks[33], landmarks[8]
    width = rest[:, 0].abs()
    below_nose = ((nose_bottom[1] - 0.3 - rest[:, 1]) / 0.8).clamp(0, 1)
    # At the sides, the upper edge rises to the side-burns.
    edge = nose_bottom[1] + (width - 4.5).clamp(min=0) * 1.3
    beside = ((edge - rest[:, 1]) / 1.2).clamp(0, 1)
    above_throat = ((rest[:, 1] - (chin[1] - 2.5)) / 1.2).clamp(0, 1)
    front = ((rest[:, 2] - 1.0) / 2.0).clamp(0, 1)
    return torch.where(width < 4, below_nose, beside) * above_throat * front


def _thinness(model: HeadModel, skin: torch.Tensor) -> torch.Tensor:
    """Thin tissue. Teeth, gums and eyeballs do not count: they are not the other side of a lip."""
    corner = model.neutral[model.faces]
    normal = torch.linalg.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    area = torch.zeros(len(model.neutral), device=model.device)
    for i in range(3):
        area.index_add_(0, model.faces[:, i], normal.norm(dim=1) / 6)
    rows = torch.nonzero(skin).squeeze(1)
    normals = vertex_normals(model.neutral, model.faces)
    thinness = torch.zeros(len(model.neutral), device=model.device)
    thinness[rows] = inside_occlusion(model.neutral[rows], normals[rows], area[rows])
    return thinness


def _lash_tip(model: HeadModel, landmarks: torch.Tensor) -> torch.Tensor:
    """How far along its lash a vertex is: 0 at the lid, 1 at the tip."""
    tips = torch.zeros(len(model.neutral), device=model.device)
    face = model.neutral[model.part_vertices["face"]]
    for part, eye in (("eyelashes_left", landmarks[42:48]), ("eyelashes_right", landmarks[36:42])):
        lashes = model.neutral[model.part_vertices[part]]
        tip = torch.cdist(lashes, face).amin(1) / 0.75
        # Lower lashes are fine and short.
        upper = lashes[:, 1] > eye[:, 1].mean()
        tips[model.part_vertices[part]] = torch.where(upper, tip, 0.72 + 0.8 * tip)
    return tips


def _inside_outline(points: torch.Tensor, outline: torch.Tensor, softness: float) -> torch.Tensor:
    """Soft membership (n) of 2-D points in a closed polygon."""
    following = outline.roll(-1, 0)
    a, b = outline[None], following[None]
    p = points[:, None]
    crosses = (a[..., 1] > p[..., 1]) != (b[..., 1] > p[..., 1])
    at = a[..., 0] + (p[..., 1] - a[..., 1]) / (b[..., 1] - a[..., 1] + 1e-9) * (
        b[..., 0] - a[..., 0]
    )
    inside = (crosses & (p[..., 0] < at)).sum(1) % 2 == 1
    edge = b - a
    t = (((p - a) * edge).sum(-1) / edge.square().sum(-1)).clamp(0, 1)
    distance = (p - a - t[..., None] * edge).norm(dim=-1).amin(1)
    signed = torch.where(inside, distance, -distance)
    return (signed / softness * 0.5 + 0.5).clamp(0, 1)
