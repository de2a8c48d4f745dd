"""Drawings of Supervisely: a JSON file for each image, and one for the classes."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from pixelwise.core.palette import palette
from pixelwise.data.drawings.contract import ClassChoice, Declared, Wishes, hex_colour
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import Pen, base64_of, picture_mask, unzipped
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered, read_json
from pixelwise.data.drawings.runs import runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance, keys
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import box
from pixelwise.ops.polygons import Polygon

_META = "meta.json"
_LINES = {"line": 2, "polyline": 2, "point": 1}  # and the fewest points they have


def supervisely(
    root: Path,
    *,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    line_width: Annotated[float, Ge(0)] | None = None,
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images of a Supervisely project.

    A pixel belongs to a polygon if its centre lies inside, and to none of its interiors. The corners of
    rectangles are pixels, both within.

    Layout:
        A project of one or more datasets; those called train, val and test make splits::

            meta.json                {"classes": [{"title", "shape", "color"}]}
            train/img/a.jpg
            train/ann/a.jpg.json     {"size": {"height", "width"}, "objects": [{"classTitle", "geometryType",
                                      "points": {"exterior", "interior"}, "bitmap": {"data", "origin"}}]}

        Objects are polygon, rectangle, bitmap (a packed PNG at its origin), line or point. The classes are
        those of meta.json, in its order and colours.

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Labels whose pixels do not count.
        order: Which object lies below where they overlap: the one before it in the file, or the larger
            (area).
        line_width: Of lines and points, in pixels; 0 leaves them out. They are refused without it.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    files = files_below(root, ".json")
    gallery, pen = Gallery(root), Pen(line_width)
    metas, faults = gathered([file for file in files if file.name == _META], _declared)
    drawn_over = [file for file in files if file.parent.name == "ann"]
    found, wrong = gathered(drawn_over, lambda file: _drawing(root, file, gallery, pen))
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    declared = metas[0] if metas else None
    return drawn(root, found, wishes, declared=declared, faults=[*faults, *wrong])


def recognise(root: Path) -> Recognition:
    """Whether a project of Supervisely is here."""
    for file, text in glance(root, ".json"):
        if {"size", "objects"} <= keys(text) and file.parent.name == "ann":
            return Recognition(True, f"{file.name} has the objects of Supervisely")
    return Recognition(False, f"no folder 'ann' with JSON files of Supervisely in {root}")


def _declared(file: Path) -> Declared:
    found: dict[str, str] = {}
    for entry in read_json(file)["classes"].items():
        found.setdefault(entry["title"].text(), str(entry.get("color", "").value))
    names = tuple(found)
    own = zip(found.values(), palette(names), strict=True)
    return Declared(names, tuple(hex_colour(said) or other for said, other in own))


def _drawing(root: Path, file: Path, gallery: Gallery, pen: Pen) -> Drawing:
    content = read_json(file)
    image = gallery.find(f"{file.parent.parent.name}/img/{file.stem}", file)
    shapes = [_shape(entry, pen) for entry in content["objects"].items()]
    kept = tuple(shape for shape in shapes if shape is not None)
    return Drawing(image, content["size"].size(), kept, file, split_by_path(root, file))


def _shape(entry: Plain, pen: Pen) -> Shape | None:
    label, kind = entry["classTitle"].text(), entry.get("geometryType", "polygon").text()
    instance = entry["instance"].text() if entry.has("instance") else ""
    if kind == "bitmap":
        bitmap = entry["bitmap"]
        mask = picture_mask(unzipped(base64_of(bitmap["data"]), bitmap), bitmap)
        ((top, left),) = Plain([bitmap["origin"].value], bitmap.file, f"{bitmap.place}.origin").points()
        pixels = runs(mask, top=round(float(top)), left=round(float(left)))
        return Shape(label, (), pixels, instance=instance, where=entry.place)
    polygons = _polygons(kind, entry["points"], pen)
    return Shape(label, polygons, instance=instance, where=entry.place) if polygons else None


def _polygons(kind: str, points: Plain, pen: Pen) -> tuple[Polygon, ...]:
    exterior = points["exterior"]
    if kind == "rectangle":
        corners = exterior.points(2)
        (top, left), (bottom, right) = corners.min(0).round().tolist(), corners.max(0).round().tolist()
        return (box(top, left, bottom + 1, right + 1),)
    if kind == "polygon":
        interiors = points.get("interior", []).items()
        return (Polygon(exterior.points(3), tuple(interior.points(3) for interior in interiors)),)
    if kind in _LINES:
        return pen.draw(exterior.points(_LINES[kind]), points, kind)
    raise points.fault(f"a {kind!r} is no shape with an area. Draw it as a polygon, or remove it.")
