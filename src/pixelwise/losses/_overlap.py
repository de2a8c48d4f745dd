"""Soft counts of true, predicted and both, and means over classes: what all losses of regions share."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.ops.gather import gathered_sum
from pixelwise.ops.planes import Labels, exclusive, planes


@dataclass(frozen=True, slots=True)
class Overlap:
    """Soft counts of each class, in the whole batch of all processes or in each image.

    Attributes:
        hits: Sum of probability times truth.
        predicted: Sum of probabilities (of their squares, if asked for).
        true: Sum of truth (of its squares, if asked for).
        included: Classes that take part in the mean.
        per_image: Whether the counts are of each image.
    """

    hits: Float[Tensor, "*b k"]
    predicted: Float[Tensor, "*b k"]
    true: Float[Tensor, "*b k"]
    included: Bool[Tensor, "*b k"]
    per_image: bool


def overlap(
    logits: Float[Tensor, "b k h w"],
    labels: Labels,
    ignore_index: int,
    *,
    per_image: bool = False,
    squared: bool = False,
    include_background: bool = True,
    include_absent: bool = True,
) -> Overlap:
    """Soft counts of logits against labels, over the pixels that count."""
    told = planes(logits, labels, ignore_index)
    probs, truth = told.probs * told.valid, told.truth
    hits = class_sums(probs * truth, per_image)
    power = 2 if squared else 1
    predicted, true = class_sums(probs**power, per_image), class_sums(truth**power, per_image)
    included = shown(labels, logits.shape[1], include_background) & ((true > 0) | include_absent)
    return Overlap(hits, predicted, true, included, per_image)


def class_sums(values: Float[Tensor, "b k h w"], per_image: bool) -> Float[Tensor, "*b k"]:
    """The sum of each class over the whole batch of all processes, or over each image."""
    return values.sum((2, 3)) if per_image else gathered_sum(values.sum((0, 2, 3)))


def shown(labels: Labels, classes: int, include_background: bool) -> Bool[Tensor, " k"]:
    """Every class, or all but the first of exclusive ones; planes have no background among them."""
    numbers = torch.arange(classes, device=labels.device)
    return (numbers > 0) | (include_background or not exclusive(labels))


def fractions(above: Float[Tensor, "*n"], below: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """Quotients that stay finite where both are zero."""
    return above / below.clamp(min=1e-12)


def tversky_index(
    counts: Overlap, *, fp_weight: float, fn_weight: float, smooth: float
) -> tuple[Float[Tensor, "*b k"], Bool[Tensor, "*b k"]]:
    """Hits over hits, weighted inventions and weighted misses; and the classes that it is defined for."""
    invented, missed = counts.predicted - counts.hits, counts.true - counts.hits
    below = counts.hits + fp_weight * invented + fn_weight * missed + smooth
    return fractions(counts.hits + smooth, below), counts.included & (below > 0)


def mean_over_classes(
    costs: Float[Tensor, "*b k"], present: Bool[Tensor, "*#b k"], per_image: bool
) -> Float[Tensor, ""]:
    """The mean over the classes present (of every image, if the costs are of each); zero without any."""
    present = present.expand_as(costs)
    total, number = (costs * present).sum(), present.to(costs.dtype).sum()
    if per_image:
        total, number = gathered_sum(total), gathered_sum(number)
    return total / number.clamp(min=1)


def gentle_power(values: Float[Tensor, "*n"], exponent: float, least: float) -> Float[Tensor, "*n"]:
    """Powers of values that are zero up to `least`, where an exponent below one has no finite slope."""
    return values.clamp(min=least) ** exponent * (values > least)
