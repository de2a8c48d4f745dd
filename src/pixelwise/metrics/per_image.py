"""Scores of each image by itself, and how they are spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

EmptyRule = Literal["leave_out", "one", "zero"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and quartiles over the images that have a score; NaN where none has."""

    mean: float
    lower_quartile: float
    median: float
    upper_quartile: float


def image_counts(counts: Int[Tensor, "b k ..."]) -> Int[Tensor, "b 3 k"]:
    """Of each image and class the pixels that are hit, true, and predicted: all that IoU and Dice need.

    Args:
        counts: Of each image, as of `confusion_counts` or `plane_counts`.
    """
    if counts.dim() == 4:  # planes
        return torch.stack([counts[..., 1, 1], counts[..., 1, :].sum(-1), counts[..., :, 1].sum(-1)], dim=1)
    return torch.stack([counts.diagonal(dim1=1, dim2=2), counts.sum(2), counts.sum(1)], dim=1)


def image_ious(counts: Int[Tensor, "n 3 k"], empty: EmptyRule = "leave_out") -> Float[Tensor, "n k"]:
    """IoU of each class in each image.

    Args:
        counts: As of `image_counts`.
        empty: What a class is worth in an image where it is neither true nor predicted: "leave_out" (NaN),
            "one" (found to be absent, as Kaggle's Dice counts it), or "zero".
    """
    hits, truth, predicted = counts.double().unbind(1)
    return _ruled(hits / (truth + predicted - hits), empty)


def image_dices(counts: Int[Tensor, "n 3 k"], empty: EmptyRule = "leave_out") -> Float[Tensor, "n k"]:
    """Dice coefficient of each class in each image; arguments as of `image_ious`."""
    hits, truth, predicted = counts.double().unbind(1)
    return _ruled(2 * hits / (truth + predicted), empty)


def image_means(values: Float[Tensor, "n k"]) -> Float[Tensor, " n"]:
    """Mean over the classes of each image; NaN for an image without any."""
    return values.nanmean(1)


def spread(values: Float[Tensor, " n"]) -> Spread:
    """Mean and quartiles of one number per image, NaN left out; quartiles are interpolated."""
    known = values[~values.isnan()].double()
    if not len(known):
        return Spread(*[float("nan")] * 4)
    quarters = known.quantile(torch.tensor([0.25, 0.5, 0.75], dtype=known.dtype, device=known.device))
    return Spread(float(known.mean()), *quarters.tolist())


def worst(names: Sequence[str], values: Float[Tensor, " n"], most: int = 5) -> list[tuple[str, float]]:
    """The images with the lowest scores, the lowest first; images without a score are none."""
    scored = [(score, name) for name, score in zip(names, values.tolist(), strict=True) if score == score]
    return [(name, score) for score, name in sorted(scored)[:most]]


def _ruled(values: Tensor, empty: EmptyRule) -> Tensor:
    return values if empty == "leave_out" else values.nan_to_num(1.0 if empty == "one" else 0.0)
