"""Labels or planes to one form: the only place that asks which they are."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.core.errors import ShapeError

Labels = Int[Tensor, "b h w"] | Float[Tensor, "b k h w"]


@dataclass(frozen=True, slots=True)
class Planes:
    """What was predicted and what is true, one plane per class.

    Attributes:
        probs: Softmax of the logits for exclusive classes, sigmoid for independent ones.
        truth: Share of each class in each pixel, in 0..1; zero where it does not count.
        valid: True where the pixel (exclusive: of every plane alike) counts.
    """

    probs: Float[Tensor, "b k h w"]
    truth: Float[Tensor, "b k h w"]
    valid: Bool[Tensor, "b k h w"]


def exclusive(labels: Labels) -> bool:
    """Whether these are class indices (softmax) and not planes (sigmoid)."""
    return not labels.is_floating_point()


def counted(labels: Labels, ignore_index: int = 255) -> Bool[Tensor, "..."]:
    """True where a label, or a plane's pixel, counts; the shape of `labels`."""
    return labels != ignore_index if exclusive(labels) else labels >= 0


def planes(logits: Float[Tensor, "b k h w"], labels: Labels, ignore_index: int = 255) -> Planes:
    """Probabilities, truth planes and valid pixels, for exclusive and independent classes alike.

    Args:
        logits: Scores before softmax or sigmoid; computed with in float32 at least.
        labels: Class indices, where `ignore_index` does not count; or planes, where a negative
            value does not count.
        ignore_index: The index that does not count.

    Raises:
        ShapeError: If logits and labels speak of different numbers of classes or pixels.
    """
    _check(logits, labels)
    logits = logits.float() if logits.dtype.itemsize < 4 else logits
    if not exclusive(labels):
        valid = counted(labels)
        return Planes(logits.sigmoid(), labels.clamp(min=0).to(logits.dtype), valid)
    valid = counted(labels, ignore_index)
    classes = torch.arange(logits.shape[1], device=labels.device)[:, None, None]
    truth = labels.where(valid, -1)[:, None] == classes  # no class where it does not count
    return Planes(logits.softmax(1), truth.to(logits.dtype), valid[:, None].expand_as(logits))


def _check(logits: Tensor, labels: Tensor) -> None:
    wanted = tuple(logits.shape) if not exclusive(labels) else (logits.shape[0], *logits.shape[2:])
    if tuple(labels.shape) != wanted:
        raise ShapeError(
            f"logits and labels do not fit. Logits are {tuple(logits.shape)} (batch, class, row, column), "
            f"labels are {tuple(labels.shape)}. Give {wanted}."
        )
