"""The classes of PASCAL VOC, Oxford-IIIT Pet and BSDS500."""

from pixelwise.core.classes import Classes
from pixelwise.core.palette import Colour
from pixelwise.data.masks.written import Contract


def voc_palette(number: int) -> tuple[Colour, ...]:
    """The colours that the masks of PASCAL VOC have in their palette, by index.

    Three bits of the index at a time, the lowest first, become one bit each of red, green and blue, the
    highest first.

    Reference:
        Everingham et al., "The PASCAL Visual Object Classes Challenge 2012 Development Kit", 2012,
        function VOClabelcolormap.
    """
    return tuple(_colour(index) for index in range(number))


def _colour(index: int) -> Colour:
    parts = [0, 0, 0]
    for place in range(8):
        for part in range(3):
            parts[part] |= (index >> 3 * place + part & 1) << 7 - place
    red, green, blue = parts
    return red, green, blue


VOC_NAMES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train"),
    "tvmonitor",
)
VOC_VOID: Colour = (224, 224, 192)  # index 255: the rim of objects, and what is too hard
VOC = Contract(
    Classes(VOC_NAMES, voc_palette(len(VOC_NAMES)), ignored=(255,)),
    ignored_colours=(VOC_VOID,),
    has_colours=True,
    has_values=True,
)

PET = Classes(("background", "pet"), ((46, 52, 64), (240, 110, 70)), values=(2, 1), ignored=(3,))
PET_WITH_BORDER = Classes(
    ("background", "pet", "border"), ((46, 52, 64), (240, 110, 70), (235, 190, 60)), values=(2, 1, 3)
)

BOUNDARY = Classes(("boundary",), ((255, 255, 255),), values=(1,), exclusive=False)
