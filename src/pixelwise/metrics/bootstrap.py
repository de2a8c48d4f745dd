"""How sure a mean IoU is: its interval when the images are drawn again."""

from typing import Annotated

import torch
from annotated_types import Gt, Interval
from jaxtyping import Float, Int
from torch import Tensor

_AT_A_TIME = 2**22  # numbers of the table of what was drawn how often


def mean_iou_interval(
    counts: Int[Tensor, "n 3 k"],
    *,
    level: Annotated[float, Interval(gt=0, lt=1)] = 0.95,
    draws: Annotated[int, Gt(0)] = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of the data set's mean IoU over draws of as many images, with replacement.

    It tells how much the number would move with other images of the same kind, not with another training,
    and is too narrow where images are not independent, as frames of one video. The same counts give the
    same interval. NaN without images.

    Args:
        counts: Of each image, as of `image_counts`.
        level: Share of the draws that lie inside.
        draws: How often images are drawn.
        seed: Of the draws.

    Reference:
        Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3.
    """
    images = len(counts)
    if not images:
        return float("nan"), float("nan")
    ious = mean_ious(counts, draws=draws, seed=seed)
    low, high = ious.nanquantile(torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=ious.dtype)).tolist()
    return low, high


def mean_ious(counts: Int[Tensor, "n 3 k"], *, draws: int, seed: int) -> Float[Tensor, " draws"]:
    """Mean IoU of each draw; classes neither true nor predicted in it are left out."""
    images = len(counts)
    rng = torch.Generator().manual_seed(seed)
    sums: list[Tensor] = []
    for first in range(0, draws, step := max(1, _AT_A_TIME // images)):
        number = min(step, draws - first)
        drawn = torch.randint(images, (number, images), generator=rng)
        times = torch.zeros(number, images, dtype=torch.float64)
        times.scatter_add_(1, drawn, torch.ones(1, dtype=times.dtype).expand_as(drawn))
        sums.append(times @ counts.cpu().double().flatten(1))
    hits, truth, predicted = torch.cat(sums).view(draws, 3, -1).unbind(1)
    return (hits / (truth + predicted - hits)).nanmean(1)
