"""Polygons with holes: which pixels they cover, how large they are, what of them lies in an image.

Points are (row, column) positions, not pixels: pixel `[r, c]` covers rows r to r + 1 and columns c to c + 1,
and its centre is at (r + ½, c + ½). All of it is NumPy: outlines are many and small.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

FillRule = Literal["even-odd", "nonzero"]
Ring = Float64[np.ndarray, "_ 2"]
_Points = Float64[np.ndarray, "_ 2"]

_CELLS = 2**21  # pixels filled at a time
_CROSSINGS = 2**20  # of sides with rows of pixels, held at a time


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """An outline and the holes in it; each ring closes by itself, in either direction.

    Attributes:
        outline: Points (y, x) in order; the first is not repeated at the end.
        holes: Rings of what is not covered.
    """

    outline: Ring
    holes: tuple[Ring, ...] = ()

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The outline, then the holes."""
        return (self.outline, *self.holes)

    def moved(self, rows: float, columns: float) -> "Polygon":
        """The same polygon elsewhere."""
        step = np.array([rows, columns], np.float64)
        return Polygon(self.outline + step, tuple(hole + step for hole in self.holes))


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A mask of part of an image.

    Attributes:
        top: Row of the image in which the mask begins.
        left: Column in which it begins.
        mask: Which of its pixels are covered.
    """

    top: int
    left: int
    mask: Bool[np.ndarray, "h w"]


def fill(
    polygons: Sequence[Polygon], size: tuple[int, int], *, rule: FillRule = "even-odd"
) -> Bool[np.ndarray, "h w"]:
    """Mask of the pixels that any of the polygons covers, for an image of that many rows and columns."""
    mask = np.zeros(size, np.bool_)
    for polygon in polygons:
        part = fill_part(polygon, size, rule=rule)
        rows, columns = part.mask.shape
        mask[part.top : part.top + rows, part.left : part.left + columns] |= part.mask
    return mask


def fill_part(polygon: Polygon, size: tuple[int, int], *, rule: FillRule = "even-odd") -> Patch:
    """The pixels a polygon covers, as the smallest part of the image that can hold them.

    A pixel is covered if its centre lies inside. A centre on the line itself is inside where the inside
    is to its right, or (on a level line) below: polygons side by side neither share pixels nor leave
    any out. So it differs from drawing functions that add the pixels under the line (OpenCV, Pillow).
    Memory beyond the mask itself does not grow with the number of pixels or of crossings.

    Args:
        polygon: May reach beyond the image and cross itself.
        size: Rows and columns of the image.
        rule: "even-odd" counts the lines between a pixel and the outside, holes included: where an
            outline covers something twice, it is outside. "nonzero" counts how often the outline goes
            around a pixel; holes are taken out, whichever way they run.
    """
    top, left, bottom, right = _frame(polygon.outline, size)
    if top >= bottom or left >= right:
        return Patch(0, 0, np.zeros((0, 0), np.bool_))
    shape = (bottom - top, right - left)
    if rule == "even-odd":
        return Patch(top, left, _covered(polygon.rings, top, left, shape, 1))
    mask = _covered([polygon.outline], top, left, shape, -1)
    for hole in polygon.holes:
        mask &= ~_covered([hole], top, left, shape, -1)
    return Patch(top, left, mask)


def area(polygon: Polygon) -> float:
    """Square pixels inside the outline less those of the holes, by the plane formula.

    Exact for rings that do not cross themselves, with holes apart from one another.

    Reference:
        The shoelace formula.
    """
    return abs(_signed_area(polygon.outline)) - sum(abs(_signed_area(hole)) for hole in polygon.holes)


def clip(polygon: Polygon, size: tuple[int, int]) -> Polygon | None:
    """What of a polygon lies in an image of that size; None if nothing does.

    Parts that only the border joins stay one ring, which runs along the border: it covers the same pixels.

    Reference:
        Sutherland & Hodgman, "Reentrant polygon clipping", Communications of the ACM 17, 1974.
    """
    outline, *holes = (_clipped(ring, size) for ring in polygon.rings)
    if len(outline) < 3 or not _signed_area(outline):
        return None
    return Polygon(outline, tuple(hole for hole in holes if len(hole) >= 3))


def outside(polygon: Polygon, size: tuple[int, int]) -> float:
    """Share of a polygon's area that lies beyond an image of that size, in 0..1; 1 where it has no area."""
    whole, inside = area(polygon), clip(polygon, size)
    if inside is None or whole <= 0:
        return 1.0
    return min(max(1 - area(inside) / whole, 0.0), 1.0)


def _frame(ring: Ring, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """First row and column, and those behind the last, whose centres the ring may hold."""
    if len(ring) < 3:
        return 0, 0, 0, 0
    low, high = np.ceil(ring.min(0) - 0.5), np.ceil(ring.max(0) - 0.5)
    (top, left), (bottom, right) = np.clip(low, 0, size), np.clip(high, 0, size)
    return int(top), int(left), int(bottom), int(right)


def _covered(
    rings: Sequence[Ring], top: int, left: int, shape: tuple[int, int], bits: int
) -> Bool[np.ndarray, "h w"]:
    """Where the number of times that the rings go around a centre has any of these bits."""
    starts = np.concatenate(rings) - (top + 0.5, left + 0.5)  # the first centre is at zero
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings]) - (top + 0.5, left + 0.5)
    rows, columns = shape
    mask = np.empty(shape, np.bool_)
    together = max(1, _CELLS // (columns + 1))
    for first in range(0, rows, together):
        last = min(first + together, rows)
        steps = np.zeros((last - first) * (columns + 1), np.int64)
        for row, column, down in _crossings(starts, ends, first, last):
            at = np.clip(np.ceil(column), 0, columns).astype(np.int64)
            places = (row - first) * (columns + 1) + at
            steps += np.bincount(places[down], minlength=len(steps))
            steps -= np.bincount(places[~down], minlength=len(steps))
        around = steps.reshape(last - first, columns + 1)[:, :-1].cumsum(1)
        mask[first:last] = (around & bits) != 0
    return mask


def _crossings(
    starts: _Points, ends: _Points, first: int, last: int
) -> Iterator[tuple[Int64[np.ndarray, " _"], Float64[np.ndarray, " _"], Bool[np.ndarray, " _"]]]:
    """Where sides cross level lines `first` to `last`: the line, the column, and whether downward."""
    down = starts[:, 0] < ends[:, 0]
    upper, lower = np.where(down[:, None], starts, ends), np.where(down[:, None], ends, starts)
    begin = np.clip(np.ceil(upper[:, 0]), first, last).astype(np.int64)
    number = np.clip(np.ceil(lower[:, 0]), first, last).astype(np.int64) - begin
    for sides in _portions(number):
        side = np.repeat(sides, number[sides])
        before = np.cumsum(number[sides]) - number[sides]
        row = begin[side] + np.arange(len(side)) - np.repeat(before, number[sides])
        (y0, x0), (y1, x1) = upper[side].T, lower[side].T
        yield row, x0 + (row - y0) / (y1 - y0) * (x1 - x0), down[side]


def _portions(number: Int64[np.ndarray, " _"]) -> Iterator[Int64[np.ndarray, " _"]]:
    """The sides that cross anything, some at a time."""
    sides = np.flatnonzero(number)
    portion = np.cumsum(number[sides]) // _CROSSINGS
    yield from (part for part in np.split(sides, np.flatnonzero(np.diff(portion)) + 1) if len(part))


def _signed_area(ring: Ring) -> float:
    y, x = (ring - ring[0]).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _clipped(ring: Ring, size: tuple[int, int]) -> Ring:
    """The ring cut off at the four borders in turn."""
    for axis in (0, 1):
        for border, inward in ((0.0, 1.0), (float(size[axis]), -1.0)):
            ring = _cut(ring, axis, border, inward)
    return ring


def _cut(ring: Ring, axis: int, border: float, inward: float) -> Ring:
    """The ring without what lies beyond a level or upright line."""
    if not len(ring):
        return ring
    depth = (ring[:, axis] - border) * inward
    after, following = np.roll(depth, -1), np.roll(ring, -1, axis=0)
    crosses = (depth < 0) != (after < 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(crosses, depth / (depth - after), 0.0)[:, None]
    met = ring + share * (following - ring)
    met[:, axis] = border
    both = np.stack([ring, met], axis=1).reshape(-1, 2)
    return both[np.stack([depth >= 0, crosses], axis=1).reshape(-1)]
