"""What a detector finds in an image: things, each with a box, a mask, a name and a score."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torchvision.ops import masks_to_boxes


@dataclass(frozen=True, slots=True)
class Instances:
    """Things in an image, the surest first where a detector found them.

    Attributes:
        boxes: First row and column of each, and those behind the last, in pixels.
        masks: The pixels of each; they may overlap.
        labels: The class of each; 0 is background and no thing's.
        names: What the classes are called.
        scores: How sure of each, in 0..1; 1 where things are known.
    """

    boxes: Float[Tensor, "n 4"]
    masks: Bool[Tensor, "n h w"]
    labels: Int[Tensor, " n"]
    names: tuple[str, ...]
    scores: Float[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)


def known(masks: Bool[Tensor, "n h w"], labels: Int[Tensor, " n"]) -> Instances:
    """Things whose masks are true, with the smallest boxes around them; those of no pixel are left out."""
    seen = masks.flatten(1).any(1)
    masks, labels = masks[seen], labels[seen]
    boxes = torch.zeros(0, 4) if not len(masks) else smallest_boxes(masks)
    return Instances(boxes, masks, labels, ("",) * len(labels), torch.ones(len(labels)))


def smallest_boxes(masks: Bool[Tensor, "n h w"]) -> Float[Tensor, "n 4"]:
    """First row and column of each mask, and those behind the last. Every mask has a pixel."""
    inclusive = masks_to_boxes(masks).float()[:, [1, 0, 3, 2]]
    return inclusive + torch.tensor([0.0, 0, 1, 1], device=masks.device)


def semantic(found: Instances) -> Int[Tensor, "h w"]:
    """The class of each pixel: that of the surest thing there, 0 where there is none."""
    labels = torch.zeros(found.masks.shape[1:], dtype=torch.int64)
    for number in found.scores.argsort(stable=True).tolist():
        labels[found.masks[number]] = found.labels[number]
    return labels
