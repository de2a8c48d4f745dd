"""Groups to parts, by share: by chance alone, or so that each part shows its share of every class."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from pixelwise.data.loader import mixed

_ROUNDS = 3  # in which every group may be exchanged
_WORTH = 1e-9  # least gain of an exchange
_MOST_EXCHANGED = 4000  # groups; of more, chance makes parts alike


def draw(
    groups: Sequence[int],
    shares: Mapping[str, float],
    seed: int,
    counts: NDArray[np.float64] | None = None,
) -> list[str]:
    """The part of each image; a group is never divided.

    The groups, shuffled by the seed, go one after the other to the part that lacks most of what they hold:
    images and, with counts, pixels of each class. Those go first that hold most of anything; with counts,
    groups are then exchanged while that helps. What counts is the sum over parts of (found - wanted)² /
    wanted. No part stays empty where there are as many groups.

    Args:
        groups: Group of each image.
        shares: Share of the images that each part is to have; they add up to 1.
        seed: Of the shuffling.
        counts: Pixels of each class in each image, `[n k]`.

    Reference:
        After Sechidis, Tsoumakas & Vlahavas, "On the Stratification of Multi-label Data", 2011, algorithm 1,
        which serves the rarest label first; here all classes are weighed at once, by pixels.
    """
    names = list(dict.fromkeys(groups))
    rng = torch.Generator().manual_seed(mixed(seed, len(groups), 2))
    shuffled = [names[place] for place in torch.randperm(len(names), generator=rng).tolist()]
    places = {name: place for place, name in enumerate(shuffled)}
    rows = np.array([places[group] for group in groups])
    images = np.bincount(rows, minlength=len(names)).astype(float)
    measured = images[:, None]
    if counts is not None:
        classes = np.zeros((len(names), counts.shape[1]))
        np.add.at(classes, rows, counts)
        measured = np.concatenate([classes, measured], axis=1)
    scaled, wanted = measured / np.maximum(measured.sum(0), 1), np.array(list(shares.values()))
    chosen = _assigned(scaled, wanted)
    if counts is not None and len(names) <= _MOST_EXCHANGED:
        _exchange(chosen, scaled, wanted)
    _fill(chosen, images, len(shares))
    parts = list(shares)
    return [parts[chosen[row]] for row in rows]


def _assigned(scaled: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Part of each group, so that each has its share of every column; the last column is images."""
    lacking = np.repeat(shares[:, None], scaled.shape[1], axis=1)  # of each column, as shares of the whole
    chosen = np.zeros(len(scaled), np.int64)
    for group in np.argsort(-scaled.max(1), kind="stable"):
        held = scaled[group]
        room = lacking[:, -1] >= held[-1] / 2
        gain = ((2 * lacking - held) @ held) / shares
        chosen[group] = np.argmax(np.where(room if room.any() else ~room, gain, -np.inf))
        lacking[chosen[group]] -= held
    return chosen


def _exchange(chosen: NDArray[np.int64], scaled: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    """Exchange groups of two parts as long as both come nearer to their shares of all columns."""
    lacking = np.repeat(shares[:, None], scaled.shape[1], axis=1)
    np.subtract.at(lacking, chosen, scaled)
    for group in [*range(len(chosen))] * _ROUNDS:
        here = chosen[group]
        more = scaled - scaled[group]  # what this part has more if it takes the other group instead
        own = ((more - 2 * lacking[here]) * more).sum(1) / shares[here]
        theirs = ((more + 2 * lacking[chosen]) * more).sum(1) / shares[chosen]
        change = np.where(chosen == here, 0.0, own + theirs)
        other = int(np.argmin(change))
        if change[other] < -_WORTH:
            lacking[here] -= more[other]
            lacking[chosen[other]] += more[other]
            chosen[group], chosen[other] = chosen[other], here


def _fill(chosen: NDArray[np.int64], images: NDArray[np.float64], parts: int) -> None:
    """Give an empty part the smallest group of the part that has most groups."""
    for part in range(parts):
        if (chosen == part).any():
            continue
        richest = int(np.argmax(np.bincount(chosen, minlength=parts)))
        theirs = np.flatnonzero(chosen == richest)
        if len(theirs) > 1:
            chosen[theirs[np.argmin(images[theirs])]] = part


def in_runs(
    groups: Sequence[int], order: Sequence[float], shares: Mapping[str, float], seed: int
) -> list[str]:
    """The part of each image where groups are too few: each is cut into runs along an order.

    Images at one place of the order stay together. The seed says at which end the runs begin.
    """
    found = [""] * len(groups)
    rng = torch.Generator().manual_seed(mixed(seed, len(groups), 2))
    ends = np.cumsum([*shares.values()])
    for group in dict.fromkeys(groups):
        members = np.array([number for number, one in enumerate(groups) if one == group])
        at = np.array([order[number] for number in members])
        if torch.rand(1, generator=rng) < 0.5:
            at = -at
        lines, line = np.unique(at, return_inverse=True)
        before = np.cumsum(np.bincount(line)) - np.bincount(line) / 2  # images before the middle of a line
        part = np.minimum(np.searchsorted(ends, before / len(members)), len(shares) - 1)
        if len(lines) >= len(shares):
            part = _each(part, len(shares))
        for number, where in zip(members, part[line], strict=True):
            found[int(number)] = list(shares)[int(where)]
    return found


def _each(part: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Rising parts of the lines, changed so that each part has one."""
    last = len(part) - 1
    for place in range(parts):
        if not (part == place).any():
            part[min(place, last)] = place
    part = np.sort(part)
    missing = [place for place in range(parts) if not (part == place).any()]
    return np.arange(len(part)).clip(max=parts - 1) if missing else part
