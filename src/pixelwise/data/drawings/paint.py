"""The painter: shapes to labels, exclusive or in planes, in a stated order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, Int64

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.ops.polygons import FillRule, Patch, area, fill_part

Order = Literal["file", "layer", "area"]

_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Rules:
    """How shapes become labels.

    Attributes:
        indices: Class index of each label; `IGNORE_INDEX` for labels that do not count.
        background: Class index where nothing was drawn; `IGNORE_INDEX` where that does not count.
        order: What is painted first, and so lies below: "file" what stands first in the file, "layer" the
            lower layer (ties as in the file), "area" the larger shape, so that small things stay visible.
            Crowds are below everything.
        crowds_count: Whether crowds are of their class; they do not count otherwise.
        fill: Which pixels an outline that crosses itself covers; see `ops.polygons.fill_part`.
    """

    indices: Mapping[str, int]
    background: int = 0
    order: Order = "file"
    crowds_count: bool = False
    fill: FillRule = "even-odd"


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """The labels of a drawing, and what happened when they were painted.

    Attributes:
        labels: Class index per pixel, `IGNORE_INDEX` where it does not count.
        covered: Pixels under any shape.
        overlaps: Times that a shape was painted over a pixel of another class.
        unseen: Shapes that cover no pixel: too thin, or outside the image.
    """

    labels: Int64[np.ndarray, "h w"]
    covered: int
    overlaps: int
    unseen: int


def paint(drawing: Drawing, rules: Rules) -> Painted:
    """Exclusive labels: where shapes overlap, the one painted last holds.

    Raises:
        KeyError: If a label is not among the rules'; readers check that before.
    """
    canvas = np.full(drawing.size, _NOTHING, np.int16)
    overlaps = unseen = 0
    for shape in ordered(drawing.shapes, rules.order):
        index = _index(shape, rules)
        seen = False
        for part in parts(shape, drawing.size, rules.fill):
            rows, columns = part.mask.shape
            below = canvas[part.top : part.top + rows, part.left : part.left + columns]
            over = part.mask & (below != _NOTHING) & (below != index)
            overlaps += int(over.sum())
            seen = seen or bool(part.mask.any())
            below[part.mask] = index
        unseen += not seen
    bare = canvas == _NOTHING
    canvas[bare] = rules.background
    return Painted(canvas.astype(np.int64), int((~bare).sum()), overlaps, unseen)


def paint_planes(drawing: Drawing, rules: Rules, number: int) -> Float32[np.ndarray, "k h w"]:
    """One plane per class but the background: 1 where any of its shapes is, 0 elsewhere.

    A pixel is -1, and does not count, in the plane of a crowd's class, and in all planes where a shape
    lies that does not count; shapes painted later are seen there.

    Args:
        drawing: What was drawn.
        rules: Class indices are 1 more than those of the planes.
        number: Number of planes.
    """
    planes = np.zeros((number, *drawing.size), np.float32)
    for shape in ordered(drawing.shapes, rules.order):
        index = rules.indices[shape.label] - 1
        if index < 0:
            continue
        wanted, value = slice(index, index + 1), 1.0
        if index == IGNORE_INDEX - 1:
            wanted, value = slice(None), -1.0
        elif shape.crowd and not rules.crowds_count:
            value = -1.0
        for part in parts(shape, drawing.size, rules.fill):
            rows, columns = part.mask.shape
            planes[wanted, part.top : part.top + rows, part.left : part.left + columns][:, part.mask] = value
    return planes


def instances(drawing: Drawing, rules: Rules) -> Int64[np.ndarray, "h w"]:
    """Number of the thing each pixel shows, from 1 in the order of the file; 0 where nothing was drawn.

    Shapes with one label and one instance are one thing. Painted in the same order as the labels; crowds
    and labels that do not count are 0.
    """
    numbers: dict[tuple[str, str], int] = {}
    for place, shape in enumerate(drawing.shapes):
        numbers.setdefault(_thing(shape, place), len(numbers) + 1)
    places = {id(shape): place for place, shape in enumerate(drawing.shapes)}
    canvas = np.zeros(drawing.size, np.int64)
    for shape in ordered(drawing.shapes, rules.order):
        nothing = shape.crowd or rules.indices[shape.label] == IGNORE_INDEX
        number = 0 if nothing else numbers[_thing(shape, places[id(shape)])]
        for part in parts(shape, drawing.size, rules.fill):
            rows, columns = part.mask.shape
            canvas[part.top : part.top + rows, part.left : part.left + columns][part.mask] = number
    return canvas


def ordered(shapes: Sequence[Shape], order: Order) -> list[Shape]:
    """The shapes as they are painted: what lies on top comes last."""
    if order == "layer":
        return sorted(shapes, key=lambda shape: (not shape.crowd, shape.layer))
    if order == "area":
        return sorted(shapes, key=lambda shape: (not shape.crowd, -area_of(shape)))
    return sorted(shapes, key=lambda shape: not shape.crowd)


def parts(shape: Shape, size: tuple[int, int], fill: FillRule = "even-odd") -> list[Patch]:
    """The pixels of a shape, part by part, each within the image; parts may overlap."""
    found = [fill_part(polygon, size, rule=fill) for polygon in shape.polygons]
    if shape.pixels is not None:
        found.append(_within(shape.pixels.patch(), size))
    return [part for part in found if part.mask.size]


def area_of(shape: Shape) -> float:
    """Square pixels of a shape, in the image or not; what its parts share counts twice."""
    pixels = 0 if shape.pixels is None else shape.pixels.area()
    return float(pixels + sum(area(polygon) for polygon in shape.polygons))


def _index(shape: Shape, rules: Rules) -> int:
    return IGNORE_INDEX if shape.crowd and not rules.crowds_count else rules.indices[shape.label]


def _thing(shape: Shape, place: int) -> tuple[str, str]:
    return (shape.label, shape.instance) if shape.instance else ("", str(place))


def _within(part: Patch, size: tuple[int, int]) -> Patch:
    """The part, cut off at the borders of the image."""
    rows, columns = _cut(part.top, part.mask.shape[0], size[0]), _cut(part.left, part.mask.shape[1], size[1])
    mask: Bool[np.ndarray, "h w"] = part.mask[rows, columns]
    return Patch(max(part.top, 0), max(part.left, 0), mask)


def _cut(begin: int, length: int, size: int) -> slice:
    first = max(-begin, 0)
    return slice(first, max(min(length, size - begin), first))
