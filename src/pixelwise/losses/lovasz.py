"""Lovász losses: intersection over union itself, extended to scores."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.losses._likelihood import exact
from pixelwise.losses._overlap import mean_over_classes, shown
from pixelwise.ops.planes import exclusive, planes


def lovasz(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    per_image: bool = False,
    include_background: bool = True,
    include_absent: bool = False,
) -> Float[Tensor, ""]:
    """Mean over classes of the convex extension of what IoU lacks to one, at the pixels' errors.

    Exclusive classes: the errors are differences of softmax and truth, and the loss of certain
    predictions is exactly one minus their IoU. Planes: the errors are hinges of scores, at least one
    until a score is beyond zero, and truth above one half counts as true. Over several processes, each
    compares its own pixels, unless `per_image`.

    Args:
        logits: Scores before softmax, or margins of planes.
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        per_image: One value per image and class instead of one per class of the batch.
        include_background: Whether the first of exclusive classes takes part.
        include_absent: Whether a class takes part that is true nowhere; it then costs its largest error.
            Planes always take part.

    Returns:
        The loss, at least zero; at most one for exclusive classes.

    Reference:
        Berman, Rannen Triki & Blaschko, "The Lovász-Softmax loss", 2018, arXiv:1705.08790, equations
        8-12. The differences of its algorithm 1 are written out here, which keeps their digits.
    """
    told = planes(logits, labels, ignore_index)
    truth, valid = told.truth > 0.5, told.valid
    if exclusive(labels):
        errors = (told.probs - told.truth).abs().where(valid, 0.0)
    else:
        scores = exact(logits)
        errors = (1 - torch.where(truth, scores, -scores)).clamp(min=0).where(valid, 0.0)
    errors, truth = (_by_class(each, per_image) for each in (errors, truth))
    costs = _extension(errors, truth)
    present = shown(labels, logits.shape[1], include_background)
    if exclusive(labels) and not include_absent:
        present = present & truth.any(-1)
    # gathered only per image: over a batch each process has costs of its own
    return mean_over_classes(costs, present, per_image)


def _by_class(values: Tensor, per_image: bool) -> Tensor:
    return values.flatten(2) if per_image else values.transpose(0, 1).flatten(1)


def _extension(errors: Float[Tensor, "*n p"], truth: Bool[Tensor, "*n p"]) -> Float[Tensor, "*n"]:
    """Errors from the largest down, each times what it takes from IoU to be wrong there as well."""
    errors, order = errors.sort(dim=-1, descending=True)
    truth = truth.gather(-1, order)
    total = truth.sum(-1, keepdim=True)
    left = (total - truth.cumsum(-1)).to(errors.dtype)  # hits when all up to here are wrong
    union = (total + (~truth).cumsum(-1)).to(errors.dtype)
    by_miss = 1 / union.clamp(min=1)
    by_invention = left / (union * (union - 1).clamp(min=1))
    loss = torch.where(truth, by_miss, by_invention)
    alone = torch.zeros_like(loss)
    alone[..., 0] = 1.0  # nothing is true: the first invention takes all
    return (errors * loss.where(total > 0, alone)).sum(-1)
