"""Instances of COCO."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, groupby
from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.data.drawings.paint import area_of, parts
from pixelwise.data.drawings.runs import pack_lengths, runs
from pixelwise.data.drawings.shapes import Shape
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import Sheet, Speech

SAYS = Speech("drawings", "coco", masks="run lengths", things=True, apart=False, crowds=True, tops=False)


def coco(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write instances: polygons, and run lengths for what has holes or is pixels.

    Shapes of one thing that follow one another are one annotation. Annotations are in the order in which
    they were painted, though COCO does not say that the later lies on top.

    Layout:
        One file for each split, or instances.json::

            annotations/instances_train.json     images, categories, annotations
            images/a.jpg                         as it was

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Names, numbers and colours of the categories.
    """
    numbers = {name: number for number, name in enumerate(legend.labels, start=1)}
    contents: dict[str | None, _Content] = defaultdict(_Content)
    ids = count(1)
    for number, sheet in enumerate(sheets, start=1):
        image = carry(sheet, root / "images")
        contents[sheet.split].add(number, image.name, sheet, numbers, ids)
    used = {name for content in contents.values() for name in content.used}
    entries = [
        {"id": numbers[name], "name": name, "supercategory": "", "color": list(legend.colour(name))}
        for name in legend.listed(used)
    ]
    folder = root / "annotations"
    folder.mkdir(parents=True)
    for split, content in contents.items():
        plain = {"images": content.images, "categories": entries, "annotations": content.annotations}
        path = folder / f"instances{f'_{split}' if split else ''}.json"
        path.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")


@dataclass(slots=True)
class _Content:
    """What is gathered for one file."""

    images: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    annotations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    used: set[str] = field(default_factory=set[str])

    def add(
        self, number: int, file: str, sheet: Sheet, numbers: Mapping[str, int], ids: Iterator[int]
    ) -> None:
        """Take in one image; the numbers of annotations are unique over all files."""
        rows, columns = sheet.size
        self.images.append({"id": number, "file_name": file, "width": columns, "height": rows})
        placed = enumerate(sheet.shapes)
        for _, together in groupby(placed, key=lambda entry: _thing(entry[1], entry[0])):
            shapes = [shape for _, shape in together]
            told = _annotation(shapes, sheet.size)
            if told is None:
                continue
            self.used.add(shapes[0].label)
            self.annotations.append(
                {
                    "id": next(ids),
                    "image_id": number,
                    "category_id": numbers[shapes[0].label],
                    "iscrowd": int(shapes[0].crowd),
                    **told,
                }
            )


def _thing(shape: Shape, place: int) -> tuple[str, str, bool]:
    return (shape.label, shape.instance, shape.crowd) if shape.instance else ("", str(place), shape.crowd)


def _annotation(shapes: list[Shape], size: tuple[int, int]) -> dict[str, Any] | None:
    """Segmentation, area and box; None for what covers nothing and has no outline."""
    polygons = [polygon for shape in shapes for polygon in shape.polygons]
    if not any(polygon.holes for polygon in polygons) and all(shape.pixels is None for shape in shapes):
        points = np.concatenate([polygon.outline for polygon in polygons])
        (top, left), (bottom, right) = points.min(0).tolist(), points.max(0).tolist()
        return {
            "segmentation": [polygon.outline[:, ::-1].reshape(-1).tolist() for polygon in polygons],
            "area": sum(map(area_of, shapes)),
            "bbox": [left, top, right - left, bottom - top],
        }
    mask = np.zeros(size, np.bool_)
    for part in (part for shape in shapes for part in parts(shape, size)):
        rows, columns = part.mask.shape
        mask[part.top : part.top + rows, part.left : part.left + columns] |= part.mask
    if not mask.any():
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    lengths = runs(mask, by_columns=True).lengths.tolist()
    return {
        "segmentation": {"size": list(size), "counts": pack_lengths(lengths)},
        "area": int(mask.sum()),
        "bbox": [int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1],
    }
