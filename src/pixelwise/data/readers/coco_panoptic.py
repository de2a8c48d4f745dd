"""Panoptic masks of COCO: PNG files whose colours are numbers of segments."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge
from PIL import Image

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.data.drawings.coco import Categories, Picture, categories, number_of, pictures
from pixelwise.data.drawings.contract import ClassChoice, Wishes, settle
from pixelwise.data.drawings.gallery import Gallery, files_below, names_of, split_by_path
from pixelwise.data.drawings.plain import Plain, gathered, read_json
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.drawings.sniff import glance
from pixelwise.data.images import read_header
from pixelwise.data.layouts.known import Pair
from pixelwise.data.layouts.naming import SPLIT_ORDER, splits_of
from pixelwise.data.masks.files import Pixels
from pixelwise.data.paired import Pairs
from pixelwise.data.rasters.files import naming
from pixelwise.data.reader import Recognition


@dataclass(frozen=True, slots=True)
class Segments:
    """Reads masks as class indices.

    Attributes:
        meaning: Class index of each segment's number, by mask file; `IGNORE_INDEX` where it does not count.
    """

    meaning: Mapping[Path, Mapping[int, int]]

    def __call__(self, path: Path) -> Pixels:
        """The class index of each pixel, int64.

        Raises:
            DataError: If the file is damaged, or holds a segment that is not listed.
        """
        with naming(path), Image.open(path) as picture:
            red, green, blue = np.asarray(picture.convert("RGB")).astype(np.int64).transpose(2, 0, 1)
        numbers, places = np.unique(red + 256 * green + 65536 * blue, return_inverse=True)
        known = self.meaning[path]
        strange = [number for number in numbers.tolist() if number not in known]
        if strange:
            raise DataError(
                f"{path} has segments that are not listed. Found number {strange[0]}, and {len(strange) - 1} "
                "more. Is it the mask of this image?"
            )
        return np.array([known[number] for number in numbers.tolist()])[places].reshape(red.shape)


def coco_panoptic(
    root: Path,
    *,
    annotations: str | None = None,
    classes: ClassChoice = None,
    ignore: tuple[str, ...] = (),
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """Images with COCO's panoptic masks, read as classes: the things of a class are not told apart.

    Pixels of segment 0, and of crowds, do not count.

    Layout:
        JSON files below `root`; photographs and masks are found by the ends of their names, the masks in a
        folder named as the JSON file is. The splits are those of the files' folders or names::

            annotations/panoptic_val2017.json     {"images": [{"id", "file_name", "width", "height"}],
                                                   "categories": [{"id", "name", "isthing", "color"}],
                                                   "annotations": [{"image_id", "file_name", "segments_info":
                                                    [{"id", "category_id", "iscrowd"}]}]}
            annotations/panoptic_val2017/1.png    colour: number = red + 256 green + 65536 blue
            val2017/1.jpg

        Classes are ordered by number, gaps closed: all 133 of COCO, or as many as the file has.

    Args:
        root: Folder that holds everything.
        annotations: What the names of the JSON files to read contain.
        classes: Names of the classes in order, or a file of classes; as in `pairs`, one in `root` is found.
        ignore: Names of classes whose pixels do not count.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    files = [file for file in files_below(root, ".json") if annotations is None or annotations in file.name]
    contents, faults = gathered(files, read_json)
    contents = [content for content in contents if _is_panoptic(content)]
    if not contents and not faults:
        raise DataError(f"no panoptic annotations in {root}. Looked for JSON files with 'segments_info'.")
    known = categories(contents, _used(contents))
    images, masks = Gallery(root, (".jpg", ".jpeg")), Gallery(root, (".png",))
    found, wrong = gathered(contents, lambda content: _listed(root, content, images, masks, known))
    listed = [one for part in found for one in part[0]]
    faults += [*wrong, *(fault for part in found for fault in part[1])]
    # the contract is that of drawings: labels are names, and each segment is a shape
    drawings = [drawing for drawing, _, _ in listed]
    raise_faults(DataError, f"the masks in {root} cannot be used as they are:", faults)
    settled = settle(root, drawings, known.declared, Wishes(classes, ignore, "file", None, False, bands))
    raise_faults(DataError, f"the masks in {root} cannot be used as they are:", settled.faults)
    listed.sort(key=lambda one: SPLIT_ORDER.index(one[0].split))
    drawings = [drawing for drawing, _, _ in listed]
    pairs = tuple(Pair(drawing.image or mask, mask, drawing.split) for drawing, mask, _ in listed)
    meaning = {mask: _meaning(segments, settled.indices) for _, mask, segments in listed}
    return Pairs(
        classes=settled.classes,
        splits=splits_of([pair.split for pair in pairs]),
        notes=(*settled.notes, *_notes(drawings)),
        pairs=pairs,
        names=names_of(root, [pair.image for pair in pairs]),
        labels_of=Segments(meaning),
        bands=bands,
    )


def recognise(root: Path) -> Recognition:
    """Whether a panoptic file of COCO is here."""
    for file, text in glance(root, ".json", most=12):
        if '"segments_info"' in text:
            return Recognition(True, f"{file.name} has the segments of panoptic COCO")
    return Recognition(False, f"no JSON file with panoptic segments in {root}")


_Listed = tuple[Drawing, Path, Mapping[int, Shape]]


def _is_panoptic(content: Plain) -> bool:
    if not all(content.has(key) for key in ("images", "categories", "annotations")):
        return False
    first = next(content["annotations"].items(), None)
    return first is not None and first.has("segments_info")


def _used(contents: Sequence[Plain]) -> frozenset[int]:
    return frozenset(
        number_of(segment, "category_id") or 0
        for content in contents
        for entry in content["annotations"].items()
        for segment in entry.get("segments_info", []).items()
    )


def _listed(
    root: Path, content: Plain, images: Gallery, masks: Gallery, known: Categories
) -> tuple[list[_Listed], list[str]]:
    """Each image of a file with its mask and the segments, and what is wrong."""
    found, faults = pictures(content, images)
    split = split_by_path(root, content.file)

    def one(entry: Plain) -> _Listed:
        number = entry["image_id"].whole()
        if number not in found:
            raise entry.fault(f"image_id {number} is none of the images that were found. Export it again.")
        picture = found[number]
        mask = masks.find(f"{content.file.stem}/{entry['file_name'].text()}", content.file)
        _check_size(picture, mask)
        segments = {part["id"].whole(1): _segment(part, known) for part in entry["segments_info"].items()}
        return (
            Drawing(picture.image, picture.size, tuple(segments.values()), content.file, split),
            mask,
            segments,
        )

    listed, wrong = gathered(content["annotations"].items(), one)
    return listed, [*faults, *wrong]


def _check_size(picture: Picture, mask: Path) -> None:
    for file in (picture.image, mask):
        size = read_header(file).size
        if size != picture.size:
            raise picture.entry.fault(f"it is {picture.size}, but {file} is {size} (rows, columns).")


def _segment(part: Plain, known: Categories) -> Shape:
    number = part["category_id"].whole()
    if number not in known.names:
        raise part.fault(f"category_id {number} is none of the categories. Add it there.")
    return Shape(known.names[number], crowd=part.get("iscrowd", 0).flag(), where=part.place)


def _meaning(segments: Mapping[int, Shape], indices: Mapping[str, int]) -> Mapping[int, int]:
    counted = {n: IGNORE_INDEX if shape.crowd else indices[shape.label] for n, shape in segments.items()}
    return {0: IGNORE_INDEX, **counted}


def _notes(drawings: Sequence[Drawing]) -> list[str]:
    kinds = Counter(shape.crowd for drawing in drawings for shape in drawing.shapes)
    if not kinds[True]:
        return []
    return [f"{kinds[True]} of {kinds.total()} segments are crowds: their pixels do not count."]
