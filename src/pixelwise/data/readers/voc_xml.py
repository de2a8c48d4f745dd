"""Boxes in the XML files of PASCAL VOC, which many tools write."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from xml.etree.ElementTree import Element

import numpy as np
from annotated_types import Ge

from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, child_texts, gathered, read_xml
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import box
from pixelwise.ops.polygons import Polygon


def voc_xml(
    root: Path,
    *,
    first_pixel: Literal[0, 1] | None = None,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "area",
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with boxes in PASCAL VOC's format; each box is painted whole, as a rough mask.

    In VOC the first pixel is number 1 and both corners are within the box: `xmin` 1 and `xmax` 1 is the
    first column. Other tools write positions from 0, where `xmax` less `xmin` is the width. Which of the two
    is told with `first_pixel`; else it is 0 if any box begins at 0, which VOC cannot.

    Layout:
        One XML file per image, side by side or in folders of their own; those of train, val and test make
        splits::

            JPEGImages/a.jpg
            Annotations/a.xml     <annotation> <filename> <size> <width> <height> <object> <name> <bndbox>
                                  <xmin> <ymin> <xmax> <ymax>

        Where an object has a polygon (x1, y1, x2, y2 ...), as some tools write, it is painted instead. The
        masks of VOC itself are PNG files: they are pairs of images and masks.

    Args:
        root: Folder that holds everything.
        first_pixel: Number of the first row and column.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in alphabetical order.
        ignore: Labels whose pixels do not count.
        order: Which box lies below where they overlap: the larger (area), or the one before it in the file.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    contents, faults = gathered(files_below(root, ".xml"), lambda file: (file, read_xml(file)))
    kept = [(file, content) for file, content in contents if content.tag == "annotation"]
    first = first_pixel if first_pixel is not None else _first_pixel(content for _, content in kept)
    gallery = Gallery(root)
    found, wrong = gathered(kept, lambda one: _drawing(root, *one, first, gallery))
    boxes = sum(content.find("object/bndbox") is not None for _, content in kept)
    notes = [f"boxes are painted whole, in {boxes} images: masks are as rough as boxes are."]
    if first_pixel is None:
        notes.append(f"the first pixel of boxes is taken as number {first}; tell first_pixel= if it is not.")
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, found, wishes, faults=[*faults, *wrong], notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether boxes of VOC are here, and no masks of it."""
    for file, text in glance(root, ".xml"):
        if "<annotation" in text and "<bndbox>" in text:
            masks = [folder for folder in root.rglob("SegmentationClass") if folder.is_dir()]
            if masks:
                return Recognition(False, f"{masks[0]} has masks, which are better than the boxes of VOC")
            return Recognition(True, f"{file.name} has the boxes of VOC")
    return Recognition(False, f"no XML file with the boxes of VOC in {root}")


def _first_pixel(contents: Iterable[Element]) -> Literal[0, 1]:
    """0 if any box begins there."""
    for content in contents:
        for name in ("xmin", "ymin"):
            for corner in content.iterfind(f"object/bndbox/{name}"):
                if (corner.text or "").strip() in {"0", "0.0", "0.00"}:
                    return 0
    return 1


def _drawing(root: Path, file: Path, content: Element, first: int, gallery: Gallery) -> Drawing:
    told = child_texts(content, file, "annotation")
    called = told["filename"].text() if told.get("filename", "").value else f"{file.stem}.jpg"
    beside = gallery.beside(file)
    image = beside if beside is not None else gallery.find(called, file)
    size = read_header(image).size
    stated = content.find("size")
    if stated is not None and (stated.findtext("width") or "0").strip() not in {"", "0"}:
        size = child_texts(stated, file, "size").size()
    shapes = [
        _shape(element, child_texts(element, file, f"object[{number}]"), first)
        for number, element in enumerate(content.iterfind("object"))
    ]
    return Drawing(image, size, tuple(shapes), file, split_by_path(root, file))


def _shape(element: Element, mark: Plain, first: int) -> Shape:
    label = mark["name"].text()
    outline = element.find("polygon")
    if outline is not None and len(outline):
        return Shape(label, (_polygon(outline, mark, first),), where=mark.place)
    corners = element.find("bndbox")
    if corners is None:
        raise mark.fault("it has no box. Draw it again, or remove it.")
    told = child_texts(corners, mark.file, f"{mark.place}.bndbox")
    top, left, bottom, right = (told[name].number() for name in ("ymin", "xmin", "ymax", "xmax"))
    if bottom < top or right < left:
        raise told.fault(f"the box ends before it begins: rows {top}..{bottom}, columns {left}..{right}.")
    return Shape(label, (box(top - first, left - first, bottom, right),), where=mark.place)


def _polygon(outline: Element, mark: Plain, first: int) -> Polygon:
    told = child_texts(outline, mark.file, f"{mark.place}.polygon")
    number = len(told.names()) // 2
    if number < 3:
        raise told.fault(f"at least 3 points are wanted here, not {number}.")
    points = [(told[f"y{n}"].number(), told[f"x{n}"].number()) for n in range(1, number + 1)]
    return Polygon(np.array(points, np.float64) - first / 2)
