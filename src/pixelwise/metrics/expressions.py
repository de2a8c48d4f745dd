"""How well masks of referring expressions are found: overall IoU, mean IoU, precision at thresholds."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


def expression_sums(
    predicted: Bool[Tensor, "n h w"], truth: Bool[Tensor, "n h w"], valid: Bool[Tensor, "n h w"] | None = None
) -> Float[Tensor, " 9"]:
    """Samples, intersections, unions, IoUs, and samples with an IoU above each threshold; adds up.

    One mask per expression. An expression of nothing that finds nothing has an IoU of 1.
    """
    valid = torch.ones_like(truth) if valid is None else valid
    shared = (predicted & truth & valid).sum((1, 2)).double()
    either = ((predicted | truth) & valid).sum((1, 2)).double()
    ious = torch.where(either > 0, shared / either, 1.0)
    above = [(ious > threshold).sum() for threshold in THRESHOLDS]
    sums = (torch.tensor(len(truth), device=truth.device), shared.sum(), either.sum(), ious.sum(), *above)
    return torch.stack([part.double() for part in sums])


def expression_scores(sums: Float[Tensor, " 9"]) -> dict[str, float]:
    """`overall_iou`, `mean_iou` and `precision_at_0.5` to `precision_at_0.9`; NaN without samples.

    Overall IoU divides the sum of intersections by that of unions, so large masks weigh more; mean IoU
    weighs each expression alike; precision at X is the share of expressions with an IoU above X.

    Reference:
        Hu, Rohrbach & Darrell, "Segmentation from Natural Language Expressions", 2016,
        arXiv:1603.06180, section 4.
    """
    samples, shared, either, ious, *above = sums
    scores = {"overall_iou": shared / either, "mean_iou": ious / samples}
    for threshold, number in zip(THRESHOLDS, above, strict=True):
        scores[f"precision_at_{threshold}"] = number / samples
    return {name: float(value) for name, value in scores.items()}
