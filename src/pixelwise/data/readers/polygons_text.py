"""Outlines as plain text: one list of points, with several rings after one another."""

import ast
import json
import warnings
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.plain import Plain, gathered
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.data.texts import read_text
from pixelwise.ops.polygons import Polygon, Ring

_LARGEST = 2**26  # bytes: a million points take a quarter of it


def polygons_text(
    root: Path,
    *,
    label: str = "object",
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with a text file each, whose points run through the outlines of all objects of one class.

    A ring ends where a point equals its first one, after three different points; the next point begins
    another ring, if it does not repeat the same point. A pixel belongs to a ring if its centre lies inside,
    and rings are joined. Points at the end that make no ring are passed over, and said so.

    Layout:
        The text in JSON or as Python writes lists; column before row::

            a.png     a.txt     [[441, 562], [450, 570], [430, 580], [441, 562], [545, 541], ...]

    Args:
        root: Folder that holds everything.
        label: What the outlines show.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Labels whose pixels do not count.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: One independent plane (sigmoid) instead of the classes background and object.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    gallery = Gallery(root)
    files = [file for file in files_below(root, ".txt") if _begins(file)]
    found, faults = gathered(files, lambda file: _drawing(root, file, label, gallery))
    drawings, loose = [drawing for drawing, _ in found], sum(points for _, points in found)
    notes = [f"{loose} points make no ring: passed over."] if loose else []
    wishes = Wishes(classes, ignore, "file", background, planes, bands)
    return drawn(root, drawings, wishes, faults=faults, notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether text files with lists of points are here."""
    for file, text in glance(root, ".txt"):
        if "".join(text[:100].split())[:2] in {"[[", "[("}:
            return Recognition(True, f"{file.name} has a list of points")
    return Recognition(False, f"no text file with a list of points in {root}")


def rings(points: Ring) -> tuple[list[Ring], int]:
    """The rings in a list of points, and the number of points that are in none.

    A point that repeats the end of the ring before it belongs to none. The last ring may be open.
    """
    found: list[Ring] = []
    begin, closed, different = 0, None, set[tuple[float, float]]()
    loose = 0
    for place, (y, x) in enumerate(points.tolist()):
        point = (y, x)
        if place == begin and point == closed:
            begin, loose = place + 1, loose + 1
        elif len(different) >= 3 and point == (points[begin, 0], points[begin, 1]):
            found.append(points[begin:place])
            begin, closed, different = place + 1, point, set()
        else:
            different.add(point)
    if len(different) >= 3:
        return [*found, points[begin:]], loose
    return found, loose + len(points) - begin


def _begins(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _drawing(root: Path, file: Path, label: str, gallery: Gallery) -> tuple[Drawing, int]:
    """What was drawn over one image, and the points that are in no ring."""
    image = gallery.beside(file)
    if image is None:
        raise DataError(f"{file} has no image of its name, or several, below {root}. Put one there.")
    parts, loose = rings(Plain(_value(file), file).points())
    shapes = tuple(Shape(label, (Polygon(ring),), where=f"ring {n}") for n, ring in enumerate(parts))
    return Drawing(image, read_header(image).size, shapes, file, split_by_path(root, file)), loose


def _value(file: Path) -> Any:
    """The list in a file, as JSON or as Python writes it; nothing is run."""
    if file.stat().st_size > _LARGEST:
        raise DataError(f"{file} is too large. It has {file.stat().st_size} bytes. Split it.")
    text = read_text(file)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what would be odd as a program
            return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise DataError(f"{file} is no list of points. {error}: damaged, or cut off.") from error
