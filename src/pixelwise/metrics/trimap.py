"""Trimaps: labels that count only near where classes meet."""

from typing import Annotated

import torch
from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.metrics._outlines import near
from pixelwise.ops.planes import Labels, exclusive


def near_boundaries(
    labels: Labels, width: Annotated[float, Ge(0)]
) -> Int[Tensor, "b h w"] | Float[Tensor, "b k h w"]:
    """The labels, of which none counts that is more than `width` pixels from where classes meet.

    Counts of these (`confusion_counts`, `plane_counts`) give the IoU, or any other score, in the band.
    Where a class meets pixels that do not count, classes do not meet.

    Args:
        labels: Class indices of which `IGNORE_INDEX` does not count, or planes.
        width: How far from the nearest pixel with a neighbour (above, below, left, right) of another
            class, in pixels.

    Reference:
        Kohli, Ladicky & Torr, "Robust Higher Order Potentials for Enforcing Label Consistency", 2009,
        section 5.
    """
    values = labels if exclusive(labels) else (labels > 0.5).where(labels >= 0, -1)
    none = IGNORE_INDEX if exclusive(labels) else -1
    meet = torch.zeros_like(values, dtype=torch.bool)
    for axis in (-2, -1):
        length = values.shape[axis] - 1
        here, next_ = values.narrow(axis, 0, length), values.narrow(axis, 1, length)
        differ = (here != next_) & (here != none) & (next_ != none)
        meet.narrow(axis, 0, length).logical_or_(differ)
        meet.narrow(axis, 1, length).logical_or_(differ)
    return labels.where(near(meet, width), none)
