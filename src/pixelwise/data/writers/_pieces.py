"""Shapes in pieces that every tool knows: a ring without holes, or a mask."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from pixelwise.data.drawings.paint import parts
from pixelwise.data.drawings.shapes import Shape
from pixelwise.data.writers._sheet import Sheet
from pixelwise.ops.polygons import Patch, Polygon, Ring, fill_part


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Part of a shape, or all of it.

    Attributes:
        label: What it is.
        area: A ring, or where that cannot say it, its pixels in the image.
        layer: As its shape has it.
        group: Number of the thing, where it has several pieces, from 1; else None.
    """

    label: str
    area: Ring | Patch
    layer: int
    group: int | None


def pieces(sheet: Sheet) -> list[Piece]:
    """The shapes of a sheet, in order; polygons with holes and pixels become masks of the same pixels."""
    found = [
        (_thing(shape, place), shape, area)
        for place, shape in enumerate(sheet.shapes)
        for area in _areas(shape, sheet.size)
    ]
    several = [thing for thing, number in Counter(thing for thing, _, _ in found).items() if number > 1]
    groups = {thing: number for number, thing in enumerate(several, start=1)}
    return [Piece(shape.label, area, shape.layer, groups.get(thing)) for thing, shape, area in found]


def tight(patch: Patch) -> Patch | None:
    """The patch without empty rows and columns around; None if it covers nothing."""
    rows, columns = (np.flatnonzero(patch.mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    mask: Bool[np.ndarray, "h w"] = patch.mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Patch(patch.top + int(rows[0]), patch.left + int(columns[0]), mask)


def same_pixels(ring: Ring, other: Ring, size: tuple[int, int]) -> bool:
    """Whether a ring and what rounding made of it cover the same pixels of an image of that size."""
    if np.array_equal(ring, other) or along_pixels(ring):
        return True
    one, two = (tight(fill_part(Polygon(points), size)) for points in (ring, other))
    if one is None or two is None:
        return one is two
    return (one.top, one.left) == (two.top, two.left) and np.array_equal(one.mask, two.mask)


def along_pixels(ring: Ring) -> bool:
    """Whether every side runs along edges of pixels: half a pixel away from any centre."""
    sides = np.roll(ring, -1, axis=0) - ring
    return bool(((ring == np.round(ring)).all(1) & (sides == 0).any(1)).all())


def _areas(shape: Shape, size: tuple[int, int]) -> list[Ring | Patch]:
    plain = [polygon.outline for polygon in shape.polygons if not polygon.holes]
    rest = replace(shape, polygons=tuple(polygon for polygon in shape.polygons if polygon.holes))
    return [*plain, *(patch for part in parts(rest, size) if (patch := tight(part)))]


def _thing(shape: Shape, place: int) -> tuple[str, str]:
    return (shape.label, shape.instance) if shape.instance else ("", str(place))
