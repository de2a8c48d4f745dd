"""ADE20K: the 150 classes of the scene parsing challenge, or the objects of the full data set."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from pixelwise.core.errors import DataError
from pixelwise.data.layouts.known import Layout, Names
from pixelwise.data.layouts.whole import layout_of
from pixelwise.data.masks.written import Contract, find_contract
from pixelwise.data.paired import Pairs, coded, paired
from pixelwise.data.published.ade20k_full import full_layout, full_masks
from pixelwise.data.published.ade20k_names import CHALLENGE
from pixelwise.data.published.finding import home_of, homes
from pixelwise.data.reader import Recognition

_OTHER = 0  # number of what is none of the 150


def ade20k(
    root: Path,
    *,
    other: Literal["ignore", "class"] = "ignore",
    most: Annotated[int, Ge(2), Le(254)] = 150,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """ADE20K, as the challenge gave it out, or whole.

    Of the challenge, 0 is what is none of the 150 classes, which are numbered from 1. Of the full data set
    the objects of most pixels become classes, by `most`, and all others do not count; parts of objects are
    not read. A file of classes beside the challenge's images, as in `pairs`, goes before ours.

    Layout:
        The folder given, or one or two levels below it::

            images/training/ADE_train_00000001.jpg         images/.../training/.../ADE_train_00000001.jpg
            annotations/training/ADE_train_00000001.png                            ADE_train_00000001_seg.png
            images/validation/ ...                                                 ADE_train_00000001.json

        Left: the challenge, 0 to 150. Right: the full one, whose object is 256 (R div 10) + G; the names
        stand in the JSON files, or in `_atr.txt` of older releases.

    Args:
        root: Folder that holds it.
        other: Whether what is none of the 150 does not count, or is a class of its own, the first.
        most: How many objects of the full data set become classes.
        bands: Bands wanted where images differ; see `read_image`. A few images are grey: give 3.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.

    Reference:
        Zhou et al., "Scene Parsing through ADE20K Dataset", CVPR 2017.
    """
    found = homes(root, _fits)
    if not found and (layout := full_layout(root)).pairs:
        return coded(root, layout, full_masks(layout.pairs, most), bands=bands)
    home = home_of(root, _fits, "ADE20K", "images/ and annotations/ with ADE_*, or *_seg.png")
    layout = layout_of(home, Names())
    return paired(root, layout, lambda: find_contract(home, None, ()) or _challenge(other), bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether ADE20K is here, in either form."""
    found = homes(root, _fits)
    if found:
        return Recognition(
            True, f"images and annotations of ADE20K's challenge in {found[0]}", published=True
        )
    try:
        layout = full_layout(root) if root.is_dir() else Layout()
    except (DataError, OSError) as error:
        return Recognition(False, str(error))
    if not layout.pairs:
        return Recognition(False, f"no images/ and annotations/ with ADE_*, and no *_seg.png in {root}")
    return Recognition(True, layout.manners[0], published=True)


def _fits(folder: Path) -> bool:
    """Whether it holds images and annotations that are named like those of the challenge."""
    below = (folder / "images" / split for split in ("training", "validation"))
    named = any(next(images.glob("ADE_*"), None) is not None for images in below if images.is_dir())
    return named and (folder / "annotations").is_dir()


def _challenge(other: Literal["ignore", "class"]) -> Contract:
    if other == "ignore":
        return Contract(CHALLENGE, has_values=True)
    black = (0, 0, 0)
    classes = replace(
        CHALLENGE,
        names=("other", *CHALLENGE.names),
        colours=(black, *CHALLENGE.colours),
        values=(_OTHER, *CHALLENGE.values),
        ignored=(),
    )
    return Contract(classes, has_values=True)
