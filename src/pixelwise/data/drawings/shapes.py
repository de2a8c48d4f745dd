"""The common model of all labelling tools: a drawing is an image with labelled shapes over it."""

from dataclasses import dataclass
from pathlib import Path

from pixelwise.data.drawings.runs import Runs
from pixelwise.ops.polygons import Polygon


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One labelled thing: polygons, or pixels, or both.

    Attributes:
        label: What it is, as the tool's user called it.
        polygons: The shape is what any of them covers; points (y, x), where the centre of the first pixel
            is (½, ½).
        pixels: Pixels that belong to it as well.
        layer: Higher ones lie on top, where the tool says so.
        instance: The thing it is part of; shapes that share it show one thing. Empty: a thing of its own.
        crowd: Whether it covers many things of the class that were not told apart.
        where: Its place in the file, for messages: `shapes[3]`.
    """

    label: str
    polygons: tuple[Polygon, ...] = ()
    pixels: Runs | None = None
    layer: int = 0
    instance: str = ""
    crowd: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """An image and what was drawn over it.

    Attributes:
        image: The image file; None where the file of the drawing holds the image itself.
        size: Rows and columns of the image.
        shapes: In the order of the file.
        source: The file of the drawing.
        split: train, val, test, or None.
    """

    image: Path | None
    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    source: Path
    split: str | None = None
