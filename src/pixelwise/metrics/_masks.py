"""What was predicted and what is true, as one mask per class."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from pixelwise.ops.planes import Labels, counted, exclusive

Predicted = Int[Tensor, "b h w"] | Bool[Tensor, "b k h w"]


@dataclass(frozen=True, slots=True)
class Masks:
    """One mask per class, and the pixels that count."""

    predicted: Bool[Tensor, "b k h w"]
    truth: Bool[Tensor, "b k h w"]
    valid: Bool[Tensor, "b k h w"]


def masks(predicted: Predicted, labels: Labels, num_classes: int) -> Masks:
    """Masks of exclusive classes or of planes (true above 0.5); a label that is no class does not count."""
    if not exclusive(labels):
        return Masks(predicted.bool(), labels > 0.5, counted(labels))
    classes = torch.arange(num_classes, device=labels.device)[:, None, None]
    valid = ((labels >= 0) & (labels < num_classes))[:, None].expand(-1, num_classes, -1, -1)
    return Masks(predicted[:, None] == classes, labels[:, None] == classes, valid)
