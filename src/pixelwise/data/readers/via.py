"""Drawings of the VGG Image Annotator, versions 1 and 2."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError, listing
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import Pen
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import FARTHEST, Plain, gathered, read_json
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance, keys
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.data.texts import read_table
from pixelwise.ops.outlines import box, ellipse
from pixelwise.ops.polygons import Polygon, Ring

_COLUMNS = ("filename", "file_size", "region_shape_attributes", "region_attributes")


def via(
    root: Path,
    *,
    attribute: str | None = None,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    line_width: Annotated[float, Ge(0)] | None = None,
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with regions drawn in VIA: a saved project, or exported annotations.

    A pixel belongs to a region if its centre lies inside. A region of which several boxes are ticked is of
    all these classes; give `planes`, or the last one holds.

    Layout:
        Files below `root`; those of train, val and test make splits. CSV files are read where there is no
        JSON file of VIA::

            via_project.json        {"_via_img_metadata": {...}, "_via_settings", "_via_attributes"}
            via_region_data.json    {"a.jpg12345": {"filename", "size", "regions": [
                                      {"shape_attributes": {"name", ...}, "region_attributes": {...}}]}}
            via_region_data.csv     filename,file_size,...,region_shape_attributes,region_attributes
            a.jpg

        Regions are rect, polygon, circle, ellipse (turned by `theta` radians), polyline or point.

    Args:
        root: Folder that holds everything.
        attribute: Which of the regions' attributes is the label, if there are several.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in alphabetical order.
        ignore: Labels whose pixels do not count.
        order: Which shape lies below where they overlap: the one before it in the file, or the larger
            (area).
        line_width: Of polylines and points, in pixels; 0 leaves them out. They are refused without it.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    entries, faults = _entries(root)
    chosen = attribute or _attribute(root, entries)
    gallery, pen = Gallery(root), Pen(line_width)
    found, wrong = gathered(entries, lambda entry: _drawing(root, entry, chosen, gallery, pen))
    notes = () if attribute else (f"the label of a region is its attribute {chosen!r}.",)
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, found, wishes, faults=[*faults, *wrong], notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether a file of VIA is here."""
    for file, text in glance(root, ".json"):
        if "_via_img_metadata" in keys(text) or ("shape_attributes" in text and "region_attributes" in text):
            return Recognition(True, f"{file.name} has the regions of VIA")
    for file, text in glance(root, ".csv"):
        if "region_shape_attributes" in text[:1000]:
            return Recognition(True, f"{file.name} has the regions of VIA")
    return Recognition(False, f"no JSON or CSV file with the regions of VIA in {root}")


def _entries(root: Path) -> tuple[list[Plain], list[str]]:
    """The images of all files: with `filename` and `regions`."""
    contents, faults = gathered(files_below(root, ".json"), read_json)
    found = [entry for content in contents for entry in _of_json(content)]
    if found or faults:
        return found, faults
    tables, faults = gathered(files_below(root, ".csv"), _of_csv)
    return [entry for table in tables for entry in table], faults


def _of_json(content: Plain) -> Iterator[Plain]:
    if content.has("_via_img_metadata"):
        content = content["_via_img_metadata"]
    if isinstance(content.value, dict):
        yield from (entry for entry in content.items() if entry.has("filename") and entry.has("regions"))


def _of_csv(file: Path) -> list[Plain]:
    """The same entries out of a table with a region a line."""
    heads, *lines = read_table(file) or [[]]
    if not set(_COLUMNS) <= set(heads):
        return []
    images: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, start=2):
        row = dict(zip(heads, [*line, *[""] * len(heads)], strict=False))
        image = images.setdefault(
            row["filename"] + row["file_size"], {"filename": row["filename"], "regions": []}
        )
        try:
            shape, told = json.loads(row["region_shape_attributes"]), json.loads(row["region_attributes"])
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{file}, line {number}: the region is no JSON ({error}). Export it again."
            ) from error
        if shape:
            image["regions"].append({"shape_attributes": shape, "region_attributes": told})
    return list(Plain(images, file).items())


def _attribute(root: Path, entries: list[Plain]) -> str:
    """The one attribute that regions have.

    Raises:
        DataError: If they have none, or several.
    """
    found: dict[str, Path] = {}
    for entry in entries:
        for region in entry["regions"].items():
            found.update(dict.fromkeys(region.get("region_attributes", {}).names(), entry.file))
    if len(found) > 1:
        raise DataError(
            f"regions in {root} have {len(found)} attributes: {listing(found)}. Any may be the label. "
            "Choose one with attribute=."
        )
    return next(iter(found), "label")


def _drawing(root: Path, entry: Plain, attribute: str, gallery: Gallery, pen: Pen) -> Drawing:
    image = gallery.find(entry["filename"].text(), entry.file)
    shapes: list[Shape] = []
    for region in entry["regions"].items():
        polygons = _polygons(region["shape_attributes"], pen)
        shapes += [
            Shape(label, polygons, where=region.place) for label in _labels(region, attribute) if polygons
        ]
    return Drawing(image, read_header(image).size, tuple(shapes), entry.file, split_by_path(root, entry.file))


def _labels(region: Plain, attribute: str) -> list[str]:
    """What was chosen: one text, or all boxes that are ticked."""
    said = region["region_attributes"][attribute]
    if not isinstance(said.value, dict):
        return [said.text()]
    ticked = [name for name in said.names() if said[name].flag()]
    if not ticked:
        raise said.fault("no label is ticked. Tick one, or remove the region.")
    return ticked


def _polygons(shape: Plain, pen: Pen) -> tuple[Polygon, ...]:
    kind = shape["name"].text()
    if kind == "rect":
        (y, x), (height, width) = _pair(shape, "y", "x"), _pair(shape, "height", "width", 0)
        return (box(y, x, y + height, x + width),)
    if kind == "circle":
        radius = shape["r"].number(0)
        return (ellipse(_pair(shape, "cy", "cx"), (radius, radius)),)
    if kind == "ellipse":
        angle = float(np.degrees(shape.get("theta", 0).number()))
        return (ellipse(_pair(shape, "cy", "cx"), _pair(shape, "ry", "rx", 0), angle_deg=angle),)
    if kind == "polygon":
        return (Polygon(_points(shape, 3)),)
    if kind == "polyline":
        return pen.draw(_points(shape, 2), shape, kind)
    if kind == "point":
        return pen.draw(np.array([_pair(shape, "cy", "cx")]), shape, kind)
    raise shape.fault(f"the region {kind!r} is unknown. Draw it as a polygon.")


def _pair(shape: Plain, row: str, column: str, least: int | float = -FARTHEST) -> tuple[float, float]:
    return shape[row].number(least), shape[column].number(least)


def _points(shape: Plain, least: int) -> Ring:
    columns, rows = shape["all_points_x"], shape["all_points_y"]
    number = len(list(columns.items()))
    if len(list(rows.items())) != number:
        raise shape.fault(f"{number} columns but {len(list(rows.items()))} rows of points. Draw it again.")
    return Plain(list(zip(columns.value, rows.value, strict=True)), shape.file, columns.place).points(least)
