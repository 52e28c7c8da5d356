"""The ICT-FaceKit morphable head: identities, expressions, gaze, and masks on its rest shape.

Lengths in cm, y up, +z out of the face, +x the subject's left.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from light_stage.random_source import RandomSource

# Parts of the mesh that are rendered. Lacrimal fluid, eye blend and eye occlusion are helper surfaces
# for real-time engines and stay out.
RENDERED_PARTS = (
    "face",
    "head_neck",
    "mouth_socket",
    "eye_socket_left",
    "eye_socket_right",
    "gums_tongue",
    "teeth",
    "sclera_left",
    "sclera_right",
    "eyelashes_left",
    "eyelashes_right",
)


@dataclass
class HeadShape:
    """One head: where its vertices are and how far they moved from the neutral mesh."""

    vertices: torch.Tensor  # (V, 3)
    displacement: torch.Tensor  # (V, 3) by identity and expression, for bound props


class HeadModel:
    """Loads `ict-facekit.npz` and draws heads from it."""

    def __init__(self, data_dir: Path, device: torch.device):
        archive = np.load(data_dir / "ict-facekit.npz")

        def tensor(name, dtype=torch.float32):
            return torch.from_numpy(archive[name]).to(device=device, dtype=dtype)

        self.device = device
        self.neutral = tensor("neutral")
        self.identity = tensor("identity").flatten(1)
        self.expression = tensor("expression").flatten(1)
        self.expression_names = [str(name) for name in archive["expression_names"]]
        self.landmarks = tensor("landmarks68", torch.int64)
        parts = dict(zip(map(str, archive["part_names"]), range(len(archive["part_names"]))))
        triangles = tensor("part_triangles", torch.int64).tolist()
        vertices = tensor("part_vertices", torch.int64).tolist()
        self.part_vertices = {name: slice(*vertices[i]) for name, i in parts.items()}
        chosen = [
            (part, torch.arange(*triangles[parts[part]], device=device)) for part in RENDERED_PARTS
        ]
        index = torch.cat([rows for _, rows in chosen])
        self.faces = tensor("faces", torch.int64)[index]
        self.face_part = torch.cat(
            [torch.full_like(rows, RENDERED_PARTS.index(part)) for part, rows in chosen]
        )
        # u is stored with the material's tile number in front; only the fraction matters here.
        self.corner_uv = torch.remainder(tensor("uv")[tensor("faces_uv", torch.int64)[index]], 1.0)
        self.eyeballs = [self.part_vertices[f"eyeball_{side}"] for side in ("left", "right")]

    def draw(self, random: RandomSource) -> HeadShape:
        """Draws identity, expression and gaze."""
        coefficients = random.normals(self.identity.shape[0])
        # Far modes carry scan noise rather than shape; all are slightly tamed against grotesque heads.
        coefficients *= torch.linspace(0.95, 0.7, len(coefficients))
        weights, gaze = self._draw_expression(random)
        return self.shape(coefficients.to(self.device), weights.to(self.device), gaze)

    def shape(
        self,
        identity: torch.Tensor,
        expression: torch.Tensor,
        gaze: tuple[float, float] = (0.0, 0.0),
    ) -> HeadShape:
        """The head of the given coefficients; `gaze` in radians to the subject's left and up."""
        displacement = (identity @ self.identity + expression @ self.expression).view(-1, 3)
        vertices = self.neutral + displacement
        turn = gaze_rotation(*gaze).to(self.device)
        for eyeball in self.eyeballs:
            centre = self.eyeball_centre(vertices[eyeball])
            vertices[eyeball] = (vertices[eyeball] - centre) @ turn.T + centre
        return HeadShape(vertices, displacement)

    @staticmethod
    def eyeball_centre(ball: torch.Tensor) -> torch.Tensor:
        """The cornea bulges forward, so depth is measured from the back of the ball."""
        low, high = ball.amin(0), ball.amax(0)
        radius = 0.5 * (high[0] - low[0])
        return torch.stack((0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), low[2] + radius))

    def _draw_expression(self, random: RandomSource) -> tuple[torch.Tensor, tuple[float, float]]:
        weights = dict.fromkeys(self.expression_names, 0.0)

        def both(name, amount, asymmetry=0.15):
            weights[name + "_L"] += amount * (1 + random.uniform(-asymmetry, asymmetry))
            weights[name + "_R"] += amount * (1 + random.uniform(-asymmetry, asymmetry))

        kind = random.uniform()
        if kind < 0.30:  # closed or open smile
            strength = random.uniform(0.2, 0.9)
            both("mouthSmile", strength)
            both("cheekSquint", 0.5 * strength)
            both("eyeSquint", 0.3 * strength)
            if random.chance(0.55):
                both("mouthUpperUp", random.uniform(0.2, 0.6) * strength)
                both("mouthLowerDown", random.uniform(0.1, 0.5) * strength)
                weights["jawOpen"] += random.uniform(0.0, 0.25)
        elif kind < 0.50:  # speaking
            weights["jawOpen"] += random.uniform(0.05, 0.45)
            weights[random.choice(["mouthFunnel", "mouthPucker", "mouthShrugUpper"])] += (
                random.uniform(0, 0.6)
            )
        elif kind < 0.62:  # stern, worried
            both("browDown", random.uniform(0, 0.9))
            both("mouthFrown", random.uniform(0, 0.7))
            both("noseSneer", random.uniform(0, 0.4))
        if random.chance(0.25):
            both("browOuterUp", random.uniform(0, 0.7), 0.5)
            both("browInnerUp", random.uniform(0, 0.7))
        for _ in range(random.integer(4)):
            name = random.choice(self.expression_names)
            if not name.startswith("eye") and name != "jawOpen":
                weights[name] += random.uniform(0, 0.45)
        gaze = (random.clipped_normal(0, 0.16, 0.4), random.clipped_normal(0, 0.08, 0.2))
        self._turn_lids(weights, gaze)
        if random.chance(0.08):
            both("eyeBlink", random.uniform(0.7, 1.0), 0.0)
        elif random.chance(0.5):
            both("eyeBlink", random.uniform(0.0, 0.3), 0.1)
        return torch.tensor([min(weights[n], 1.0) for n in self.expression_names]), gaze

    @staticmethod
    def _turn_lids(weights: dict[str, float], gaze: tuple[float, float]) -> None:
        """The lids follow the eyeballs; a full look shape is about 0.5 rad sideways, 0.4 up or down."""
        left, up = gaze
        for side, outward in (("_L", left), ("_R", -left)):
            weights["eyeLookOut" + side] = min(max(outward, 0.0) / 0.5, 1.0)
            weights["eyeLookIn" + side] = min(max(-outward, 0.0) / 0.5, 1.0)
            weights["eyeLookUp" + side] = min(max(up, 0.0) / 0.4, 1.0)
            weights["eyeLookDown" + side] = min(max(-up, 0.0) / 0.4, 1.0)


def gaze_rotation(left: float, up: float) -> torch.Tensor:
    """Turns +z to the subject's left (+x) and up (+y), in radians."""
    left_turn, up_turn = torch.tensor(left), torch.tensor(up)
    cl, sl, cu, su = left_turn.cos(), left_turn.sin(), up_turn.cos(), up_turn.sin()
    zero, one = torch.tensor(0.0), torch.tensor(1.0)
    about_y = torch.stack(
        [torch.stack([cl, zero, sl]), torch.stack([zero, one, zero]), torch.stack([-sl, zero, cl])]
    )
    about_x = torch.stack(
        [torch.stack([one, zero, zero]), torch.stack([zero, cu, su]), torch.stack([zero, -su, cu])]
    )
    return about_y @ about_x
