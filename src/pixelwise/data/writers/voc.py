"""Masks in the layout of PASCAL VOC."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.published.objects import voc_palette
from pixelwise.data.rasters.writing import write_png
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import VOID_COLOUR, Legend
from pixelwise.data.writers._sheet import MOST_THINGS, Labels, Sheet, Speech

SAYS = Speech("masks", "voc", things=True, values=False, spaces=False)

_ALL = "default"  # the list that tools write where there are no splits


def voc(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write masks as VOC has them: classes from 0, 255 for what does not count, in a palette.

    Masks of objects are written where things are known; an image of more than 254 of them has none. Spaces in
    names become `_`: a line of a list ends there.

    Layout:
        The lists are those of the splits, or default.txt::

            JPEGImages/a.jpg                    as it was
            SegmentationClass/a.png             palette: the index is the class
            SegmentationObject/a.png            palette: the index is the thing
            ImageSets/Segmentation/train.txt    names, one a line
            labelmap.txt                        name:r,g,b::

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Values and colours.
    """
    listed: dict[str, list[str]] = defaultdict(list)
    palette, things = legend.palette(), (*voc_palette(IGNORE_INDEX), VOID_COLOUR)
    for folder in ("SegmentationClass", "ImageSets/Segmentation"):
        (root / folder).mkdir(parents=True)
    for sheet in sheets:
        carry(sheet, root / "JPEGImages")
        labels = sheet.pixels()
        write_png(root / "SegmentationClass" / f"{sheet.name}.png", legend.encoded(labels), palette=palette)
        if sheet.things is not None and sheet.things.max(initial=0) <= MOST_THINGS:
            (root / "SegmentationObject").mkdir(exist_ok=True)
            objects = _objects(sheet.things, labels)
            write_png(root / "SegmentationObject" / f"{sheet.name}.png", objects, palette=things)
        listed[sheet.split or _ALL].append(sheet.name)
    for split, names in listed.items():
        text = "".join(f"{name}\n" for name in names)
        (root / "ImageSets" / "Segmentation" / f"{split}.txt").write_text(text, encoding="utf-8")
    (root / "labelmap.txt").write_text(_labelmap(legend), encoding="utf-8")


def _objects(things: Labels, labels: Labels) -> np.ndarray:
    """Numbers of things, 255 where the pixel does not count."""
    return np.where(labels == IGNORE_INDEX, IGNORE_INDEX, things).astype(np.uint8)[..., None]


def _labelmap(legend: Legend) -> str:
    classes = legend.classes
    rows = list(zip(classes.names, classes.colours, strict=True))
    if not classes.exclusive:
        rows.insert(0, ("background", (0, 0, 0)))
    lines = [f"{name}:{red},{green},{blue}::\n" for name, (red, green, blue) in rows]
    return "".join(["# label:color_rgb:parts:actions\n", *lines])
