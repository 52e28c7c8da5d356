"""Assembles head, hair, brows and clothes into one scene, with everything that depends on shape alone."""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F

from light_stage.glasses import spectacles
from light_stage.head_model import RENDERED_PARTS, HeadModel
from light_stage.materials import CARDS, PART_MATERIAL, TWO_SIDED, Material
from light_stage.props import CardStyle, Mesh, PropLibrary, collar_height, lofted_body
from light_stage.random_source import RandomSource
from light_stage.rest_masks import Mask, rest_masks, vertex_normals
from light_stage.textures import sample_texture
from light_stage.visibility import (
    STAGE_RADIUS,
    Visibility,
    directional_visibility,
    surface_samples,
)

_SKULL_CENTRE = (0.0, 2.0, 0.5)


@dataclass
class Geometry:
    """One scene in head space, before pose, reused for several photographs."""

    vertices: torch.Tensor  # (V, 3)
    normals: torch.Tensor  # (V, 3)
    rest: torch.Tensor  # (V, 3)
    masks: torch.Tensor  # (V, len(Mask))
    faces: torch.Tensor  # (F, 3)
    corner_uv: torch.Tensor  # (F, 3, 2)
    material: torch.Tensor  # (F)
    landmarks: torch.Tensor  # (68, 3)
    rest_eye_centres: torch.Tensor  # (2, 3)
    hair: CardStyle | None
    brows: CardStyle | None
    visibility: Visibility = field(init=False)
    occluders: torch.Tensor = field(init=False)  # (n, 3) dense points on all that casts shadows
    occlusion: torch.Tensor = field(init=False)  # (V) ambient occlusion, 1 = free

    def find_visibility(self) -> None:
        """Computes what depends on all surfaces together."""
        self.occluders = _occluder_points(self, 0.075)
        coarse = _occluder_points(self, 0.13)
        self.visibility = directional_visibility(self.vertices, self.normals, coarse)
        self.occlusion = self.visibility.ambient_occlusion(self.normals)

    @property
    def cull(self) -> torch.Tensor:
        """Triangles whose back is never seen."""
        return ~self._made_of(TWO_SIDED)

    @property
    def carded(self) -> torch.Tensor:
        """Triangles with holes in their texture."""
        return self._made_of(CARDS)

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
            corners = self.masks[self.faces[face[rows]], Mask.LASH_TIP]
            alpha[rows] = _lash_alpha(uv[rows], (corners * barycentric[rows]).sum(1))
        return alpha


def _lash_alpha(uv: torch.Tensor, tip: torch.Tensor) -> torch.Tensor:
    """Lashes drawn as tapering strands; u runs along the lid, `tip` from 0 at the lid to 1."""
    strand = (uv[:, 0] * 110).frac()
    half_width = 0.22 * (1 - tip).clamp(min=0)
    return ((half_width - (strand - 0.5).abs()) / 0.15 + 0.5).clamp(0, 1) * (tip < 1)


class GeometryBuilder:
    """Draws scenes; holds what is computed once from the neutral head."""

    def __init__(self, model: HeadModel, props: PropLibrary):
        self.model = model
        self.props = props
        self.material = torch.tensor(
            [PART_MATERIAL[part] for part in RENDERED_PARTS], device=model.device
        )[model.face_part]
        self.rest_masks = rest_masks(model, self.material)
        self.rest_eye_centres = torch.stack(
            [model.eyeball_centre(model.neutral[ball]) for ball in model.eyeballs]
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

        def add(mesh: Mesh, kind: Material) -> None:
            meshes.append((mesh, torch.full((len(mesh.faces),), int(kind), device=device)))

        if hair is not None:
            add(hair.bound_to(head), Material.HAIR)
        if brows is not None:
            add(brows.bound_to(head), Material.BROW)
        if glasses:
            add(spectacles(random, head.vertices[model.landmarks]), Material.GLASSES)
        collar = random.uniform(-13.0, -9.0)
        add(lofted_body(random, collar, device), Material.CLOTH)
        joined, material = _joined(meshes)
        shown = ~_below_collar(joined.vertices, joined.faces, material, collar)
        faces, material = joined.faces[shown], material[shown]
        masks = torch.zeros(len(joined.vertices), len(Mask), device=device)
        masks[: len(self.rest_masks)] = self.rest_masks
        geometry = Geometry(
            vertices=joined.vertices,
            normals=_shading_normals(joined.vertices, faces, material),
            rest=joined.rest,
            masks=masks,
            faces=faces,
            corner_uv=joined.corner_uv[shown],
            material=material,
            landmarks=head.vertices[model.landmarks],
            rest_eye_centres=self.rest_eye_centres,
            hair=hair,
            brows=brows,
        )
        geometry.find_visibility()
        return geometry


def _joined(meshes: list[tuple[Mesh, torch.Tensor]]) -> tuple[Mesh, torch.Tensor]:
    """All meshes as one, and the material of every triangle."""
    start, faces = 0, []
    for mesh, _ in meshes:
        faces.append(mesh.faces + start)
        start += len(mesh.vertices)
    mesh = Mesh(
        torch.cat([mesh.vertices for mesh, _ in meshes]),
        torch.cat([mesh.rest for mesh, _ in meshes]),
        torch.cat(faces),
        torch.cat([mesh.corner_uv for mesh, _ in meshes]),
    )
    return mesh, torch.cat([material for _, material in meshes])


def _below_collar(vertices, faces, material, collar: float) -> torch.Tensor:
    """Triangles (F) of the head that the garment replaces: deep below the collar, or shoulders."""
    height = collar_height(vertices)
    shoulder = (height < collar - 0.3) & (vertices[:, 0].abs() > 7.5)
    covered = (height < collar - 2.5) | shoulder
    skin = (material == Material.FACE) | (material == Material.HEAD)
    return covered[faces].all(1) & skin


def _shading_normals(vertices, faces, material) -> torch.Tensor:
    """Vertex normals; those of hair lean towards a ball around the skull, as a volume scatters."""
    normals = vertex_normals(vertices, faces)
    rows = faces[material == Material.HAIR].flatten().unique()
    ball = F.normalize(vertices[rows] - vertices.new_tensor(_SKULL_CENTRE), dim=1)
    own = normals[rows]
    own = own * torch.sign((own * ball).sum(1, keepdim=True) + 1e-6)
    normals[rows] = F.normalize(0.5 * own + ball, dim=1)
    return normals


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
