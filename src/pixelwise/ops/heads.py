"""What models with auxiliary heads say, and what it costs: deep supervision."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from pixelwise.ops.planes import Labels, counted, exclusive

_EDGE = 5  # side of the square around a pixel in which another class makes it an edge


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """One auxiliary head.

    Attributes:
        of: `classes` are scores of each class, at the size of the images or coarser; `edges` are scores
            of lying where classes meet; `presence` are scores of each class occurring in the image.
        scores: `[b k h w]`, `[b 1 h w]` or `[b k]`, before softmax or sigmoid.
        weight: What the head's loss counts beside that of the logits.
    """

    of: Literal["classes", "edges", "presence"]
    scores: Float[Tensor, "..."]
    weight: float


@dataclass(frozen=True, slots=True)
class Heads:
    """Logits at the size of the images, and what is learned beside them."""

    logits: Float[Tensor, "b k h w"]
    auxiliary: tuple[Auxiliary, ...]


Said = Float[Tensor, "b k h w"] | Heads
LossOfLogits = Callable[[Tensor, Tensor], Tensor]


def logits_of(said: Said) -> Float[Tensor, "b k h w"]:
    """The logits that count, of a model with auxiliary heads or without."""
    return said.logits if isinstance(said, Heads) else said


def loss_of_heads(
    loss: LossOfLogits, said: Said, labels: Labels, *, ignore_index: int = 255
) -> Float[Tensor, ""]:
    """The loss of the logits, plus the weighted losses of the auxiliary heads.

    Heads of classes have the loss of the logits; where they are coarser, against labels picked (never
    blended) at the centres of their pixels. Edges cost cross entropy in which edges and all the rest
    weigh the same in each batch; presence costs binary cross entropy.

    Reference:
        Lee et al., "Deeply-Supervised Nets", 2015, arXiv:1409.5185; edges as in Xie & Tu,
        "Holistically-Nested Edge Detection", 2015, arXiv:1504.06375, equation 2; presence as in Zhang
        et al., "Context Encoding for Semantic Segmentation", 2018, arXiv:1803.08904, section 3.1.
    """
    total = loss(logits_of(said), labels)
    for head in said.auxiliary if isinstance(said, Heads) else ():
        if head.of == "classes":
            cost = loss(head.scores, picked(labels, head.scores.shape[-2:]))
        elif head.of == "edges":
            cost = _edge_loss(head.scores, labels, ignore_index)
        else:
            cost = _presence_loss(head.scores, labels, ignore_index)
        total = total + head.weight * cost
    return total


def picked(labels: Labels, size: tuple[int, ...]) -> Tensor:
    """Labels at a smaller size: of each coarse pixel, the label at its centre."""
    if tuple(labels.shape[-2:]) == tuple(size):
        return labels
    rows, columns = (
        ((torch.arange(new, device=labels.device) + 0.5) * old / new).long()
        for old, new in zip(labels.shape[-2:], size, strict=True)
    )
    return labels[..., rows[:, None], columns]


def edges(labels: Labels, ignore_index: int = 255) -> Bool[Tensor, "b h w"]:
    """Pixels that have another class within two pixels; pixels that do not count make no edge."""
    valid = counted(labels, ignore_index)
    one_plane_each = labels[:, None] if exclusive(labels) else (labels > 0.5)
    valid = valid[:, None] if exclusive(labels) else valid
    values = one_plane_each.float()
    highest = F.max_pool2d(values.where(valid, -torch.inf), _EDGE, 1, _EDGE // 2)
    lowest = -F.max_pool2d((-values).where(valid, -torch.inf), _EDGE, 1, _EDGE // 2)
    return ((highest > lowest) & valid).any(1)


def _edge_loss(scores: Tensor, labels: Labels, ignore_index: int) -> Tensor:
    labels = picked(labels, scores.shape[-2:])
    valid = counted(labels, ignore_index)
    valid = valid if exclusive(labels) else valid.any(1)
    truth = edges(labels, ignore_index)
    share = (truth & valid).sum() / valid.sum().clamp(min=1)
    weight = torch.where(truth, 1 - share, share) * valid
    nats = F.binary_cross_entropy_with_logits(scores[:, 0].float(), truth.float(), reduction="none")
    return (nats * weight).sum() / valid.sum().clamp(min=1)


def _presence_loss(scores: Tensor, labels: Labels, ignore_index: int) -> Tensor:
    valid = counted(labels, ignore_index)
    if exclusive(labels):
        classes = torch.arange(scores.shape[1], device=labels.device)
        marked = labels.where(valid, -1).flatten(1)
        truth = torch.stack([(marked == known).any(1) for known in classes], dim=1)
        told = valid.flatten(1).any(1)[:, None].expand_as(truth)
    else:
        truth, told = (labels > 0.5).flatten(2).any(2), valid.flatten(2).any(2)
    nats = F.binary_cross_entropy_with_logits(scores.float(), truth.float(), reduction="none")
    return (nats * told).sum() / told.sum().clamp(min=1)
