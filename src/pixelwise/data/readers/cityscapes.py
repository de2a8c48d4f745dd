"""Cityscapes: masks of either numbering, of instances, or polygons."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from PIL import Image, ImageDraw

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, listing
from pixelwise.data.drawings.plain import Plain, read_json
from pixelwise.data.layouts.known import Layout
from pixelwise.data.layouts.naming import SPLITS, natural
from pixelwise.data.masks.coding import Coding, Lookup
from pixelwise.data.masks.files import Mask, MaskHeader, Pixels, read_mask, read_mask_header
from pixelwise.data.masks.written import find_contract
from pixelwise.data.paired import Coded, Pairs, coded
from pixelwise.data.published.finding import folders_in, home_of, homes, take, tell_alone
from pixelwise.data.published.streets import CITYSCAPES_LABELS, LICENSE_PLATE, cityscapes_classes
from pixelwise.data.rasters.files import is_image
from pixelwise.data.reader import Recognition

_PHOTO = "_leftImg8bit"
_KINDS = ("labelIds.png", "labelTrainIds.png", "instanceIds.png", "polygons.json")
_SPLITS = {**SPLITS, "train_extra": "train"}
_LOOKED_AT = 3
_INSTANCES = 1000  # times the label, plus the number of the instance
_NUMBERS = {label.name: label.number for label in CITYSCAPES_LABELS}


def cityscapes(
    root: Path,
    *,
    quality: Literal["fine", "coarse"] = "fine",
    ignore: tuple[int, ...] = (),
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """Cityscapes: the 19 classes that are evaluated, of 34 labels; all others do not count.

    Read are, whichever most images have: labelIds, labelTrainIds, instanceIds, polygons. The colours of
    `_color.png` stand for several labels each, so these files are never read. A file of classes in the
    folder, as in `pairs`, goes before ours.

    Layout:
        The folder given, or one or two levels below it::

            leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png
            gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png        label, 255 for -1
                                                    _gtFine_labelTrainIds.png   class, 255 for others
                                                    _gtFine_instanceIds.png     label, or 1000 times it plus n
                                                    _gtFine_polygons.json       painted in their order

        Splits are the folders train, val and test (and train_extra of gtCoarse, which is for training). The
        masks of test that are given out hold no class: that split is then left out.

    Args:
        root: Folder that holds it.
        quality: The masks of gtFine, or those of gtCoarse.
        ignore: More numbers that do not count: some tools write 19 into labelTrainIds.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.

    Reference:
        Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", 2016,
        arXiv:1604.01685.
    """
    folder = f"gt{quality.capitalize()}"
    home = home_of(root, lambda here: _fits(here, folder), "Cityscapes", f"leftImg8bit/ with {folder}/")
    photos = _files(home / "leftImg8bit", _PHOTO, "")
    kinds = {
        kind: _files(home / folder, f"_{folder}_{Path(kind).stem}", Path(kind).suffix) for kind in _KINDS
    }
    kind = max(_KINDS, key=lambda kind: len(kinds[kind].keys() & photos.keys()))
    masks = _masks(kind, home, ignore)
    layout = Layout(notes=[f"the masks are those of {folder}_{kind}."])
    for name in folders_in(home / "leftImg8bit"):
        here = [key for key in photos if Path(key).parts[0] == name.name]
        take(layout, _SPLITS.get(name.name.lower()), here, photos, kinds[kind], f"{name.name}/")
    tell_alone(layout, photos, kinds[kind], f"{folder}/")
    _leave_out_void_test(layout, masks)
    return coded(root, layout, masks, bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether Cityscapes is here."""
    for folder in ("gtFine", "gtCoarse"):
        found = homes(root, lambda here, folder=folder: _fits(here, folder))
        if found:
            fine = folder == "gtFine"
            more = "" if fine else "; name the reader and quality=coarse to use it"
            reason = f"leftImg8bit/ and {folder}/ of Cityscapes in {found[0]}{more}"
            return Recognition(fine, reason, published=fine)
    return Recognition(False, f"no folders leftImg8bit/ and gtFine/ in {root}")


def _fits(folder: Path, masks: str) -> bool:
    return (folder / "leftImg8bit").is_dir() and (folder / masks).is_dir()


def _files(folder: Path, ending: str, suffix: str) -> dict[str, Path]:
    """Files of all splits and cities by split, city and name without the ending."""
    found = sorted(folder.glob(f"*/*/*{ending}{suffix or '.*'}"), key=lambda file: natural(str(file)))
    kept = [file for file in found if suffix == ".json" or is_image(file)]
    return {(f.parent.relative_to(folder) / f.stem.removesuffix(ending)).as_posix(): f for f in kept}


def _masks(kind: str, home: Path, ignore: Sequence[int]) -> Coded:
    """How masks of this kind are read; a file of classes goes before ours."""
    written = find_contract(home, None, ignore)
    if written is None:
        known = cityscapes_classes(by_train=kind == "labelTrainIds.png")
        classes = replace(known, ignored=tuple(dict.fromkeys((*known.ignored, *ignore))))
    else:
        classes = written.classes
    lookup = Lookup(classes, Coding())
    if kind == "instanceIds.png":
        return Coded(classes, partial(_of_instances, lookup))
    if kind == "polygons.json":
        return Coded(classes, partial(_of_polygons, lookup), _polygons_header)
    return Coded(classes, lookup.of_file, read_mask_header)


def _of_instances(lookup: Lookup, path: Path) -> Pixels:
    mask = read_mask(path)
    pixels = mask.pixels.astype(np.int64)
    numbers = np.where(pixels < _INSTANCES, pixels, pixels // _INSTANCES)
    return lookup(replace(mask, pixels=numbers), path)


def _of_polygons(lookup: Lookup, path: Path) -> Pixels:
    """Polygons painted by Pillow, as Cityscapes' own masks were, so that they equal them."""
    content = read_json(path)
    rows, columns = content.size("imgHeight", "imgWidth")
    canvas = Image.new("L", (columns, rows), _NUMBERS["unlabeled"])
    pen = ImageDraw.Draw(canvas)
    for drawn in content["objects"].items():
        number = None if drawn.get("deleted", 0).flag() else _number(drawn)
        if number is not None:
            points = drawn["polygon"].points(2)[:, ::-1]
            pen.polygon([(float(column), float(row)) for column, row in points], fill=number)
    return lookup(Mask(np.asarray(canvas), "values"), path)


def _number(drawn: Plain) -> int | None:
    """The label's number; None for what is never painted."""
    name = drawn["label"].text()
    bare = name if name in _NUMBERS else name.removesuffix("group")
    if bare == LICENSE_PLATE:
        return None
    if bare not in _NUMBERS:
        raise drawn["label"].fault(f"{name!r} is no label of Cityscapes. Known: {listing(_NUMBERS, 40)}.")
    return _NUMBERS[bare]


def _polygons_header(path: Path) -> MaskHeader:
    return MaskHeader(read_json(path).size("imgHeight", "imgWidth"), "values", lossy=False)


def _leave_out_void_test(layout: Layout, masks: Coded) -> None:
    """Drop a test split whose masks hold no class at all, as far as the first few tell."""
    test = [pair for pair in layout.pairs if pair.split == "test"]
    try:
        void = all((masks.labels_of(pair.mask) == IGNORE_INDEX).all() for pair in test[:_LOOKED_AT])
    except DataError:
        return  # told with all others when the samples are read
    if test and void:
        layout.pairs = [pair for pair in layout.pairs if pair.split != "test"]
        layout.notes.append(f"the masks of {len(test)} test images hold no class: left out.")
