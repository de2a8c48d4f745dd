"""Groups to train, val and test, and what lies between them left out."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.errors import DataError
from pixelwise.data.loader import mixed
from pixelwise.data.splits.drawing import draw, in_runs
from pixelwise.data.splits.known import Grouping

_TOLERANCE = 3.0  # times as much or as little as asked for is still a part of that share
_DEALS = 8  # of which the best is taken, where neighbours on two sides are left out

Counts = NDArray[np.float64]


def part(
    grouping: Grouping, shares: Mapping[str, float], seed: int, counts: Counts | None = None
) -> list[str | None]:
    """The part of each image, None for one that is left out because it lies too near to another part.

    Args:
        grouping: Which images belong together.
        shares: Share of the images for each part, train first; they add up to 1. Where an image has to be
            left out, it is one of the earlier part.
        seed: Of the drawing. Where groups have neighbours, the best of a few drawings is taken: that which
            leaves out fewest and keeps nearest to all shares.
        counts: Pixels of each class in each image, `[n k]`; with them each part shows its share of all.

    Raises:
        DataError: If there are fewer groups than parts.
    """
    links = np.array([*grouping.links], np.int64).reshape(-1, 2)
    if grouping.order is not None:
        return _apart(in_runs(grouping.groups, grouping.order, shares, seed), links, shares)
    if grouping.number < len(shares):
        raise DataError(
            f"{grouping.number} groups cannot make {len(shares)} parts. Found: {grouping.reason}. Group "
            "otherwise, or ask for fewer parts (--test 0)."
        )
    groups = np.array(grouping.groups)
    links = links[groups[links[:, 0]] != groups[links[:, 1]]]
    seeds = [seed, *(mixed(seed, deal, 3) for deal in range(1, _DEALS) if len(links))]
    found = [_apart(draw(grouping.groups, shares, one, counts), links, shares) for one in seeds]
    return found[0] if len(found) == 1 else max(found, key=lambda parts: _worth(parts, shares, counts))


def fits(grouping: Grouping, shares: Mapping[str, float], seed: int, counts: Counts | None = None) -> float:
    """How well images can be parted so, up to 1; 0 if that leaves out most, or misses a share threefold."""
    if grouping.order is None and grouping.number < len(shares):
        return 0.0
    parts = part(grouping, shares, seed, counts)
    kept = len(parts) - parts.count(None)
    near = all(_near(parts.count(name), share * kept) for name, share in shares.items())
    return _worth(parts, shares, counts) if near and kept > len(parts) / 2 else 0.0


def _apart(parts: Sequence[str], links: NDArray[np.int64], shares: Mapping[str, float]) -> list[str | None]:
    """The parts without images that are linked to a later part: those that judge stay whole."""
    rank = {name: place for place, name in enumerate(shares)}
    ranks = np.array([rank[one] for one in parts])
    kept = np.ones(len(parts), np.bool_)
    for judge in range(len(shares) - 1, 0, -1):
        for one, other in (links.T, links.T[::-1]):
            near = kept[one] & (ranks[one] == judge) & (ranks[other] < judge)
            kept[other[near]] = False
    return [one if keep else None for one, keep in zip(parts, kept.tolist(), strict=True)]


def _worth(parts: Sequence[str | None], shares: Mapping[str, float], counts: Counts | None) -> float:
    """Share of the images kept, times how much of images and classes lies in the parts where it should."""
    names = np.array([one or "" for one in parts])
    kept = names != ""
    columns = [np.ones((len(parts), 1))] if counts is None else [np.ones((len(parts), 1)), counts]
    right: list[float] = []
    for held in columns:
        there = held[kept].sum(0)
        found = np.array([held[names == name].sum(0) for name in shares]) / np.maximum(there, 1e-12)
        wanted = np.array([*shares.values()])[:, None]
        missed = np.abs(found - wanted).sum(0) / 2  # of each column, what lies in another part
        right.append(1 - float(missed[there > 0].mean()) if (there > 0).any() else 1.0)
    return float(kept.mean()) * float(np.mean(right))


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
