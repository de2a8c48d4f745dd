"""Drawings of the old LabelMe (XML 3.0): polygons, boxes and mask files."""

from pathlib import Path
from typing import Annotated
from xml.etree.ElementTree import Element

import numpy as np
from annotated_types import Ge

from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import picture_mask
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, child_texts, gathered, read_xml
from pixelwise.data.drawings.runs import Runs, runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.ops.polygons import Polygon, Ring


def labelme_xml(
    root: Path,
    *,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with a file each of the old LabelMe, as its web tool wrote and others still export.

    A pixel belongs to a polygon if its centre lies inside. Deleted objects are passed over.

    Layout:
        One XML file per image; masks are found by their names, of the image's size or of their box::

            a.jpg     a.xml     <annotation> <filename> <folder> <imagesize> <nrows> <ncols>
                                <object> <name> <deleted> <polygon> <pt> <x> <y>
            Masks/a_mask_0.png  <object> <name> <segm> <mask> <box> <xmin> <ymin> <xmax> <ymax>

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in alphabetical order.
        ignore: Labels whose pixels do not count.
        order: Which shape lies below where they overlap: the one before it in the file, or the larger
            (area).
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    gallery = Gallery(root)
    found, faults = gathered(files_below(root, ".xml"), lambda file: _drawing(root, file, gallery))
    drawings = [drawing for drawing in found if drawing is not None]
    return drawn(root, drawings, Wishes(classes, ignore, order, background, planes, bands), faults=faults)


def recognise(root: Path) -> Recognition:
    """Whether files of the old LabelMe are here."""
    for file, text in glance(root, ".xml"):
        if "<annotation>" in text and ("<pt>" in text or "<segm>" in text):
            return Recognition(True, f"{file.name} has the polygons and masks of the old LabelMe")
    return Recognition(False, f"no XML file with the polygons or masks of the old LabelMe in {root}")


def _drawing(root: Path, file: Path, gallery: Gallery) -> Drawing | None:
    """What was drawn over one image; None for a file of another kind."""
    content = read_xml(file)
    if content.tag != "annotation" or content.find("object/bndbox") is not None:
        return None
    told = child_texts(content, file, "annotation")
    folder = told.get("folder", "").value
    image = gallery.find(f"{folder}/{told['filename'].text()}", file)
    size = read_header(image).size
    if (stated := content.find("imagesize")) is not None and len(stated):
        size = child_texts(stated, file, "imagesize").size("nrows", "ncols")
    shapes: list[Shape] = []
    for number, element in enumerate(content.iterfind("object")):
        mark = child_texts(element, file, f"object[{number}]")
        if not mark.get("deleted", "0").flag():
            shapes.append(_shape(element, mark, size, f"Masks/{folder}", gallery))
    return Drawing(image, size, tuple(shapes), file, split_by_path(root, file))


def _shape(element: Element, mark: Plain, size: tuple[int, int], masks: str, gallery: Gallery) -> Shape:
    label = mark["name"].text()
    polygon, segment = element.find("polygon"), element.find("segm")
    if polygon is not None:
        return Shape(label, (Polygon(_points(polygon, mark)),), where=mark.place)
    if segment is None:
        raise mark.fault("it has neither a polygon nor a mask. Draw it again, or remove it.")
    told = child_texts(segment, mark.file, f"{mark.place}.segm")
    path = gallery.find(f"{masks}/{told['mask'].text()}", mark.file)
    pixels = picture_mask(path.read_bytes(), told)
    if pixels.shape == size:
        return Shape(label, (), runs(pixels), where=mark.place)
    return Shape(label, (), _in_box(pixels, segment, told, size), where=mark.place)


def _points(polygon: Element, mark: Plain) -> Ring:
    places = [
        child_texts(point, mark.file, f"{mark.place}.polygon.pt[{number}]")
        for number, point in enumerate(polygon.iterfind("pt"))
    ]
    if len(places) < 3:
        raise mark.fault(f"at least 3 points are wanted here, not {len(places)}.")
    return np.array([(place["y"].number(), place["x"].number()) for place in places], np.float64)


def _in_box(pixels: np.ndarray, segment: Element, told: Plain, size: tuple[int, int]) -> Runs:
    box = segment.find("box")
    if box is not None:
        corner = child_texts(box, told.file, f"{told.place}.box")
        top, left = round(corner["ymin"].number()), round(corner["xmin"].number())
        bottom, right = round(corner["ymax"].number()), round(corner["xmax"].number())
        if pixels.shape in {(bottom - top, right - left), (bottom - top + 1, right - left + 1)}:
            return runs(pixels, top=top, left=left)
    raise told.fault(
        f"the mask is neither of its image's nor of its box's size. It is {pixels.shape}, the image {size} "
        "(rows, columns). Replace it."
    )
