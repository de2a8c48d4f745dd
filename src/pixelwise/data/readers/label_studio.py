"""Drawings of Label Studio: one JSON file for many images."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.brush import unpack_brush
from pixelwise.data.drawings.contract import ClassChoice, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.marks import Pen
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered, read_json
from pixelwise.data.drawings.runs import Runs, runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance, keys
from pixelwise.data.images import read_header
from pixelwise.data.rasters.files import is_image
from pixelwise.data.reader import Recognition
from pixelwise.ops.outlines import ellipse, turned
from pixelwise.ops.polygons import Polygon, Ring

_SHAPES = ("polygon", "rectangle", "ellipse", "brush", "keypoint")
_LABELS = (*(f"{kind}labels" for kind in _SHAPES), "labels")
_UPLOAD = re.compile(r"^[0-9a-f]{8}-")  # put before the names of files that were uploaded


def label_studio(
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
    """Images with regions drawn in Label Studio, exported as JSON (not JSON-MIN).

    A pixel belongs to a region if its centre lies inside. Positions are in percent of the image;
    rectangles are turned clockwise about their top left corner, ellipses about their centre. Of an image
    that several people annotated, the first annotation that was not cancelled is read. A region of several
    labels is of all of them; give `planes`, or the last one holds.

    Layout:
        The JSON file, and the images, found by the ends of their names (with or without the eight letters
        that uploading puts before them)::

            project.json     [{"data": {"image": ...}, "annotations": [{"result": [
                                {"type": "polygonlabels", "value": {"points", "polygonlabels"},
                                 "original_width", "original_height"}]}]}]
            images/a.jpg

        Regions are polygon, rectangle, ellipse, brush or keypoint; what is no region is passed over.

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
            Without any, the labels in alphabetical order.
        ignore: Labels whose pixels do not count.
        order: Which region lies below where they overlap: the one before it in the file, or the larger
            (area).
        line_width: Of keypoints, in pixels; 0 leaves them out. They are refused without it.
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    contents, faults = gathered(files_below(root, ".json"), read_json)
    tasks = [task for content in contents for task in _tasks(content)]
    gallery, pen = Gallery(root), Pen(line_width)
    labelled = [task for task in tasks if _annotation(task) is not None]
    found, wrong = gathered(labelled, lambda task: _drawing(root, task, gallery, pen))
    notes = _notes(tasks, labelled)
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, found, wishes, faults=[*faults, *wrong], notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether an export of Label Studio is here."""
    for file, text in glance(root, ".json"):
        if {"data", "annotations"} <= keys(text) and '"result"' in text:
            return Recognition(True, f"{file.name} has the tasks of Label Studio")
    return Recognition(False, f"no JSON file with the tasks of Label Studio in {root}")


def _tasks(content: Plain) -> list[Plain]:
    if not isinstance(content.value, list):
        return []
    return [task for task in content.items() if task.has("data") and _annotations(task)]


def _annotations(task: Plain) -> list[Plain]:
    """All annotations; old versions call them completions."""
    name = "annotations" if task.has("annotations") else "completions"
    return list(task[name].items()) if task.has(name) else []


def _annotation(task: Plain) -> Plain | None:
    """The annotation that is read."""
    kept = [a for a in _annotations(task) if not a.get("was_cancelled", False).flag()]
    return kept[0] if kept else None


def _notes(tasks: list[Plain], labelled: list[Plain]) -> list[str]:
    several = sum(len(_annotations(task)) > 1 for task in labelled)
    notes: list[str] = []
    if several:
        notes.append(f"{several} images have several annotations: the first of each is read.")
    if len(labelled) < len(tasks):
        notes.append(f"{len(tasks) - len(labelled)} images have only cancelled annotations: left out.")
    return notes


def _drawing(root: Path, task: Plain, gallery: Gallery, pen: Pen) -> Drawing:
    image = _image(task["data"], gallery)
    size = read_header(image).size
    annotation = _annotation(task)
    results = [] if annotation is None else list(annotation["result"].items())
    shapes = [shape for result in results for shape in _shapes(result, size, pen)]
    return Drawing(image, size, tuple(shapes), task.file, split_by_path(root, task.file))


def _image(data: Plain, gallery: Gallery) -> Path:
    """The image of a task: its `image`, else the first text that ends as one."""
    named = [name for name in data.names() if isinstance(data[name].value, str)]
    called = [name for name in named if name == "image"] or [
        name for name in named if is_image(Path(_path(data[name])))
    ]
    if not called:
        raise data.fault(f"no image is named. Found {', '.join(data.names())}. Export with an 'image'.")
    path = _path(data[called[0]])
    try:
        return gallery.find(path, data.file)
    except DataError:
        name = Path(path).name
        if not _UPLOAD.match(name):
            raise
        return gallery.find(_UPLOAD.sub("", name), data.file)


def _path(address: Plain) -> str:
    return unquote(address.text()).rpartition("?d=")[2].partition("?")[0]


def _shapes(result: Plain, size: tuple[int, int], pen: Pen) -> list[Shape]:
    """A region once for each of its labels; nothing for what is no region."""
    kind = result["type"].text()
    if kind not in _LABELS:
        if kind.endswith("labels"):
            raise result.fault(f"regions of type {kind!r} are unknown. Known: {', '.join(_LABELS)}.")
        return []
    value = result["value"]
    stated = result.size("original_height", "original_width")
    if stated != size:
        raise result.fault(f"it was drawn over {stated}, but the image is {size} (rows, columns).")
    if result.get("image_rotation", 0).number():
        raise result.fault("the image was turned in Label Studio. Turn it back there, and export again.")
    labels = [label.text() for label in value[kind].items()] if value.has(kind) else []
    if not labels:
        raise value.fault(f"the region has no label. Found {', '.join(value.names())}. Label or remove it.")
    if value.has("rle"):
        return [Shape(label, (), _brush(value, size), where=result.place) for label in labels]
    polygons = _polygons(value, size, pen)
    return [Shape(label, polygons, where=result.place) for label in labels if polygons]


def _polygons(value: Plain, size: tuple[int, int], pen: Pen) -> tuple[Polygon, ...]:
    share = np.array(size) / 100
    if value.has("points"):
        return (Polygon(value["points"].points(3) * share),)
    y, x = np.array((value["y"].number(), value["x"].number())) * share
    angle = value.get("rotation", 0).number()
    if value.has("radiusX"):
        radii = np.array((value["radiusY"].number(0), value["radiusX"].number(0))) * share
        return (ellipse((float(y), float(x)), (float(radii[0]), float(radii[1])), angle_deg=angle),)
    if value.has("height"):
        rows, columns = np.array((value["height"].number(0), value["width"].number(0))) * share
        corners: Ring = np.array([(y, x), (y, x + columns), (y + rows, x + columns), (y + rows, x)])
        return (Polygon(turned(corners, (float(y), float(x)), angle)),)
    return pen.draw(np.array([(y, x)]), value, "keypoint")


def _brush(value: Plain, size: tuple[int, int]) -> Runs:
    numbers = value["rle"]
    try:
        if not isinstance(numbers.value, list):
            raise TypeError("it is no list of bytes")
        return runs(unpack_brush(bytes(numbers.value), size))
    except (TypeError, ValueError) as error:
        raise numbers.fault(f"this is no brush stroke ({error}). Export it again.") from error
