"""The names of COCO's classes, by its own numbers and without their gaps."""

from importlib import import_module
from typing import Any, Literal

Numbering = Literal["contiguous", "raw"]

_GAP = "N/A"


def coco_names(numbering: Numbering) -> tuple[str, ...]:
    """What each number is called; 0 is background in both.

    Args:
        numbering: `raw`: COCO's own, 91 with the background, eleven of them gaps called N/A. `contiguous`:
            81 without gaps.

    Reference:
        Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312; the gaps are those of the 91 kinds that were
        planned and not labelled.
    """
    names = ("background", *_weights().meta["categories"][1:])
    return names if numbering == "raw" else tuple(name for name in names if name != _GAP)


def numbers_of(numbering: Numbering) -> tuple[int, ...]:
    """The number that each of COCO's own numbers has; 0 for the gaps, which no network says."""
    raw = coco_names("raw")
    if numbering == "raw":
        return tuple(range(len(raw)))
    names = coco_names("contiguous")
    return tuple(0 if name == _GAP else names.index(name) for name in raw)


def _weights() -> Any:
    return import_module("torchvision.models.detection").MaskRCNN_ResNet50_FPN_Weights.COCO_V1
