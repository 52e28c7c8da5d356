"""Assembles head, hair, brows and clothes into one scene, with everything that depends on shape alone."""

from dataclasses import dataclass
from enum import IntEnum

import torch
import torch.nn.functional as F

from light_stage.glasses import spectacles
from light_stage.head_model import RENDERED_PARTS, HeadModel
from light_stage.props import CardStyle, Mesh, PropLibrary, collar_height, lofted_body
from light_stage.random_source import RandomSource
from light_stage.textures import sample_texture
from light_stage.visibility import (
    STAGE_RADIUS,
    Visibility,
    directional_visibility,
    inside_occlusion,
    surface_samples,
)


class Material(IntEnum):
    """What a triangle is made of."""

    FACE = 0
    HEAD = 1
    MOUTH = 2
    TEETH = 3
    EYE = 4
    LASH = 5
    BROW = 6
    HAIR = 7
    CLOTH = 8
    GLASSES = 9


_PART_MATERIAL = {
    "face": Material.FACE,
    "head_neck": Material.HEAD,
    "mouth_socket": Material.MOUTH,
    "gums_tongue": Material.MOUTH,
    "eye_socket_left": Material.FACE,
    "eye_socket_right": Material.FACE,
    "teeth": Material.TEETH,
    "sclera_left": Material.EYE,
    "sclera_right": Material.EYE,
    "eyelashes_left": Material.LASH,
    "eyelashes_right": Material.LASH,
}
_CARDS = (Material.LASH, Material.BROW, Material.HAIR)
_TWO_SIDED = (*_CARDS, Material.CLOTH, Material.GLASSES)


@dataclass
class RestMasks:
    """Per-vertex properties of the neutral head that every identity shares."""

    lips: torch.Tensor
    t_zone: torch.Tensor
    eyelids: torch.Tensor
    forehead: torch.Tensor
    beard: torch.Tensor
    thinness: torch.Tensor
    lash_tip: torch.Tensor


@dataclass
class Geometry:
    """One posed-independent scene in head space, reused for several photographs."""

    vertices: torch.Tensor  # (V, 3)
    normals: torch.Tensor  # (V, 3)
    rest: torch.Tensor  # (V, 3)
    masks: torch.Tensor  # (V, 7) columns of RestMasks
    faces: torch.Tensor  # (F, 3)
    corner_uv: torch.Tensor  # (F, 3, 2)
    material: torch.Tensor  # (F)
    landmarks: torch.Tensor  # (68, 3)
    eye_axes: torch.Tensor  # (2, 3)
    rest_eye_centres: torch.Tensor  # (2, 3)
    gaze: torch.Tensor  # (3, 3) head -> eyeball
    hair: CardStyle | None
    brows: CardStyle | None
    visibility: Visibility
    occluders: torch.Tensor  # (n, 3) dense points on all that casts shadows
    occlusion: torch.Tensor  # (V) ambient occlusion, 1 = free

    @property
    def cull(self) -> torch.Tensor:
        """Triangles whose back is never seen."""
        return ~self._made_of(_TWO_SIDED)

    @property
    def carded(self) -> torch.Tensor:
        """Triangles with holes in their texture."""
        return self._made_of(_CARDS)

    def _made_of(self, materials: tuple[Material, ...]) -> torch.Tensor:
        chosen = torch.zeros(len(Material), dtype=torch.bool, device=self.faces.device)
        chosen[list(materials)] = True
        return chosen[self.material]

    def card_alpha(self, face: torch.Tensor, barycentric: torch.Tensor) -> torch.Tensor:
        """Opacity (n) of hair, brow and lash cards at the given points."""
        uv = (self.corner_uv[face] * barycentric[..., None]).sum(1)
        material = self.material[face]
        alpha = torch.ones(len(face), device=uv.device)
        for kind, style in ((Material.HAIR, self.hair), (Material.BROW, self.brows)):
            rows = torch.nonzero(material == kind).squeeze(1)
            if style is not None and rows.numel():
                alpha[rows] = sample_texture(style.texture[3:], uv[rows])[:, 0]
        rows = torch.nonzero(material == Material.LASH).squeeze(1)
        if rows.numel():
            corners = self.masks[self.faces[face[rows]], 6]
            alpha[rows] = _lash_alpha(uv[rows], (corners * barycentric[rows]).sum(1))
        return alpha


def _lash_alpha(uv: torch.Tensor, tip: torch.Tensor) -> torch.Tensor:
    """Lashes drawn as tapering strands; u runs along the lid, `tip` from 0 at the lid to 1."""
    strand = (uv[:, 0] * 110).frac()
    half_width = 0.22 * (1 - tip).clamp(min=0)
    return ((half_width - (strand - 0.5).abs()) / 0.15 + 0.5).clamp(0, 1) * (tip < 1)


def vertex_normals(vertices: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
    """Area-weighted unit vertex normals."""
    corner = vertices[faces]
    face_normal = torch.linalg.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    total = torch.zeros_like(vertices)
    for i in range(3):
        total.index_add_(0, faces[:, i], face_normal)
    return F.normalize(total, dim=1)


class GeometryBuilder:
    """Draws scenes; holds what is computed once from the neutral head."""

    def __init__(self, model: HeadModel, props: PropLibrary):
        self.model = model
        self.props = props
        self.material = torch.tensor(
            [_PART_MATERIAL[part] for part in RENDERED_PARTS], device=model.device
        )[model.face_part]
        self.rest_masks = _rest_masks(model, self.material)
        self.rest_eye_centres = torch.stack(
            [model._eyeball_centre(model.neutral[ball]) for ball in model.eyeballs]
        )

    def draw(
        self,
        random: RandomSource,
        hair: CardStyle | None,
        brows: CardStyle | None,
        glasses: bool = False,
    ) -> Geometry:
        """Draws a head with the given hair and brows and a garment, and computes its visibility."""
        model, device = self.model, self.model.device
        head = model.draw(random)
        meshes = [(Mesh(head.vertices, model.neutral, model.faces, model.corner_uv), self.material)]
        for style, kind in ((hair, Material.HAIR), (brows, Material.BROW)):
            if style is not None:
                meshes.append((style.bound_to(head), kind))
        if glasses:
            worn = spectacles(random, head.vertices[model.landmarks])
            meshes.append((worn, Material.GLASSES))
        collar = random.uniform(-13.0, -9.0)
        meshes.append((lofted_body(random, collar, device), Material.CLOTH))
        starts = [0]
        for mesh, _ in meshes:
            starts.append(starts[-1] + len(mesh.vertices))
        vertices = torch.cat([mesh.vertices for mesh, _ in meshes])
        faces = torch.cat([mesh.faces + start for (mesh, _), start in zip(meshes, starts)])
        material = torch.cat(
            [
                kind
                if torch.is_tensor(kind)
                else torch.full((len(mesh.faces),), int(kind), device=device)
                for mesh, kind in meshes
            ]
        )
        # The body replaces what the garment covers.
        height = collar_height(vertices)
        covered = (height < collar - 2.5) | ((height < collar - 0.3) & (vertices[:, 0].abs() > 7.5))
        hidden = covered[faces].all(1)
        hidden &= (material == Material.FACE) | (material == Material.HEAD)
        faces, material = faces[~hidden], material[~hidden]
        corner_uv = torch.cat([mesh.corner_uv for mesh, _ in meshes])[~hidden]
        masks = torch.zeros(len(vertices), 7, device=device)
        masks[: len(self.rest_masks)] = self.rest_masks
        normals = vertex_normals(vertices, faces)
        hair_rows = torch.zeros(len(vertices), dtype=torch.bool, device=device)
        hair_rows[faces[material == Material.HAIR].flatten()] = True
        if hair is not None:
            # Cards scatter like a volume: their normals lean towards those of a ball around the skull.
            ball = F.normalize(vertices[hair_rows] - vertices.new_tensor((0.0, 2.0, 0.5)), dim=1)
            own = normals[hair_rows]
            own = own * torch.sign((own * ball).sum(1, keepdim=True) + 1e-6)
            normals[hair_rows] = F.normalize(0.5 * own + ball, dim=1)
        geometry = Geometry(
            vertices=vertices,
            normals=normals,
            rest=torch.cat([mesh.rest for mesh, _ in meshes]),
            masks=masks,
            faces=faces,
            corner_uv=corner_uv,
            material=material,
            landmarks=head.vertices[model.landmarks],
            eye_axes=head.eye_axes,
            rest_eye_centres=self.rest_eye_centres,
            gaze=torch.eye(3, device=device),
            hair=hair,
            brows=brows,
            visibility=None,
            occluders=None,
            occlusion=None,
        )
        self._compute_visibility(geometry)
        return geometry

    @staticmethod
    def _compute_visibility(geometry: Geometry) -> None:
        geometry.occluders = _occluder_points(geometry, 0.075)
        coarse = _occluder_points(geometry, 0.13)
        geometry.visibility = directional_visibility(geometry.vertices, geometry.normals, coarse)
        geometry.occlusion = geometry.visibility.ambient_occlusion(geometry.normals)


def _occluder_points(geometry: Geometry, spacing: float) -> torch.Tensor:
    """Points (n, 3) on everything that casts shadows, about `spacing` cm apart."""
    casting = torch.nonzero(
        (geometry.material != Material.BROW) & (geometry.material != Material.LASH)
    ).squeeze(1)
    face, barycentric = surface_samples(geometry.vertices, geometry.faces[casting], spacing)
    face = casting[face]
    # Cards hide in proportion to their opacity: thin out their samples instead of weighting them.
    keep = torch.ones(len(face), dtype=torch.bool, device=face.device)
    card = torch.nonzero(geometry.carded[face]).squeeze(1)
    threshold = torch.remainder(0.618034 * torch.arange(len(card), device=face.device), 1.0)
    keep[card] = geometry.card_alpha(face[card], barycentric[card]) > threshold
    corner = geometry.vertices[geometry.faces[face[keep]]]
    points = (corner * barycentric[keep][..., None]).sum(1)
    return points[points.norm(dim=1) < STAGE_RADIUS]


def _rest_masks(model: HeadModel, material: torch.Tensor) -> torch.Tensor:
    rest, landmarks = model.neutral, model.neutral[model.landmarks]
    skin_faces = model.faces[(material == Material.FACE) | (material == Material.HEAD)]
    skin = torch.zeros(len(rest), device=rest.device)
    skin[skin_faces.flatten()] = 1.0

    def near(points: torch.Tensor, radius: float) -> torch.Tensor:
        distance = torch.cdist(rest, points).amin(1)
        return (-0.5 * (distance / radius) ** 2).exp()

    lips = _inside_outline(rest[:, :2], landmarks[48:60, :2], 0.12) * (rest[:, 2] > 8.5) * skin
    middle = landmarks[27:31]
    forehead_middle = landmarks[27] + rest.new_tensor((0.0, 3.5, 0.3))
    t_zone = (
        near(middle, 0.9) + near(landmarks[30:36], 0.7) + near(forehead_middle[None], 1.8)
    ).clamp(max=1)
    eyelids = near(landmarks[36:48], 0.6)
    brow_height = landmarks[17:27, 1].mean()
    forehead = (
        ((rest[:, 1] - brow_height - 0.3) / 1.5).clamp(0, 1)
        * (rest[:, 2] > 6)
        * (rest[:, 0].abs() < 6)
    )
    beard = _beard_mask(rest, landmarks) * (1 - lips)
    corner = rest[model.faces]
    face_area = 0.5 * torch.linalg.cross(
        corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    ).norm(dim=1)
    area = torch.zeros(len(rest), device=rest.device)
    for i in range(3):
        area.index_add_(0, model.faces[:, i], face_area / 3)
    used = torch.nonzero(area > 0).squeeze(1)
    normals = vertex_normals(rest, model.faces)
    outer = torch.zeros_like(skin)
    # Teeth, gums and eyeballs do not count: they are not the other side of thin tissue.
    tissue = used[_is_tissue(model, material)[used]]
    outer[tissue] = inside_occlusion(rest[tissue], normals[tissue], area[tissue])
    lash_tip = torch.zeros_like(skin)
    face_skin = rest[model.part_vertices["face"]]
    for part, eye in (("eyelashes_left", landmarks[42:48]), ("eyelashes_right", landmarks[36:42])):
        lashes = rest[model.part_vertices[part]]
        tip = torch.cdist(lashes, face_skin).amin(1) / 0.75
        # Lower lashes are fine and short.
        upper = lashes[:, 1] > eye[:, 1].mean()
        lash_tip[model.part_vertices[part]] = torch.where(upper, tip, 0.72 + 0.8 * tip)
    return torch.stack((lips, t_zone, eyelids, forehead, beard, outer * skin, lash_tip), 1)


def _is_tissue(model: HeadModel, material: torch.Tensor) -> torch.Tensor:
    tissue = torch.zeros(len(model.neutral), dtype=torch.bool, device=model.device)
    kept = (material == Material.FACE) | (material == Material.HEAD)
    tissue[model.faces[kept].flatten()] = True
    return tissue


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


def _beard_mask(rest: torch.Tensor, landmarks: torch.Tensor) -> torch.Tensor:
    """Where a beard grows: upper lip, chin, jaw."""
    nose_bottom, chin = landmarks[33], landmarks[8]
    below_nose = ((nose_bottom[1] - 0.3 - rest[:, 1]) / 0.8).clamp(0, 1)
    width = rest[:, 0].abs()
    # The upper edge falls from the side-burns to the mouth's corner.
    edge = (
        nose_bottom[1] + (width - 4.5).clamp(min=0) * 1.3 - (3.4 - width).abs().clamp(max=1.0) * 0.0
    )
    lower = ((rest[:, 1] - (chin[1] - 2.5)) / 1.2).clamp(0, 1)
    upper = ((edge - rest[:, 1]) / 1.2).clamp(0, 1)
    front = ((rest[:, 2] - 1.0) / 2.0).clamp(0, 1)
    return torch.maximum(below_nose * (width < 4), upper * (width >= 4)) * lower * front
