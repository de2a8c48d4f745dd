"""One folder per image, with one mask file per object: nuclei, cells, particles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.images import read_image, split_missing
from pixelwise.data.layouts.files import check_folder
from pixelwise.data.layouts.naming import SPLIT_ORDER, splits_of
from pixelwise.data.layouts.objects import Place, find_places, one_folder_per_image
from pixelwise.data.layouts.survey import check_objects
from pixelwise.data.masks.merging import merge
from pixelwise.data.reader import Recognition


@dataclass(frozen=True, slots=True)
class Folders:
    """Images whose objects have a mask file each, read when asked for; see `folders`."""

    classes: Classes
    splits: Mapping[str, Sequence[int]]
    notes: Sequence[str]
    places: tuple[Place, ...]
    names: tuple[str, ...]
    bands: int | None

    @property
    def files(self) -> tuple[Path, ...]:
        """Image file of each sample."""
        return tuple(place.images[0] for place in self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Sample:
        """One image, and its objects merged.

        Raises:
            DataError: If a file is damaged, or a mask differs in size or is not black and white.
        """
        place = self.places[index]
        image, missing = split_missing(read_image(place.images[0], bands=self.bands))
        inside = torch.from_numpy(merge(place.masks or (), (image.shape[1], image.shape[2])))
        name = self.names[index]
        if not self.classes.exclusive:
            return Sample(image, inside[None].float().masked_fill(missing, -1.0), name)
        return Sample(image, inside.long().masked_fill(missing, IGNORE_INDEX), name)


def folders(root: Path, *, planes: bool = False, bands: Annotated[int, Ge(1)] | None = None) -> Folders:
    """Images with a folder each, which holds the image and one mask file per object.

    The masks of an image are merged by maximum: a pixel is `object` where any of them is. A mask
    whose maximum is 1 counts above 0, any other above half of white. No mask file at all means
    background everywhere. Objects lose their identity: this is for semantic segmentation.

    Layout:
        With or without the level of the splits (train, val, test)::

            train/<id>/images/<id>.png     the image: any format and number of bands
            train/<id>/masks/<id>_1.png    an object: 0 and 255, 0 and 1, or 1 bit
            train/<id>/masks/<id>_2.png    another
            test/<id>/images/<id>.png      without masks: left out

        Where only train has masks, there are no splits.

    Args:
        root: Folder that holds everything.
        planes: One independent plane (sigmoid) instead of the classes background and object.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.
    """
    check_folder(root)
    places = find_places(root)
    if not places:
        raise DataError(
            f"no folders of single images in {root}. Looked for <id>/images/ with an image and <id>/masks/ "
            "with its masks, below train/, val/ and test/ or directly. Point `root` to the level above them."
        )
    labelled = [place for place in places if place.masks is not None or place.split != "test"]
    faults = _faults(root, labelled)
    faults += check_objects([(p.images[0], p.masks or ()) for p in labelled if p.images], bands)
    raise_faults(DataError, f"the data in {root} cannot be used as they are:", faults)
    labelled.sort(key=lambda place: SPLIT_ORDER.index(place.split))
    classes = Classes(("background", "object"), values=(0, 255))
    return Folders(
        classes=classes.foreground() if planes else classes,
        splits=splits_of([place.split for place in labelled]),
        notes=_notes(places, labelled),
        places=tuple(labelled),
        names=_names(root, labelled),
        bands=bands,
    )


def recognise(root: Path) -> Recognition:
    """Whether each image has a folder of its own here."""
    if not root.is_dir():
        return Recognition(False, f"{root} is no folder")
    fitting = [place for place in find_places(root) if place.of_one_image]
    if not one_folder_per_image(root):
        return Recognition(False, f"no folders <id>/images/ and <id>/masks/ with one image each in {root}")
    masks = sum(len(place.masks or ()) for place in fitting)
    return Recognition(
        True, f"{len(fitting)} folders of one image each, with {masks} masks of single objects"
    )


def _faults(root: Path, labelled: Sequence[Place]) -> list[str]:
    def said(places: Sequence[Place]) -> str:
        return listing([place.folder.relative_to(root) for place in places])

    without = [place for place in labelled if place.masks is None]
    empty = [place for place in labelled if not place.images]
    several = [place for place in labelled if len(place.images) > 1]
    faults = ["no folder has masks: only test images were found"] if not labelled else []
    if without:
        faults.append(
            f"{len(without)} of {len(labelled)} folders have an image but no folder of masks: "
            f"{said(without)}. Make an empty one where the image shows no object."
        )
    if empty:
        faults.append(f"{len(empty)} folders hold no image: {said(empty)}.")
    if several:
        faults.append(f"{len(several)} folders hold more than one image: {said(several)}. Keep one in each.")
    return faults


def _notes(places: Sequence[Place], labelled: Sequence[Place]) -> tuple[str, ...]:
    files = sum(len(place.masks or ()) for place in labelled)
    left = len(places) - len(labelled)
    bare = sum(not place.masks for place in labelled)
    notes = [
        f"{files} masks of single objects are merged into one per image: above half of white is object, "
        "and above 0 in masks whose maximum is 1."
    ]
    if bare:
        notes.append(f"{bare} images have no mask file: they are background everywhere.")
    if left:
        notes.append(f"{left} test images have no masks: left out.")
    return tuple(notes)


def _names(root: Path, labelled: Sequence[Place]) -> tuple[str, ...]:
    """The name of each folder, or its path below the root where names repeat."""
    names = [place.folder.name for place in labelled]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(place.folder.relative_to(root).as_posix() for place in labelled)
