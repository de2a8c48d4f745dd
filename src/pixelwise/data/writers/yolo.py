"""Outlines for YOLO."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import yaml

from pixelwise.data.drawings.paint import parts
from pixelwise.data.drawings.shapes import Shape
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._pieces import along_pixels, same_pixels
from pixelwise.data.writers._sheet import Sheet, Speech
from pixelwise.ops.polygons import Patch, Polygon, Ring, clip, fill_part
from pixelwise.ops.tracing import trace

SAYS = Speech("drawings", "yolo", holes=True)


def yolo(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write text files with one outline a line, cut off at the border of the image.

    YOLO has no holes: the line goes from the outline to each hole and back on the same way, which leaves the
    hole out. Pixels become the polygons along their edges, and so does an outline that rounding would move
    past the centre of a pixel.

    Layout:
        With folders of train, val and test where there are splits::

            data.yaml              names of the classes, and where the images are
            images/train/a.jpg     as it was
            labels/train/a.txt     class, then x and y by turns, as shares of width and height

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Names of the classes.
    """
    numbers = {name: number for number, name in enumerate(legend.labels)}
    used, splits = len(legend.drawn), set[str]()
    for sheet in sheets:
        carry(sheet, root / "images" / (sheet.split or ""))
        folder = root / "labels" / (sheet.split or "")
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            _line(numbers[shape.label], ring, sheet.size)
            for shape in sheet.shapes
            for ring in _rings(shape, sheet.size)
        ]
        (folder / f"{sheet.name}.txt").write_text("".join(lines), encoding="utf-8")
        used = max([used, *(numbers[shape.label] + 1 for shape in sheet.shapes)])
        splits.add(sheet.split or "")
    names = {number: name for name, number in numbers.items() if number < used}
    folders = {split or "train": f"images/{split}".rstrip("/") for split in sorted(splits)}
    text = yaml.safe_dump({"path": ".", **folders, "names": names}, sort_keys=False, allow_unicode=True)
    (root / "data.yaml").write_text(text, encoding="utf-8")


def _rings(shape: Shape, size: tuple[int, int]) -> list[Ring]:
    """The shape as rings that may touch themselves."""
    cut = [clip(polygon, size) for polygon in shape.polygons]
    exact = [same for polygon in cut if polygon is not None for same in _exact(polygon, size)]
    pixels = parts(Shape(shape.label, (), shape.pixels), size)
    return [_joined(polygon) for polygon in (*exact, *(p for part in pixels for p in _traced(part)))]


def _exact(polygon: Polygon, size: tuple[int, int]) -> list[Polygon]:
    """The polygon, or where shares cannot say it, others along the edges of its pixels."""
    ring = _joined(polygon)
    if all(map(along_pixels, polygon.rings)) or same_pixels(ring, ring / np.array(size) * size, size):
        return [polygon]
    return _traced(fill_part(polygon, size))


def _joined(polygon: Polygon) -> Ring:
    """One ring that goes to each hole and back."""
    start = polygon.outline[:1]
    ways = [np.concatenate([hole, hole[:1], start]) for hole in polygon.holes]
    return np.concatenate([polygon.outline, *([start] if ways else []), *ways])


def _traced(part: Patch) -> list[Polygon]:
    return [polygon.moved(float(part.top), float(part.left)) for polygon in trace(part.mask)]


def _line(number: int, ring: Ring, size: tuple[int, int]) -> str:
    shares = (ring / np.array(size))[:, ::-1].reshape(-1).tolist()
    return f"{number} {' '.join(map(repr, shares))}\n"
