"""Drawings of CVAT: one XML file for many images."""

from pathlib import Path
from typing import Annotated
from xml.etree.ElementTree import Element

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.core.palette import palette
from pixelwise.data.drawings.contract import ClassChoice, Declared, Wishes, hex_colour
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import Pen
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, attributes, gathered, read_xml
from pixelwise.data.drawings.runs import Runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.layouts.naming import split_of
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import box, ellipse
from pixelwise.ops.polygons import Polygon

_KINDS = ("box", "polygon", "ellipse", "mask", "polyline", "points")


def cvat(
    root: Path,
    *,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "layer",
    line_width: Annotated[float, Ge(0)] | None = None,
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with drawings exported as «CVAT for images 1.1».

    A pixel belongs to a shape if its centre lies inside; boxes and ellipses are turned clockwise about
    their centre. Shapes of one label and group number show one thing.

    Layout:
        The XML file and the images, which are found by the ends of their names; a `subset` of train,
        validation or test makes splits, else folders and names of XML files do::

            annotations.xml     <image name width height> <box|polygon|ellipse|mask|polyline|points label>
            images/a.jpg

        The classes are the labels of the file's `meta`, in its order and colours.

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Labels whose pixels do not count.
        order: Which shape lies below where they overlap: the one of the lower z_order (layer; of equal ones
            the first), the one before it in the file, or the larger (area).
        line_width: Of polylines and points, in pixels; 0 leaves them out. They are refused without it.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    gallery, pen = Gallery(root), Pen(line_width)
    contents, faults = gathered(files_below(root, ".xml"), _content)
    drawings: list[Drawing] = []
    for file, content in contents:
        images = [(n, e) for n, e in enumerate(content.iterfind("image"))]
        found, wrong = gathered(images, lambda one, file=file: _drawing(root, file, *one, gallery, pen))
        drawings += found
        faults += wrong
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, drawings, wishes, declared=_declared([c for _, c in contents]), faults=faults)


def recognise(root: Path) -> Recognition:
    """Whether a file of «CVAT for images» is here."""
    for file, text in glance(root, ".xml"):
        if "<annotations>" in text and "<image " in text:
            return Recognition(True, f"{file.name} has the images and shapes of CVAT")
    return Recognition(False, f"no XML file with the images of CVAT in {root}")


def _content(file: Path) -> tuple[Path, Element]:
    content = read_xml(file)
    if content.tag != "annotations":
        raise DataError(
            f"{file} is no file of CVAT. It begins with <{content.tag}>, not <annotations>. Remove it."
        )
    if content.find("track") is not None:
        raise DataError(f"{file} holds the tracks of a video. Export it from CVAT as «CVAT for images 1.1».")
    return file, content


def _declared(contents: list[Element]) -> Declared | None:
    """The labels that the tasks or projects declare; of several files, all of them."""
    found: dict[str, str] = {}
    for content in contents:
        for label in content.iterfind("meta//label"):
            found.setdefault((label.findtext("name") or "").strip(), label.findtext("color") or "")
    found.pop("", None)
    if not found:
        return None
    names = tuple(found)
    own = zip(found.values(), palette(names), strict=True)
    return Declared(names, tuple(hex_colour(said) or other for said, other in own))


def _drawing(root: Path, file: Path, number: int, element: Element, gallery: Gallery, pen: Pen) -> Drawing:
    told = attributes(element, file, f"image[{number}]")
    subset = str(told.get("subset", "").value)
    image = gallery.find(f"{subset}/{told['name'].text()}", file)
    shapes: list[Shape] = []
    for place, child in enumerate(element):
        mark = attributes(child, file, f"{told.place}.{child.tag}[{place}]")
        shape = _shape(child.tag, mark, pen) if child.tag != "tag" else None
        if shape is not None:
            shapes.append(shape)
    return Drawing(image, told.size(), tuple(shapes), file, split_of([subset]) or split_by_path(root, file))


def _shape(kind: str, mark: Plain, pen: Pen) -> Shape | None:
    label, layer = mark["label"].text(), mark.get("z_order", 0).whole()
    instance = str(mark["group_id"].whole()) if mark.has("group_id") else ""
    if kind == "mask":
        return Shape(label, (), _runs(mark), layer, instance, where=mark.place)
    polygons = _polygons(kind, mark, pen)
    return Shape(label, polygons, None, layer, instance, where=mark.place) if polygons else None


def _polygons(kind: str, mark: Plain, pen: Pen) -> tuple[Polygon, ...]:
    angle = mark.get("rotation", 0).number()
    if kind == "box":
        (top, left, bottom, right) = (mark[name].number() for name in ("ytl", "xtl", "ybr", "xbr"))
        if bottom < top or right < left:
            raise mark.fault(f"the box ends before it begins: rows {top}..{bottom}, columns {left}..{right}.")
        return (box(top, left, bottom, right, angle_deg=angle),)
    if kind == "ellipse":
        centre, radii = (
            (mark["cy"].number(), mark["cx"].number()),
            (mark["ry"].number(0), mark["rx"].number(0)),
        )
        return (ellipse(centre, radii, angle_deg=angle),)
    if kind not in _KINDS:
        raise mark.fault(f"a {kind!r} is no shape with an area. Known: {', '.join(_KINDS)}. Remove it.")
    text = mark["points"]
    points = Plain([pair.split(",") for pair in text.text().split(";")], mark.file, text.place)
    if kind == "polygon":
        return (Polygon(points.points(3)),)
    if kind == "polyline":
        return pen.draw(points.points(2), mark, kind)
    return tuple(p for point in points.points() for p in pen.draw(point[None], mark, "point"))


def _runs(mark: Plain) -> Runs:
    """A mask: run lengths along the rows of its box, beginning with what is out."""
    text = mark["rle"]
    lengths = [
        Plain(number, mark.file, text.place).whole(0) for number in text.text().split(",") if number.strip()
    ]
    top, left = mark["top"].whole(), mark["left"].whole()
    try:
        return Runs(mark.size(), np.array(lengths, np.int64), False, top, left)
    except DataError as error:
        raise mark.fault(str(error)) from error
