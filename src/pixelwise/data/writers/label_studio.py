"""Drawings for Label Studio."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np

from pixelwise.data.writers._brush import pack_brush
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._pieces import Piece, pieces, same_pixels
from pixelwise.data.writers._sheet import Sheet, Speech
from pixelwise.ops.polygons import Patch, Polygon, Ring, fill_part

SAYS = Speech("drawings", "label_studio", masks="brush strokes")

_ALL = "tasks"


def label_studio(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write tasks with regions, to be imported: polygons, and brush strokes for what has holes.

    Points are in percent of the image. Where rounding would move an outline past the centre of a pixel, the
    region becomes a brush stroke, so that pixels stay the same. What stands later lies on top.

    Layout:
        One file of tasks for each split, or tasks.json; images are addressed as local files::

            train.json      [{"data": {"image"}, "annotations": [{"result": [...]}]}]
            config.xml      the labelling interface, with the labels and their colours
            images/a.jpg    as it was

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Names and colours of the labels.
    """
    tasks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    used: set[str] = set()
    for number, sheet in enumerate(sheets, start=1):
        image = carry(sheet, root / "images")
        found = pieces(sheet)
        used.update(piece.label for piece in found)
        regions = [_region(f"{number}-{place}", piece, sheet.size) for place, piece in enumerate(found)]
        tasks[sheet.split or _ALL].append(
            {
                "id": number,
                "data": {"image": f"/data/local-files/?d=images/{quote(image.name)}"},
                "annotations": [{"id": number, "was_cancelled": False, "result": regions}],
            }
        )
    for name, listed in tasks.items():
        (root / f"{name}.json").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    interface = _interface({name: legend.colour(name) for name in legend.listed(used)})
    interface.write(root / "config.xml", "utf-8")


def _region(name: str, piece: Piece, size: tuple[int, int]) -> dict[str, Any]:
    kind, value = "brushlabels", {}
    area = piece.area
    if not isinstance(area, Patch):
        percent = area / np.array(size) * 100
        if same_pixels(area, percent * (np.array(size) / 100), size):
            kind, value = "polygonlabels", {"points": percent[:, ::-1].tolist(), "closed": True}
        else:
            area = fill_part(Polygon(area), size)
    if kind == "brushlabels":
        value = {"format": "rle", "rle": list(pack_brush(_whole(area, size)))}
    return {
        "id": name,
        "type": kind,
        "from_name": kind.removesuffix("labels"),
        "to_name": "image",
        "original_width": size[1],
        "original_height": size[0],
        "image_rotation": 0,
        "value": value | {kind: [piece.label]},
    }


def _whole(area: Ring | Patch, size: tuple[int, int]) -> np.ndarray:
    """The mask of the whole image."""
    part = area if isinstance(area, Patch) else fill_part(Polygon(area), size)
    mask = np.zeros(size, np.bool_)
    rows, columns = part.mask.shape
    mask[part.top : part.top + rows, part.left : part.left + columns] = part.mask
    return mask


def _interface(colours: dict[str, tuple[int, int, int]]) -> ElementTree:
    view = Element("View")
    SubElement(view, "Image", name="image", value="$image", zoom="true")
    for tag, name in (("PolygonLabels", "polygon"), ("BrushLabels", "brush")):
        control = SubElement(view, tag, name=name, toName="image")
        for label, colour in colours.items():
            SubElement(control, "Label", value=label, background="#{:02x}{:02x}{:02x}".format(*colour))
    indent(view)
    return ElementTree(view)
