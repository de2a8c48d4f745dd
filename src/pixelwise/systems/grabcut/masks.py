"""GrabCut: one object out of an image, by a box, by strokes, or by both."""

from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.extras import need
from pixelwise.report.pictures import as_rgb

Box = tuple[int, int, int, int]

_SURELY_NOT, _SURELY, _HARDLY, _LIKELY = range(4)  # OpenCV's numbers


def grabcut_mask(
    image: Float[Tensor, "c h w"],
    *,
    box: Box | None = None,
    marks: Int[Tensor, "h w"] | None = None,
    steps: Annotated[int, Ge(1)] = 5,
    seed: int = 0,
) -> Bool[Tensor, "h w"]:
    """The pixels of one object.

    Two mixtures of five Gaussians in colour, one of the object and one of the rest, and a minimum cut that
    follows the edges, in turns. With a box, what lies outside is surely not the object. What is marked is
    kept as it is marked; call again with more marks to mend the mask. Give the part of a large photograph
    around the object: time grows with the pixels.

    Args:
        image: One band, or more of which the first three are looked at, as `as_rgb` shows them.
        box: First row, first column, and the row and column behind the last, with the object inside.
        marks: 1 where the object is, 0 where it is not, 255 where that is open.
        steps: Rounds of learning the colours and cutting.
        seed: Of the first grouping of colours.

    Raises:
        DataError: If neither box nor marks are given, if they do not fit the image, or if they leave no
            pixel for the object or for the rest; all is told.
        MissingExtraError: If OpenCV is not installed.

    Reference:
        Rother, Kolmogorov & Blake, "GrabCut: Interactive Foreground Extraction using Iterated Graph Cuts",
        2004, section 3; cut and mixtures are OpenCV's.
    """
    opencv = need("cv2", extra="grabcut", noun="GrabCut")
    rgb = as_rgb(image)
    _check(rgb.shape[:2], box, marks)
    states = _states(rgb.shape[:2], box, marks)
    if not np.isin(states, (_SURELY_NOT, _HARDLY)).any() or not np.isin(states, (_SURELY, _LIKELY)).any():
        raise DataError(
            "box and marks leave nothing to tell apart. Every pixel is on one side. Leave a margin around "
            "the box, or mark something of the object and something beside it."
        )
    opencv.setRNGSeed(seed)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    opencv.grabCut(
        np.ascontiguousarray(rgb[..., ::-1]), states, None, *models, steps, opencv.GC_INIT_WITH_MASK
    )
    return torch.from_numpy(np.isin(states, (_SURELY, _LIKELY)))


def _states(size: tuple[int, ...], box: Box | None, marks: Tensor | None) -> UInt8[np.ndarray, "h w"]:
    """What OpenCV is told of each pixel."""
    states = np.full(size, _SURELY_NOT if box else _HARDLY, dtype=np.uint8)
    if box:
        top, left, bottom, right = box
        states[top:bottom, left:right] = _LIKELY
    if marks is not None:
        told = marks.cpu().numpy()
        states[told == 0] = _SURELY_NOT
        states[told == 1] = _SURELY
    return states


def _check(size: tuple[int, ...], box: Box | None, marks: Tensor | None) -> None:
    faults: list[str] = []
    if box is None and marks is None:
        faults.append("neither a box nor marks are given; one of them must say where the object is")
    if box is not None:
        top, left, bottom, right = box
        if not (0 <= top < bottom <= size[0] and 0 <= left < right <= size[1]):
            faults.append(f"box {box} (top, left, bottom, right) holds no pixel or leaves the image {size}")
    if marks is not None:
        if tuple(marks.shape) != size:
            faults.append(f"marks are {tuple(marks.shape)}, the image is {size} (rows, columns)")
        strange = sorted(set(marks.unique().tolist()) - {0, 1, IGNORE_INDEX})
        if strange:
            faults.append(f"marks hold {strange}; 0 is not the object, 1 is, {IGNORE_INDEX} is open")
        if box is None and not (marks == 1).any():
            faults.append("without a box, some pixels must be marked as the object")
    raise_faults(DataError, "nothing can be cut out:", faults)
