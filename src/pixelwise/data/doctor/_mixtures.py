"""Numbers in masks that are no classes but mixtures of them: edges drawn smoothly, or JPEG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import NDArray

from pixelwise.core.errors import DataError
from pixelwise.data.doctor._case import Case, Entry, Numbers, spread
from pixelwise.data.doctor._meaning import coded_numbers, indices
from pixelwise.data.doctor._steps import NEAR, snapped, within
from pixelwise.data.masks.coding import unpacked

_ANCHOR = 0.002  # share of all pixels that a class has, where classes are not written down
_APART = 40  # of 255, between two classes that are not written down
_MOST = 0.25  # share of the pixels that may be mixtures
_KINDS = 4  # different mixtures at least: a single one may be a class
_AT_EDGES = 0.9  # share of the mixtures that lie near an edge
_EDGE, _BLOCK = 4, 16  # pixels around an edge that drawing and JPEG blur
_LOOKED_AT = 16


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Numbers that are mixtures.

    Attributes:
        classes: The numbers that are none.
        strange: The numbers that are, with their pixels.
        entries: Whose masks hold them.
        at_edges: Share of them that lies near edges, in 0..1.
        near: Whether all are colours close to one class, and to no other.
        lossy: How many of these masks are JPEG.
        doubtful: Whether a class looks itself like a mixture of two others.
    """

    classes: tuple[int, ...]
    strange: Mapping[int, int]
    entries: tuple[Entry, ...]
    at_edges: float
    near: bool
    lossy: int
    doubtful: bool


def mixtures(case: Case) -> Mixtures | None:
    """The mixtures among the numbers of the masks; None if there are none, or they may be anything else."""
    if not case.raw:
        return None
    by_colour, totals = case.meaning.coding.by_colour, case.totals()
    known = tuple(case.meaning.known()) or _peaks(totals, by_colour)
    strange = {number: pixels for number, pixels in totals.items() if number not in known}
    if len(known) < 2 or not strange:
        return None
    holding = [entry for entry in case.read_whole() if case.seen[entry.number].counts.keys() & strange.keys()]
    lossy = sum(case.masks[m].lossy for entry in holding for m in entry.masks if m in case.masks)
    points = _points(known, by_colour)
    near = by_colour and _near(strange, points)  # a value of 1 is near 0, and still another class
    at_edges = _at_edges(case, holding, known, _BLOCK if lossy else _EDGE)
    if not near:
        few = sum(strange.values()) <= _MOST * sum(totals.values()) and at_edges >= _AT_EDGES
        blended = len(strange) >= _KINDS and _between(strange, points, by_colour)
        if not few or not (lossy or blended):
            return None
    doubtful = not near and _collinear(points)
    return Mixtures(known, strange, tuple(holding), at_edges, near, lossy, doubtful)


def mark(case: Case, entry: Entry, classes: Sequence[int]) -> Bool[np.ndarray, "h w"]:
    """The pixels of a mask that are none of these numbers."""
    return ~np.isin(coded_numbers(entry.masks[0], case.meaning.coding), list(classes))


def mended(case: Case, entry: Entry) -> Int[np.ndarray, "h w"]:
    """The labels of an entry, each mixture taken for one of the classes it is of.

    Raises:
        DataError: If the mask cannot be read.
    """
    known = case.meaning.known()
    if not case.raw or not known or not entry.masks:
        return case.labels_of(entry)
    coding = case.meaning.coding
    numbers = coded_numbers(entry.masks[0], coding)
    return indices(snapped(numbers, tuple(known), colours=coding.by_colour), known)


def _peaks(totals: Mapping[int, int], by_colour: bool) -> tuple[int, ...]:
    """The most frequent numbers that are far from each other."""
    whole = sum(totals.values())
    found: list[int] = []
    for number, pixels in sorted(totals.items(), key=lambda item: -item[1]):
        if pixels < _ANCHOR * whole:
            break
        if not found or _distances([number], found, by_colour).min() > _APART:
            found.append(number)
    return tuple(sorted(found))


def _near(strange: Mapping[int, int], points: NDArray[np.int64]) -> bool:
    """Whether every strange colour is close to one class, and to no other."""
    away = np.sort(np.abs(_points(list(strange), True)[:, None] - points).max(2), axis=1)
    return bool((away[:, 0] <= NEAR).all() and (away[:, 1] > _APART).all())


def _between(strange: Mapping[int, int], points: NDArray[np.int64], by_colour: bool) -> bool:
    """Whether every strange number lies near the line between two classes."""
    for point in _points(list(strange), by_colour):
        ways = [(a, b - a) for a, b in combinations(points, 2)]
        parts = [np.clip((point - a) @ way / (way @ way), 0, 1) for a, way in ways]
        if not any(
            np.abs(point - a - part * way).max() <= NEAR for (a, way), part in zip(ways, parts, strict=True)
        ):
            return False
    return True


def _collinear(points: NDArray[np.int64]) -> bool:
    """Whether a class lies near the line between two others."""
    for number, point in enumerate(points):
        others = np.delete(points, number, axis=0)
        for a, b in combinations(others, 2):
            way = b - a
            part = (point - a) @ way / (way @ way)
            if 0 < part < 1 and np.abs(point - a - part * way).max() <= NEAR:
                return True
    return False


def _at_edges(case: Case, entries: Sequence[Entry], classes: Sequence[int], reach: int) -> float:
    """Share of the mixtures within some pixels of an edge of what remains when they are mended."""
    close = total = 0
    for entry in spread(entries, _LOOKED_AT):
        try:
            numbers = coded_numbers(entry.masks[0], case.meaning.coding)
        except DataError:
            continue
        strange = ~np.isin(numbers, list(classes))
        mended = snapped(numbers, classes, colours=case.meaning.coding.by_colour)
        close += int((strange & within(_edges(mended), reach)).sum())
        total += int(strange.sum())
    return close / total if total else 0.0


def _edges(numbers: Numbers) -> Bool[np.ndarray, "h w"]:
    edges = np.zeros(numbers.shape, np.bool_)
    edges[1:] |= numbers[1:] != numbers[:-1]
    edges[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
    return edges


def _distances(numbers: Sequence[int], others: Sequence[int], by_colour: bool) -> NDArray[np.int64]:
    return np.abs(_points(numbers, by_colour)[:, None] - _points(others, by_colour)).max(2)


def _points(numbers: Sequence[int], by_colour: bool) -> NDArray[np.int64]:
    return np.array([unpacked(number) if by_colour else (number,) for number in numbers], np.int64)
