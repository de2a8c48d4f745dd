"""Masks to polygons, exactly along the edges of their pixels."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int64

from pixelwise.ops.polygons import Polygon, Ring

_Numbers = Int64[np.ndarray, " _"]


def trace(mask: Bool[np.ndarray, "h w"]) -> list[Polygon]:
    """One polygon, with its holes, for each part of the mask that hangs together by sides of pixels.

    `fill` of them gives the mask back. Outlines go clockwise as one sees them, holes the other way, and
    only corners are points. Parts that touch at a corner are separate, in reading order of their top left
    corners.
    """
    corners = _corners(mask)
    if not len(corners.rows):
        return []
    rings, ring_of = _rings(corners)
    touching = _touching(corners, ring_of)
    if touching.any():
        corners = replace(corners, down=corners.down ^ touching, convex=corners.convex & ~touching)
        rings, ring_of = _rings(corners)
    _, tops = np.unique(ring_of, return_index=True)  # of a ring's corners, the first is its top left one
    owners = _owners(mask, corners, ring_of, tops)
    holes: dict[int, list[Ring]] = {int(number): [] for number in np.flatnonzero(corners.convex[tops])}
    for number in np.flatnonzero(~corners.convex[tops]):
        holes[int(owners[number])].append(rings[number])
    return [Polygon(rings[number], tuple(inner)) for number, inner in holes.items()]


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """Corners of outlines, in reading order; where two parts touch, one for each.

    Attributes:
        rows: Level line the corner lies on; line `r` is above the pixels of row `r`.
        columns: Upright line; line `c` is left of the pixels of column `c`.
        right: Whether its level side goes right from here.
        down: Whether its upright side goes down from here.
        convex: Whether the mask fills a quarter of what is around it, and not three.
    """

    rows: _Numbers
    columns: _Numbers
    right: Bool[np.ndarray, " _"]
    down: Bool[np.ndarray, " _"]
    convex: Bool[np.ndarray, " _"]


def _corners(mask: Bool[np.ndarray, "h w"]) -> _Corners:
    framed = np.pad(mask, 1)
    quarters = (framed[:-1, :-1], framed[:-1, 1:], framed[1:, :-1], framed[1:, 1:])  # around each crossing
    covered = sum(quarter.astype(np.int8) for quarter in quarters)
    diagonal = (covered == 2) & (quarters[0] == quarters[3])
    found: list[tuple[_Numbers, _Numbers, int, bool]] = []
    for number, quarter in enumerate(quarters):
        for places, convex in (
            (quarter & ((covered == 1) | diagonal), True),
            (~quarter & (covered == 3), False),
        ):
            rows, columns = np.nonzero(places)
            found.append((rows, columns, number, convex))
    rows = np.concatenate([rows for rows, *_ in found])
    columns = np.concatenate([columns for _, columns, *_ in found])
    lengths = [len(rows) for rows, *_ in found]
    number = np.repeat([number for *_, number, _ in found], lengths)
    convex = np.repeat([convex for *_, convex in found], lengths)
    order = np.lexsort((number, columns, rows))
    number = number[order]
    return _Corners(rows[order], columns[order], number % 2 == 1, number >= 2, convex[order])


def _partners(corners: _Corners) -> tuple[_Numbers, _Numbers]:
    """The corner at the other end of each corner's level side, and of its upright side.

    On one line, sides follow one another without overlap, so that the corners pair off in order.
    """
    return (
        _paired(np.lexsort((corners.right, corners.columns, corners.rows))),
        _paired(np.lexsort((corners.down, corners.rows, corners.columns))),
    )


def _paired(order: _Numbers) -> _Numbers:
    partner = np.empty_like(order)
    partner[order[0::2]], partner[order[1::2]] = order[1::2], order[0::2]
    return partner


def _rings(corners: _Corners) -> tuple[list[Ring], _Numbers]:
    """Rings of points with the mask to the right of each side, and the number of each corner's ring."""
    level, upright = _partners(corners)
    below = corners.down == corners.convex  # whether the mask is below the level side
    starts = np.flatnonzero(corners.right == below)
    place = np.empty(len(level), np.int64)
    place[starts] = np.arange(len(starts))
    after = place[upright[level[starts]]]
    first, rank = _ranked(after)
    order = np.lexsort((rank, first))
    starts, first = starts[order], first[order]
    both = np.stack([starts, level[starts]], axis=1)
    edges = np.flatnonzero(np.diff(first)) + 1
    number = np.zeros(len(starts), np.int64)
    number[edges] = 1
    ring_of = np.empty(len(level), np.int64)
    ring_of[both] = number.cumsum()[:, None]
    points = np.stack([corners.rows, corners.columns], axis=1).astype(np.float64)
    return [points[part.reshape(-1)] for part in np.split(both, edges)], ring_of


def _touching(corners: _Corners, ring_of: _Numbers) -> Bool[np.ndarray, " _"]:
    """Pairs of corners at one place that belong to one ring: it touches itself there.

    Turned the other way, each of them parts a hole from its outline or from another hole.
    """
    same = (np.diff(corners.rows) == 0) & (np.diff(corners.columns) == 0) & (np.diff(ring_of) == 0)
    return np.append(same, False) | np.append(False, same)


def _ranked(after: _Numbers) -> tuple[_Numbers, _Numbers]:
    """For each member of the cycles of a permutation: the least member, and the steps from there.

    Reference:
        Wyllie, "The complexity of parallel computations", 1979: list ranking by doubling the steps.
    """
    count = np.arange(len(after))
    least, jump, steps = count.copy(), after.copy(), 1
    while steps < len(after):
        least, jump, steps = np.minimum(least, least[jump]), jump[jump], 2 * steps
    last = after == least  # the next one is the first: the chain ends here
    jump, left = np.where(last, count, after), (~last).astype(np.int64)
    while not np.array_equal(further := jump[jump], jump):
        left, jump = left + left[jump], further
    return least, left[least] - left


def _owners(mask: Bool[np.ndarray, "h w"], corners: _Corners, ring_of: _Numbers, tops: _Numbers) -> _Numbers:
    """The outline each ring belongs to; outlines to themselves.

    The pixels above a hole's top side reach left to an upright side of the outline, or of another hole
    in it that begins higher: following these leads to the outline.
    """
    begins = np.flatnonzero(corners.down)  # the upper ends of upright sides
    reach = int(corners.rows.max()) + 1
    keys = corners.columns[begins] * reach + corners.rows[begins]
    begins, keys = begins[np.argsort(keys)], np.sort(keys)
    owners = np.arange(len(tops))
    for number in np.flatnonzero(~corners.convex[tops]):
        row, column = int(corners.rows[tops[number]]) - 1, int(corners.columns[tops[number]])
        empty = np.flatnonzero(~mask[row, :column])
        left = int(empty[-1]) + 1 if len(empty) else 0
        owners[number] = ring_of[begins[np.searchsorted(keys, left * reach + row, side="right") - 1]]
    while not np.array_equal(further := owners[owners], owners):
        owners = further
    return owners
