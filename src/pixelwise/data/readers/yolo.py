"""Drawings in the text files of YOLO."""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Annotated

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.contract import ClassChoice, Declared, Wishes
from pixelwise.data.drawings.drawn import Drawn, drawn
from pixelwise.data.drawings.gallery import Gallery, files_below, split_by_path
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.plain import Plain, gathered
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.images import read_header
from pixelwise.data.reader import Recognition
from pixelwise.data.texts import read_text, read_yaml
from pixelwise.ops.outlines import box
from pixelwise.ops.polygons import Polygon

_BOX = 4  # numbers after the class: centre and size
_SLACK = 0.01  # of the image: more beyond its border is no slip


def yolo(
    root: Path,
    *,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    order: Order = "file",
    background: str | None = "background",
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Drawn:
    """Images with outlines in YOLO's text files, one object a line.

    A pixel belongs to an outline if its centre lies inside. YOLO has no holes: outlines of several parts are
    one line that goes to and fro, which leaves holes out as well. A line of five numbers is a box, painted
    whole, and said so.

    Layout:
        data.yaml with the names of the classes; one text file for each image, in a folder `labels` where
        that of the image is `images`. An image without a file, or with an empty one, is background. Folders
        of train, val(id) and test make splits::

            data.yaml               names: [crack, leaf]     or     names: {0: crack, 1: leaf}
            train/images/a.jpg      images/train/a.jpg
            train/labels/a.txt      labels/train/a.txt

            0 0.25 0.25 0.75 0.25 0.75 0.75      class, then x and y by turns, as shares of width and height
            1 0.5 0.5 0.2 0.1                    class, centre x and y, width and height

    Args:
        root: Folder that holds everything.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Labels whose pixels do not count.
        order: Which object lies below where they overlap: the one before it in the file, or the larger
            (area).
        background: Name of the class where nothing is drawn, made the first if it is not among the classes;
            null if that does not count.
        planes: Independent planes (sigmoid), so that classes may overlap.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and line.
    """
    named, gallery = _names(root), Gallery(root)
    images = {_key(root, file): file for file in gallery.files()}
    written = {_key(root, file): file for file in files_below(root, ".txt")}
    written = {key: file for key, file in written.items() if key in images or _in_labels(root, file)}
    folders = {key.parent for key in written}
    faults = [
        f"{file} has no image. Looked for {key}.*, and in folders of images. Put it there, or remove this."
        for key, file in written.items()
        if key not in images
    ]
    labelled = [(images[key], written.get(key)) for key in images if key.parent in folders]
    found, wrong = gathered(labelled, lambda one: _drawing(root, *one, named))
    drawings = [drawing for drawing, _ in found]
    notes = _notes(sum(boxes for _, boxes in found), labelled, len(images))
    doubles = sorted({name for name in named if named.count(name) > 1})
    notes += [f"the name {name!r} stands twice among the classes: both are one." for name in doubles]
    declared = Declared(tuple(dict.fromkeys(named)))
    wishes = Wishes(classes, ignore, order, background, planes, bands)
    return drawn(root, drawings, wishes, declared=declared, faults=[*faults, *wrong], notes=notes)


def recognise(root: Path) -> Recognition:
    """Whether a data.yaml and text files of YOLO are here."""
    try:
        file = _description(root)
        texts = [text for text in files_below(root, ".txt") if _in_labels(root, text)]
    except DataError as error:
        return Recognition(False, str(error))
    if not texts:
        return Recognition(False, f"{file.name} is here, but no text file in a folder 'labels'")
    return Recognition(True, f"{file.name} and {len(texts)} text files of YOLO")


def _description(root: Path) -> Path:
    """The YAML file that names the classes.

    Raises:
        DataError: If there is none.
    """
    for file in files_below(root, ".yaml", ".yml"):
        if len(file.relative_to(root).parts) == 1 and "names:" in read_text(file):
            return file
    raise DataError(f"no data.yaml with the names of the classes in {root}. Write `names: [...]` there.")


def _names(root: Path) -> list[str]:
    """Name of each number; a name may stand twice."""
    file = _description(root)
    named = Plain(read_yaml(file), file)["names"]
    if isinstance(named.value, dict):
        wanted = [str(number) for number in range(len(named.names()))]
        if sorted(named.names()) != sorted(wanted):
            raise named.fault(
                f"classes are numbered from 0 without gaps here, not {', '.join(named.names())}."
            )
        texts = {name: entry.text() for name, entry in zip(named.names(), named.items(), strict=True)}
        return [texts[number] for number in wanted]
    return [name.text() for name in named.items()]


def _key(root: Path, file: Path) -> PurePath:
    """What a file has in common with its partner: its path without suffix, and without images or labels."""
    parts = list(file.relative_to(root).with_suffix("").parts)
    for number, part in enumerate(parts[:-1]):
        if part in {"images", "labels"}:
            return PurePath(*parts[:number], *parts[number + 1 :])
    return PurePath(*parts)


def _in_labels(root: Path, file: Path) -> bool:
    return "labels" in file.relative_to(root).parts[:-1]


def _drawing(root: Path, image: Path, text: Path | None, names: Sequence[str]) -> tuple[Drawing, int]:
    """What was drawn over one image, and how many of its objects are boxes."""
    size = read_header(image).size
    if text is None:
        return Drawing(image, size, (), image, split_by_path(root, image)), 0
    lines = [line.split() for line in read_text(text).splitlines()]
    places = enumerate(lines, start=1)
    shapes = [_shape(Plain(line, text, f"line {place}"), size, names) for place, line in places if line]
    boxes = sum(len(line) == 1 + _BOX for line in lines)
    return Drawing(image, size, tuple(shapes), text, split_by_path(root, image)), boxes


def _shape(line: Plain, size: tuple[int, int], names: Sequence[str]) -> Shape:
    first, *rest = line.items()
    index = first.whole()
    if not 0 <= index < len(names):
        raise line.fault(f"class {index} is none of the {len(names)} of data.yaml. Add its name there.")
    shares = np.array([word.number() for word in rest])
    if len(shares) and not (shares.min() >= -_SLACK and shares.max() <= 1 + _SLACK):
        raise line.fault(f"shares of width and height are in 0..1, not {shares.min():g}..{shares.max():g}.")
    if len(shares) == _BOX:
        (x, width), (y, height) = shares[0::2] * size[1], shares[1::2] * size[0]
        outline = box(y - height / 2, x - width / 2, y + height / 2, x + width / 2)
    elif len(shares) >= 6 and len(shares) % 2 == 0:
        outline = Polygon(np.ascontiguousarray(shares.reshape(-1, 2)[:, ::-1] * size))
    else:
        raise line.fault(
            f"x and y of at least 3 points, or 4 numbers of a box, follow the class, not {len(shares)}."
        )
    return Shape(names[index], (outline,), where=line.place)


def _notes(boxes: int, labelled: Sequence[tuple[Path, Path | None]], images: int) -> list[str]:
    notes: list[str] = []
    bare = sum(text is None for _, text in labelled)
    if boxes:
        notes.append(f"{boxes} objects are boxes, which are painted whole.")
    if bare:
        notes.append(f"{bare} of {len(labelled)} images have no text file: background everywhere.")
    if images > len(labelled):
        notes.append(f"{images - len(labelled)} images lie in folders without any text file: left out.")
    return notes
