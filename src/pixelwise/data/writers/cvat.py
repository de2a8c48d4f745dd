"""Drawings for CVAT."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from pixelwise.data.drawings.runs import runs
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._pieces import Piece, pieces
from pixelwise.data.writers._sheet import Sheet, Speech
from pixelwise.ops.polygons import Patch

SAYS = Speech("drawings", "cvat", things=True, masks="masks")


def cvat(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write one XML file, as «CVAT for images 1.1»: polygons, and masks for what has holes.

    Shapes of one thing have one group number. What stands later lies on top: layers (z_order) are kept only
    where they do not contradict that.

    Layout:
        Splits are subsets::

            annotations.xml     <image name width height subset> <polygon|mask label z_order group_id>
            images/a.jpg        as it was

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Names and colours of the labels.
    """
    annotations = Element("annotations")
    SubElement(annotations, "version").text = "1.1"
    task = SubElement(SubElement(annotations, "meta"), "task")
    labels = SubElement(task, "labels")
    used: set[str] = set()
    for number, sheet in enumerate(sheets):
        image = carry(sheet, root / "images")
        told = {"id": str(number), "name": image.name}
        told |= {"subset": sheet.split} if sheet.split else {}
        rows, columns = sheet.size
        entry = SubElement(annotations, "image", told, width=str(columns), height=str(rows))
        layered = _in_order([shape.layer for shape in sheet.shapes])
        for piece in pieces(sheet):
            used.add(piece.label)
            entry.append(_shape(piece, piece.layer if layered else 0))
    for name in legend.listed(used):
        label = SubElement(labels, "label")
        SubElement(label, "name").text = name
        SubElement(label, "color").text = "#{:02x}{:02x}{:02x}".format(*legend.colour(name))
        SubElement(label, "type").text = "any"
        SubElement(label, "attributes")
    indent(annotations)
    ElementTree(annotations).write(root / "annotations.xml", "utf-8", xml_declaration=True)


def _in_order(layers: list[int]) -> bool:
    return layers == sorted(layers)


def _shape(piece: Piece, layer: int) -> Element:
    told = {"label": piece.label, "source": "file", "occluded": "0", "z_order": str(layer)}
    told |= {} if piece.group is None else {"group_id": str(piece.group)}
    if not isinstance(piece.area, Patch):
        points = ";".join(f"{x!r},{y!r}" for y, x in piece.area.tolist())
        return Element("polygon", told, points=points)
    part = piece.area
    rows, columns = part.mask.shape
    frame = {"left": part.left, "top": part.top, "width": columns, "height": rows}
    lengths = ", ".join(map(str, runs(part.mask).lengths.tolist()))
    return Element("mask", told | {key: str(value) for key, value in frame.items()}, rle=lengths)
