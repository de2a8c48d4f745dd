"""Groups to train, val and test, and what lies between them left out."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.errors import DataError
from pixelwise.data.splits.drawing import draw, in_runs
from pixelwise.data.splits.grouping import Grouping

_TOLERANCE = 3.0  # times as much or as little as asked for is still a part of that share


def part(
    grouping: Grouping, shares: Mapping[str, float], seed: int, counts: NDArray[np.float64] | None = None
) -> list[str | None]:
    """The part of each image, None for one that is left out because it lies too near to another part.

    Args:
        grouping: Which images belong together.
        shares: Share of the images for each part, train first; they add up to 1. Where an image has to be
            left out, it is one of the earlier part.
        seed: Of the drawing.
        counts: Pixels of each class in each image, `[n k]`; with them each part shows its share of all.

    Raises:
        DataError: If there are fewer groups than parts.
    """
    if grouping.order is not None:
        found: list[str | None] = [*in_runs(grouping.groups, grouping.order, shares, seed)]
    else:
        if grouping.number < len(shares):
            raise DataError(
                f"{grouping.number} groups cannot make {len(shares)} parts. Found: {grouping.reason}. Group "
                "otherwise, or ask for fewer parts (--test 0)."
            )
        found = [*draw(grouping.groups, shares, seed, counts)]
    rank = {name: place for place, name in enumerate(shares)}
    for first, second in grouping.links:
        one, other = found[first], found[second]
        if one is not None and other is not None and one != other:
            found[first if rank[one] < rank[other] else second] = None
    return found


def fits(grouping: Grouping, shares: Mapping[str, float], seed: int) -> bool:
    """Whether images can be parted so: a third of each share to three times it, and most are not left out."""
    if grouping.order is None and grouping.number < len(shares):
        return False
    parts = part(grouping, shares, seed)
    kept = len(parts) - parts.count(None)
    near = all(_near(parts.count(name), share * kept) for name, share in shares.items())
    return near and kept > len(parts) / 2


def shares_of(val: float, test: float, number: int) -> dict[str, float]:
    """Shares of train, val and test among so many images; without test where there are only two."""
    asked = {"val": val, "test": test if number > 2 else 0.0}
    drawn = {name: share for name, share in asked.items() if share}
    return {"train": 1 - sum(drawn.values()), **drawn}


def numbers(parts: Sequence[str | None]) -> dict[str, list[int]]:
    """Image numbers of each part, in the order train, val, others by name, test."""
    order = {"train": 0, "val": 1, "test": 3}
    names = sorted({name for name in parts if name is not None}, key=lambda name: (order.get(name, 2), name))
    return {name: [number for number, one in enumerate(parts) if one == name] for name in names}


def _near(found: int, wanted: float) -> bool:
    return found > 0 and (abs(found - wanted) <= 1 or wanted / _TOLERANCE <= found <= wanted * _TOLERANCE)
