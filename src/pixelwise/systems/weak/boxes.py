"""What boxes tell: rectangles, segments cut out of them, and where a class may be at all."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.ops.components import components
from pixelwise.ops.crf import crf

_BESIDE = 4  # rows and columns beside a box that its segment is cut against


@dataclass(frozen=True, slots=True)
class Box:
    """A box around one connected part of a class; the last row and column are exclusive."""

    label: int
    rows: slice
    columns: slice

    @property
    def pixels(self) -> int:
        """How many it holds."""
        return (self.rows.stop - self.rows.start) * (self.columns.stop - self.columns.start)


def boxes_of(labels: Int[Tensor, "h w"], num_classes: int, *, first: int = 1, least: int = 1) -> list[Box]:
    """Boxes around the connected parts of each class, the largest first.

    Args:
        labels: Class index of each pixel.
        num_classes: How many classes there are.
        first: The first class that has boxes; below are backgrounds.
        least: Pixels below which a part has none.
    """
    wanted = torch.arange(first, num_classes)[:, None, None]
    parts = components(labels == wanted)
    boxes: list[Box] = []
    for plane, label in zip(parts, wanted.flatten().tolist(), strict=True):
        for number in plane.unique().tolist():
            where = (plane == number).nonzero()
            if number and len(where) >= least:
                (top, left), (bottom, right) = where.amin(0).tolist(), where.amax(0).tolist()
                boxes.append(Box(label, slice(top, bottom + 1), slice(left, right + 1)))
    return sorted(boxes, key=lambda box: -box.pixels)


def rectangles(boxes: list[Box], size: tuple[int, int], *, outside: int = 0) -> Int[Tensor, "h w"]:
    """Bbox-Rect: each pixel has the class of the smallest box around it.

    Args:
        boxes: The largest first.
        size: Rows and columns.
        outside: Label of the pixels in no box.
    """
    labels = torch.full(size, outside)
    for box in boxes:
        labels[box.rows, box.columns] = box.label
    return labels


def segments(
    image: Float[Tensor, "c h w"],
    boxes: list[Box],
    *,
    outside: int = 0,
    centre: float = 0.2,
    position_sd: float = 5.0,
    colour_sd: float = 0.1,
    spatial_sd: float = 1.5,
) -> Int[Tensor, "h w"]:
    """Bbox-Seg: inside each box the part that a fully connected CRF tells from what lies around it.

    The middle of the box is held to be the thing, all outside it not to be; between, nothing is known.

    Args:
        image: In 0..1.
        boxes: The largest first; a smaller one lies over a larger.
        outside: Label of the pixels in no segment.
        centre: Share of the box's pixels that are its middle.
        position_sd: Of the CRF's kernel of place and colour, in pixels.
        colour_sd: Of the same, in the unit of the image.
        spatial_sd: Of its kernel of place alone, in pixels.

    Reference:
        Papandreou, Chen, Murphy & Yuille, "Weakly- and Semi-Supervised Learning of a Deep Convolutional
        Network for Semantic Image Segmentation", 2015, arXiv:1502.02734, section 3.3.
    """
    labels = torch.full(image.shape[1:], outside)
    for box in boxes:
        window = (_grown(box.rows, _BESIDE), _grown(box.columns, _BESIDE))
        thing = torch.zeros(image.shape[1:])
        thing[box.rows, box.columns] = 0.5
        thing[_middle(box.rows, centre**0.5), _middle(box.columns, centre**0.5)] = 1.0
        prior = torch.stack([1 - thing, thing])[None, :, *window]
        refined = crf(
            prior,
            image[None, :, *window],
            position_sd=position_sd,
            colour_sd=colour_sd,
            spatial_sd=spatial_sd,
        )
        labels[window][(refined[0, 1] > 0.5) & (thing[window] > 0)] = box.label
    return labels


def inside(
    boxes: list[Box], num_classes: int, size: tuple[int, int], *, background: bool = True
) -> Float[Tensor, "k h w"]:
    """Where each class is possible: in its own boxes; the background anywhere.

    Without a background, the pixels in no box do not count.
    """
    possible = torch.zeros(num_classes, *size)
    if background:
        possible[0] = 1
    for box in boxes:
        possible[box.label, box.rows, box.columns] = 1
    return possible.masked_fill(possible.sum(0) == 0, -1.0)


def outside_of(background: bool) -> int:
    """The label of pixels in no box: background where there is one, else they do not count."""
    return 0 if background else IGNORE_INDEX


def _grown(part: slice, by: int) -> slice:
    return slice(max(0, part.start - by), part.stop + by)


def _middle(part: slice, share: float) -> slice:
    """The middle of a row of pixels, at least one of them."""
    length = part.stop - part.start
    kept = max(1, round(share * length))
    start = part.start + (length - kept) // 2
    return slice(start, start + kept)
