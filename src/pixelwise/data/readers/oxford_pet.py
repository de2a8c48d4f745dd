"""Oxford-IIIT Pet: cats and dogs with trimaps."""

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge

from pixelwise.data.layouts.known import Layout
from pixelwise.data.masks.written import Contract, find_contract
from pixelwise.data.paired import Pairs, paired
from pixelwise.data.published.finding import by_stem, home_of, homes, lines_of, take, tell_alone, tell_shared
from pixelwise.data.published.objects import PET, PET_WITH_BORDER
from pixelwise.data.reader import Recognition

_LISTS = {"train": "trainval.txt", "test": "test.txt"}


def oxford_pet(
    root: Path,
    *,
    border: Literal["ignore", "class"] = "ignore",
    bands: Annotated[int, Ge(1)] | None = 3,
) -> Pairs:
    """Oxford-IIIT Pet: background and pet; the border between them does not count.

    A file of classes in the folder, as in `pairs`, goes before ours.

    Layout:
        The folder given, or one or two levels below it::

            images/Abyssinian_1.jpg
            annotations/trimaps/Abyssinian_1.png     1 pet, 2 background, 3 border
            annotations/trainval.txt                 «name class species breed» a line: the train split
            annotations/test.txt                     the test split

        Without both lists all images with a trimap are read, without splits.

    Args:
        root: Folder that holds it.
        border: Whether the border does not count, or is a class of its own, the third.
        bands: Bands of the images, some of which are grey or have a palette; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.

    Reference:
        Parkhi et al., "Cats and Dogs", CVPR 2012.
    """
    home = home_of(root, _fits, "Oxford-IIIT Pet", "images/ with annotations/trimaps/")
    contract = Contract(PET if border == "ignore" else PET_WITH_BORDER, has_values=True)
    return paired(root, _layout(home), lambda: find_contract(home, None, ()) or contract, bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether trimaps of pets are here."""
    found = homes(root, _fits)
    if not found:
        return Recognition(False, f"no folders images/ and annotations/trimaps/ in {root}")
    return Recognition(True, f"images/ and annotations/trimaps/ of pets in {found[0]}", published=True)


def _fits(folder: Path) -> bool:
    return (folder / "images").is_dir() and (folder / "annotations" / "trimaps").is_dir()


def _layout(home: Path) -> Layout:
    images, masks = by_stem(home / "images"), by_stem(home / "annotations" / "trimaps")
    layout = Layout()
    lists = {split: home / "annotations" / name for split, name in _LISTS.items()}
    listed = {split: lines_of(path, home) for split, path in lists.items() if path.is_file()}
    for split, names in listed.items():
        take(layout, split, names, images, masks, _LISTS[split])
    if not listed:
        take(layout, None, [name for name in masks if name in images], images, masks, "annotations/trimaps/")
    tell_shared(layout)
    tell_alone(layout, images, masks, "annotations/trimaps/")
    left = len(masks.keys() & images.keys()) - len(layout.pairs)
    if left:
        layout.notes.append(f"{left} images with trimaps stand in no list: left out.")
    return layout
