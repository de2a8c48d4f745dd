"""Masks of PASCAL VOC, and of tools that export its layout."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, listing
from pixelwise.core.palette import Colour
from pixelwise.data.layouts.known import Layout
from pixelwise.data.layouts.naming import SPLITS
from pixelwise.data.masks.written import VOID_NAMES, Contract, find_contract
from pixelwise.data.paired import Pairs, paired
from pixelwise.data.published.finding import by_stem, home_of, homes, lines_of, take, tell_alone, tell_shared
from pixelwise.data.published.objects import VOC, VOC_VOID, voc_palette
from pixelwise.data.reader import Recognition
from pixelwise.data.texts import read_text

_AUGMENTED = ("trainaug", "train_aug")
_MASKS = "SegmentationClass"


def voc(root: Path, *, augmented: bool = False, bands: Annotated[int, Ge(1)] | None = None) -> Pairs:
    """PASCAL VOC: 20 classes and background; 255, the rim of objects, does not count.

    Tools that export VOC write their own classes into labelmap.txt, and often colours instead of a palette;
    both are read. A file of classes in the folder, as in `pairs`, goes before either.

    Layout:
        The folder given, or one or two levels below it; there must be one::

            JPEGImages/2007_000032.jpg
            SegmentationClass/2007_000032.png      palette: the index is the class; or colours
            SegmentationClassAug/2007_000032.png   the same and those of SBD, grey
            ImageSets/Segmentation/train.txt       names, one a line; val.txt, test.txt
            labelmap.txt                           name:r,g,b:parts:actions, if the classes are others

        Lists of other names (trainval.txt, default.txt) are read where there is none of a split, and give
        samples without a split; without any list all masks are read. Test images without masks are left out.

    Args:
        root: Folder that holds it.
        augmented: Read SegmentationClassAug. Its training images are those of trainaug.txt or, where that is
            missing, all that are in no other list.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.

    Reference:
        Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", IJCV 2010; Hariharan et al.,
        "Semantic Contours from Inverse Detectors", ICCV 2011 (SBD).
    """
    folder = f"{_MASKS}Aug" if augmented else _MASKS
    home = home_of(root, lambda here: _fits(here, folder), "PASCAL VOC", f"JPEGImages/ and {folder}/")
    return paired(root, _layout(home, folder, augmented), lambda: _contract(root, home), bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether masks of VOC are here."""
    for folder in (_MASKS, f"{_MASKS}Aug"):
        found = homes(root, lambda here, folder=folder: _fits(here, folder))
        if len(found) == 1:
            usual = folder == _MASKS
            more = "" if usual else "; name the reader and augmented=true to use it"
            reason = f"JPEGImages/ and {folder}/ of VOC in {found[0]}{more}"
            return Recognition(usual, reason, published=usual)
        if found:
            return Recognition(False, f"VOC is here {len(found)} times: {listing(found)}; give one of them")
    return Recognition(False, f"no folders JPEGImages/ and {_MASKS}/ in {root}")


def _fits(folder: Path, masks: str) -> bool:
    return (folder / "JPEGImages").is_dir() and (folder / masks).is_dir()


def _layout(home: Path, folder: str, augmented: bool) -> Layout:
    images, masks = by_stem(home / "JPEGImages"), by_stem(home / folder)
    layout = Layout()
    listed = _lists(home, list(masks), augmented)
    for split, names in listed.items():
        where = f"{split}.txt" if split else f"{folder}/"
        take(layout, split, names, images, masks, where)
    tell_shared(layout)
    tell_alone(layout, images, masks, f"{folder}/")
    left = masks.keys() & images.keys() - {name for names in listed.values() for name in names}
    if left:
        layout.notes.append(f"{len(left)} images with masks stand in no list: left out.")
    return layout


def _lists(home: Path, masks: Sequence[str], augmented: bool) -> Mapping[str | None, list[str]]:
    """Names by split; None for those without."""
    files = [
        path for path in sorted((home / "ImageSets" / "Segmentation").glob("*.txt")) if lines_of(path, home)
    ]
    named = {path.stem.lower(): path for path in files}
    splits: dict[str | None, list[str]] = {
        split: lines_of(named[split], home) for split in ("train", "val", "test") if split in named
    }
    for stem, path in named.items():
        if stem in SPLITS:
            splits.setdefault(SPLITS[stem], lines_of(path, home))
    if augmented and splits:
        own = next((lines_of(named[name], home) for name in _AUGMENTED if name in named), None)
        others = {name for split in ("val", "test") for name in splits.get(split, ())}
        splits["train"] = own or [name for name in masks if name not in others]
    if splits:
        return splits
    others = [name for path in files for name in lines_of(path, home)]
    return {None: list(dict.fromkeys(others)) or list(masks)}


def _contract(root: Path, home: Path) -> Contract:
    written = find_contract(home, None, ()) or find_contract(root, None, ())
    if written is not None:
        return written
    return _labelmap(home / "labelmap.txt") if (home / "labelmap.txt").is_file() else VOC


def _labelmap(path: Path) -> Contract:
    """The classes that a tool wrote beside its export, numbered from 0.

    Raises:
        DataError: If a line is none, with its number.
    """
    rows: list[tuple[str, Colour]] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        try:
            rows.append((name.strip(), _colour(rest.partition(":")[0], len(rows))))
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {line!r} is not «name:r,g,b:parts:actions».") from error
    counted = {value: row for value, row in enumerate(rows) if row[0].lower() not in VOID_NAMES}
    try:
        classes = Classes(
            names=tuple(name for name, _ in counted.values()),
            colours=tuple(colour for _, colour in counted.values()),
            values=tuple(counted),
            ignored=(*(value for value in range(len(rows)) if value not in counted), 255),
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    void = [colour for value, (_, colour) in enumerate(rows) if value not in counted]
    note = f"{path.name} names {len(classes)} classes: {listing(classes.names, 12)}."
    return Contract(classes, (*void, VOC_VOID), has_colours=True, has_values=True, notes=(note,))


def _colour(text: str, index: int) -> Colour:
    if not text.strip():
        return voc_palette(index + 1)[index]
    red, green, blue = (int(part) for part in text.split(","))
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise ValueError(text)
    return red, green, blue
