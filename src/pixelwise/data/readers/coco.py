"""Drawings in the JSON files of COCO: instances and stuff, of many tools."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError, listing
from pixelwise.data.drawings.coco import Categories, Picture, categories, number_of, pictures
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered, read_json
from pixelwise.data.drawings.runs import Lengths, Runs, unpack_lengths
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance, keys
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import box
from pixelwise.ops.polygons import Polygon

Crowds = Literal["ignore", "count"]


def coco(
    root: Path,
    *,
    annotations: str | None = None,
    crowds: Crowds = "ignore",
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "area",
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with COCO's instances or stuff, as polygons or run lengths.

    A pixel belongs to a polygon if its centre lies inside (COCO's own drawing is up to half a pixel wider).
    The polygons of an annotation are joined: COCO has no holes but in run lengths. An annotation without
    either is painted as its box, and said so.

    Layout:
        JSON files below `root`, and the images, found by the ends of their names; the splits are those of
        the files' folders or names::

            annotations/instances_train2017.json     train2017/000000000001.jpg
            train/_annotations.coco.json             train/a.jpg                      (Roboflow)

            {"images": [{"id", "file_name", "width", "height"}], "categories": [{"id", "name"}],
             "annotations": [{"image_id", "category_id", "segmentation", "iscrowd", "bbox"}]}

        Where there are files called instances, only these are read. Classes are ordered by number, gaps
        closed.

    Args:
        root: Folder that holds everything.
        annotations: What the names of the JSON files to read contain, as `stuff`.
        crowds: Whether regions of many things, marked as crowds, do not count (ignore) or are of their
            class (count). Some tools mark every mask so.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Labels whose pixels do not count.
        order: Which one lies below where they overlap: the larger (area), so that small things stay visible,
            or the one before it in the file. Crowds are below everything.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    contents, faults = gathered(_chosen(root, annotations), read_json)
    contents = [content for content in contents if _fits(content)]
    if not contents and not faults:
        named = f" with {annotations!r} in their names" if annotations else ""
        raise DataError(
            f"no annotations of COCO in {root}. Looked for JSON files{named} that have images, categories, "
            "and annotations with a segmentation. Check the folder, or choose with annotations=."
        )
    used = frozenset(
        number_of(entry, "category_id") or 0
        for content in contents
        for entry in content["annotations"].items()
    )
    known = categories(contents, used)
    gallery = Gallery(root)
    drawings: list[Drawing] = []
    for content in contents:
        found, wrong = _drawings(root, content, gallery, known)
        drawings += found
        faults += wrong
    faults += _twice(drawings)
    wishes = Wishes(classes, ignore, order, background, planes, bands, crowds == "count")
    notes = _notes(contents, drawings, crowds)
    return drawn(root, drawings, wishes, declared=known.declared, faults=faults, notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether a file of COCO with drawings is here, and none that is panoptic."""
    looked = glance(root, ".json", most=12)
    panoptic = [file for file, text in looked if "segments_info" in text]
    if panoptic:
        return Recognition(False, f"{panoptic[0].name} is panoptic, which 'coco_panoptic' reads")
    for file, text in looked:
        if {"images", "categories", "annotations"} <= keys(text) and '"segmentation"' in text:
            return Recognition(True, f"{file.name} has the annotations of COCO")
    return Recognition(False, f"no JSON file with the segmentations of COCO in {root}")


def _chosen(root: Path, annotations: str | None) -> list[Path]:
    files = files_below(root, ".json")
    if annotations is not None:
        return [file for file in files if annotations in file.name]
    return [file for file in files if "instances" in file.name.lower()] or files


def _fits(content: Plain) -> bool:
    if not all(content.has(key) for key in ("images", "categories", "annotations")):
        return False
    first = next(content["annotations"].items(), None)
    return first is None or first.has("segmentation") or first.has("bbox")


def _drawings(
    root: Path, content: Plain, gallery: Gallery, known: Categories
) -> tuple[list[Drawing], list[str]]:
    """One drawing for each image of a file, and what is wrong."""
    found, faults = pictures(content, gallery)
    numbers = {number_of(entry, "id") for entry in content["images"].items()}
    shapes: dict[int, list[Shape]] = defaultdict(list)
    for entry in content["annotations"].items():
        try:
            image = entry["image_id"].whole()
            if image in found:
                shapes[image].append(_shape(entry, found[image], known))
            elif image not in numbers:
                raise entry.fault(f"image_id {image} is none of the images. Export it again.")
        except DataError as error:
            faults.append(str(error))
    split = split_by_path(root, content.file)
    drawings = [
        Drawing(picture.image, picture.size, tuple(shapes[number]), content.file, split)
        for number, picture in found.items()
    ]
    return drawings, faults


def _shape(entry: Plain, picture: Picture, known: Categories) -> Shape:
    number = entry["category_id"].whole()
    if number not in known.names:
        raise entry.fault(f"category_id {number} is none of the categories. Add it there.")
    label, crowd = known.names[number], entry.get("iscrowd", 0).flag()
    instance = str(entry.get("id", "").value)
    segmentation = entry.get("segmentation", [])
    if isinstance(segmentation.value, dict):
        pixels = _runs(segmentation, picture)
        return Shape(label, (), pixels, instance=instance, crowd=crowd, where=entry.place)
    rings = [ring for ring in segmentation.items() if isinstance(ring.value, list)]
    polygons = tuple(Polygon(_points(ring)) for ring in rings) or (_box(entry),)
    return Shape(label, polygons, instance=instance, crowd=crowd, where=entry.place)


def _points(ring: Plain) -> np.ndarray:
    """The points of a flat list x, y, x, y ..."""
    numbers = ring.value
    if len(numbers) % 2:
        raise ring.fault(f"x and y by turns are wanted here, not {len(numbers)} numbers.")
    return Plain([numbers[i : i + 2] for i in range(0, len(numbers), 2)], ring.file, ring.place).points()


def _box(entry: Plain) -> Polygon:
    if not entry.has("bbox"):
        raise entry.fault("it has neither a segmentation nor a box. Draw it again, or remove it.")
    x, y, width, height = _four(entry["bbox"])
    if width < 0 or height < 0:
        raise entry["bbox"].fault(f"a box of {height} rows and {width} columns. Draw it again.")
    return box(y, x, y + height, x + width)


def _four(entry: Plain) -> tuple[float, float, float, float]:
    numbers = [part.number() for part in entry.items()]
    if len(numbers) != 4:
        raise entry.fault(f"x, y, width and height are wanted here, not {len(numbers)} numbers.")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _runs(segmentation: Plain, picture: Picture) -> Runs:
    size = [part.whole(0) for part in segmentation["size"].items()]
    if tuple(size) != picture.size:
        raise segmentation.fault(f"the mask is {size}, its image {list(picture.size)} (rows, columns).")
    counts = segmentation["counts"]
    try:
        if isinstance(counts.value, str):
            return Runs(picture.size, unpack_lengths(counts.value), by_columns=True)
        return Runs(picture.size, _lengths(counts), by_columns=True)
    except DataError as error:
        raise counts.fault(str(error)) from error


def _lengths(counts: Plain) -> Lengths:
    return np.array([part.whole(0) for part in counts.items()], np.int64)


def _twice(drawings: list[Drawing]) -> list[str]:
    """Images that several files speak of."""
    files: dict[Path, list[str]] = defaultdict(list)
    for drawing in drawings:
        if drawing.image is not None:
            files[drawing.image].append(drawing.source.name)
    names = {tuple(sources) for sources in files.values() if len(sources) > 1}
    return [
        f"one image is in several files: {listing(sources)}. Choose with annotations=, or remove one."
        for sources in sorted(names)
    ]


def _notes(contents: list[Plain], drawings: list[Drawing], crowds: Crowds) -> list[str]:
    shapes = [shape for drawing in drawings for shape in drawing.shapes]
    kinds = Counter(shape.crowd for shape in shapes)
    entries = [entry for content in contents for entry in content["annotations"].items()]
    boxes = sum(not entry.get("segmentation").value for entry in entries)
    notes: list[str] = []
    if kinds[True] and crowds == "ignore":
        notes.append(
            f"{kinds[True]} of {len(shapes)} annotations are crowds: they do not count (crowds=count)."
        )
    if boxes:
        notes.append(f"{boxes} of {len(entries)} annotations have a box only, which is painted whole.")
    return notes
