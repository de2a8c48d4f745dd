"""Distances between outlines: Hausdorff, its 95th percentile, and the average."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt, Interval
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.metrics._outlines import outline, pixels_of
from pixelwise.ops.distances import distance_to

_FEW_PAIRS = 2**28  # below, all pairs are faster than a map
_IN_CACHE = 2**18  # pairs that are looked at together


@dataclass(frozen=True, slots=True)
class Surfaces:
    """How far each pixel of one outline is from the nearest of the other.

    Attributes:
        there: From each pixel of the predicted outline to the true one.
        back: From each pixel of the true outline to the predicted one.
        farthest: What stands for the distance when only one of the two is there: the image's diagonal.
    """

    there: Float[Tensor, " n"]
    back: Float[Tensor, " m"]
    farthest: float


def surfaces(
    predicted: Bool[Tensor, "h w"],
    truth: Bool[Tensor, "h w"],
    valid: Bool[Tensor, "h w"] | None = None,
    *,
    spacing: Annotated[float, Gt(0)] = 1.0,
) -> Surfaces:
    """Distances between the outlines of two masks, from pixel centre to pixel centre.

    Outlines are one pixel wide, inside the mask, and the edge of the image is one, so that a mask that fills
    the image has an outline; pixels that do not count make none.

    Args:
        predicted: A mask.
        truth: A mask.
        valid: The pixels that count; None for all.
        spacing: Side of a pixel, as in millimetres; distances come in its unit.
    """
    valid = torch.ones_like(truth) if valid is None else valid
    both = torch.stack([outline(mask, valid, frame=True) for mask in (predicted, truth)])
    there, back = _distances(*_cropped(both))
    farthest = pixels_of(1.0, *truth.shape)
    return Surfaces(there * spacing, back * spacing, farthest * spacing)


def hausdorff(between: Surfaces, share: Annotated[float, Interval(ge=0, le=1)] = 1.0) -> float:
    """The larger of the two directed distances below which `share` of the outline's pixels lie.

    The Hausdorff distance with 1, its robust form HD95 with 0.95. 0 where neither mask is there, the
    image's diagonal where only one is. Percentiles are interpolated, and taken of each direction by itself
    (some codes take them of both together).

    Reference:
        Huttenlocher, Klanderman & Rucklidge, "Comparing Images Using the Hausdorff Distance", 1993,
        equations 1 and 2, and their partial distances, which rank each direction by itself.
    """
    if not len(between.there) or not len(between.back):
        return _one_empty(between)
    return max(_quantile(between.there, share), _quantile(between.back, share))


def average_surface_distance(between: Surfaces) -> float:
    """Mean over the pixels of both outlines of the distance to the other one (symmetric).

    0 where neither mask is there, the image's diagonal where only one is.

    Reference:
        Heimann et al., "Comparison and Evaluation of Methods for Liver Segmentation from CT Datasets",
        2009, section II-C.
    """
    if not len(between.there) or not len(between.back):
        return _one_empty(between)
    return float(torch.cat([between.there, between.back]).double().mean())


def _one_empty(between: Surfaces) -> float:
    return between.farthest if len(between.there) or len(between.back) else 0.0


def _distances(called: Bool[Tensor, "h w"], true: Bool[Tensor, "h w"]) -> tuple[Tensor, Tensor]:
    """From each pixel to the nearest of the other mask: of few all pairs, of many a map of distances."""
    points, others = called.nonzero().float(), true.nonzero().float()
    if not 0 < len(points) * len(others) <= _FEW_PAIRS:
        from_called, from_true = distance_to(torch.stack([called, true]))
        return from_true[called], from_called[true]
    there: list[Tensor] = []
    back = torch.full_like(others[:, 0], torch.inf)
    for part in points.split(max(1, _IN_CACHE // len(others))):
        squares = (part[:, :1] - others[:, 0]).square_() + (part[:, 1:] - others[:, 1]).square_()
        there.append(squares.amin(1))
        back = torch.minimum(back, squares.amin(0))
    return torch.cat(there).sqrt(), back.sqrt()


def _cropped(outlines: Bool[Tensor, "2 h w"]) -> Bool[Tensor, "2 H W"]:
    """Without the empty margins: no distance of interest leaves the outlines' bounding box."""
    either = outlines.any(0)
    for axis in (0, 1):
        found = either.any(1 - axis).nonzero()
        if len(found):
            first, last = int(found[0]), int(found[-1])
            outlines = outlines.narrow(axis + 1, first, last - first + 1)
    return outlines


def _quantile(distances: Float[Tensor, " n"], share: float) -> float:
    """Interpolated between the two nearest; `torch.quantile` refuses more than 2**24 numbers."""
    place = share * (len(distances) - 1)
    low = distances.double().sort().values[int(place) : int(place) + 2]
    return float(low[0].lerp(low[-1], place - int(place)))
