"""Pairs of cells that had better have one class: neighbours in a view, and the same thing in two views."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.systems.multiview.cells import once
from pixelwise.systems.multiview.field import Field, joined


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly cells that are linked want one class.

    Attributes:
        within: Factor of neighbours in a view; 0 leaves them unlinked.
        across: What a track counts that runs through two cells of two views; 0 leaves them unlinked.
        contrast: How fast a difference in colour weakens a link.
    """

    within: float = 1.0
    across: float = 2.0
    contrast: float = 20.0


def likeness(
    colours: Float[Tensor, "n c"], pairs: Int[Tensor, "m 2"], contrast: float
) -> Float[Tensor, " m"]:
    """One for cells of one colour, less the more they differ: `1 / (contrast |c_i - c_j|² + 1)`.

    Reference:
        Xiao & Quan, "Multiple View Semantic Segmentation for Street View Images", 2009.
    """
    apart = (colours[pairs[:, 0]] - colours[pairs[:, 1]]).square().sum(1)
    return 1 / (contrast * apart + 1)


def linked(
    costs: Float[Tensor, "n k"],
    colours: Float[Tensor, "n c"],
    neighbours: Int[Tensor, "m 2"],
    tracks: Int[Tensor, "t 2"],
    strength: Strength,
) -> Field:
    """The field of all views.

    Args:
        costs: Of each class at each cell; the cells of all views are numbered through.
        colours: Mean of each cell.
        neighbours: Cells that touch in a view.
        tracks: The two cells, of different views, that one thing is seen in: a row for each such thing.
        strength: Of the links.

    Reference:
        As `likeness`; a link across views weighs the number of tracks times the likeness.
    """
    pairs: list[Tensor] = []
    weights: list[Tensor] = []
    if strength.within:
        pairs.append(neighbours)
        weights.append(strength.within * likeness(colours, neighbours, strength.contrast))
    if strength.across:
        across, times = once(tracks)
        pairs.append(across)
        weights.append(strength.across * times * likeness(colours, across, strength.contrast))
    return Field(costs, *joined(pairs, weights))


def tracks_of(cells: Sequence[Int[Tensor, " n"]], seen: Sequence[Bool[Tensor, " n"]]) -> Int[Tensor, "t 2"]:
    """The pairs of cells that points run through.

    Args:
        cells: Of each view, the cell that each point falls into.
        seen: Of each view, whether it sees the point at all.
    """
    found = [torch.zeros(0, 2, dtype=torch.long)]
    for one in range(len(cells)):
        for other in range(one + 1, len(cells)):
            both = seen[one] & seen[other]
            found.append(torch.stack([cells[one][both], cells[other][both]], dim=1))
    return torch.cat(found)


def disagreement(labels: Int[Tensor, " n"], tracks: Int[Tensor, "t 2"]) -> float:
    """Share of the tracks whose two cells have different classes."""
    first, second = labels[tracks].unbind(1)
    return float((first != second).double().mean())
