"""Levels of classes, coarse to fine: what a vessel holds, told several times over."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.errors import DataError
from pixelwise.losses.cross_entropy import cross_entropy

_LIQUIDS = ("liquid", "liquid phase two", "suspension", "emulsion", "foam")
_SOLIDS = ("solid", "gel", "powder", "granular", "bulk", "bulk liquid", "solid phase two", "vapor")


@dataclass(frozen=True, slots=True)
class Level:
    """One way to tell the classes apart.

    Attributes:
        name: What it is called.
        classes: Their names.
        of: For each class of the finest level, its class here.
    """

    name: str
    classes: tuple[str, ...]
    of: tuple[int, ...]

    def __post_init__(self) -> None:
        if set(self.of) != set(range(len(self.classes))):
            raise DataError(
                f"level {self.name!r} does not fit its classes. It leads to {sorted(set(self.of))} and has "
                f"{len(self.classes)} classes. Lead to each of them."
            )


VESSEL = Level("vessel", ("background", "vessel"), (0, 1, 1, 1))
FILL = Level("fill", ("background", "empty", "filled"), (0, 1, 2, 2))
PHASE = Level("phase", ("background", "empty", "liquid", "solid"), (0, 1, 2, 3))

DRAWN = (VESSEL, FILL, PHASE)  # of our drawn scenes: 2 + 3 + 4 scores a pixel

# The paper's four, 2 + 3 + 4 + 15 scores a pixel. Its data label each level apart; which of the fifteen is
# liquid, solid or neither is our reading of their names: gels, powders, grains and lumps are solid, what
# flows is liquid, vapour leaves a vessel empty.
PAPER = (
    Level("vessel", VESSEL.classes, (0, *[1] * 14)),
    Level("fill", FILL.classes, (0, 1, *[2] * 12, 1)),
    Level("phase", PHASE.classes, (0, 1, *[2] * 5, *[3] * 5, 2, 3, 1)),
    Level("exact phase", ("background", "vessel", *_LIQUIDS, *_SOLIDS), tuple(range(15))),
)


def outputs(levels: Sequence[Level]) -> int:
    """Scores of a pixel, all levels together."""
    return sum(len(level.classes) for level in levels)


def apart(logits: Float[Tensor, "b n h w"], levels: Sequence[Level]) -> tuple[Tensor, ...]:
    """The logits of each level."""
    return logits.split([len(level.classes) for level in levels], dim=1)


def at_level(labels: Int[Tensor, "*b h w"], level: Level, ignore_index: int = 255) -> Int[Tensor, "*b h w"]:
    """Labels of the finest level as those of another; what does not count still does not."""
    counts = labels != ignore_index
    known = torch.tensor(level.of, device=labels.device)
    return known[labels.where(counts, 0).long()].where(counts, ignore_index)


def loss_of_levels(
    logits: Float[Tensor, "b n h w"], labels: Int[Tensor, "b h w"], levels: Sequence[Level]
) -> Float[Tensor, ""]:
    """Sum of the cross entropies of all levels, each by a softmax of its own.

    Args:
        logits: Of all levels, one after the other.
        labels: Of the finest level; 255 does not count.
        levels: What the logits mean.

    Reference:
        Eppel, "Hierarchical semantic segmentation using modular convolutional neural networks", 2017,
        arXiv:1710.05126, and its code.
    """
    costs = [
        cross_entropy(scores, at_level(labels, level))
        for scores, level in zip(apart(logits, levels), levels, strict=True)
    ]
    return torch.stack(costs).sum()
