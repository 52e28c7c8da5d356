"""What triangles are made of."""

from enum import IntEnum


class Material(IntEnum):
    """The material of a triangle."""

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


PART_MATERIAL = {
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
SKIN = (Material.FACE, Material.HEAD)
# Meshes with holes in their texture.
CARDS = (Material.LASH, Material.BROW, Material.HAIR)
TWO_SIDED = (*CARDS, Material.CLOTH, Material.GLASSES)
# What the skin matte takes in.
FACIAL = (*SKIN, Material.MOUTH, Material.TEETH, Material.EYE, Material.LASH, Material.BROW)
