"""Samples of an image file and a mask file each, whatever the masks are coded in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.drawings.gallery import names_of
from pixelwise.data.layouts.known import Layout, Pair
from pixelwise.data.layouts.naming import SPLIT_ORDER, splits_of
from pixelwise.data.layouts.survey import survey
from pixelwise.data.masks.contract import settle
from pixelwise.data.masks.files import MaskHeader, Pixels, read_mask_header
from pixelwise.data.masks.written import Contract
from pixelwise.data.placed import read_placed


@dataclass(frozen=True, slots=True)
class Pairs:
    """Images with masks, read when asked for.

    Attributes:
        classes: What the labels mean.
        splits: Sample numbers of the splits that the data bring along.
        notes: What was understood without being told.
        pairs: The files of each sample.
        names: Unique name of each sample.
        labels_of: Reads a mask file as class indices, int64, `IGNORE_INDEX` where they do not count.
        bands: Bands wanted; see `read_image`.
    """

    classes: Classes
    splits: Mapping[str, Sequence[int]]
    notes: Sequence[str]
    pairs: tuple[Pair, ...]
    names: tuple[str, ...]
    labels_of: Callable[[Path], Pixels]
    bands: int | None

    @property
    def files(self) -> tuple[Path, ...]:
        """Image file of each sample."""
        return tuple(pair.image for pair in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        """One image and its labels; pixels that were never measured do not count.

        Raises:
            DataError: If a file is damaged, or the mask holds what is no class; the file is named.
        """
        pair = self.pairs[index]
        image, missing, place = read_placed(pair.image, bands=self.bands)
        labels = torch.from_numpy(self.labels_of(pair.mask))
        if labels.shape != image.shape[1:]:
            raise DataError(
                f"{pair.image} and {pair.mask} differ in size. The image is {tuple(image.shape[1:])}, "
                f"the mask {tuple(labels.shape)} (rows, columns). Replace one of them."
            )
        if missing.any():
            labels = labels.masked_fill(missing, IGNORE_INDEX)
        if not self.classes.exclusive:
            return Sample(image, as_planes(labels, len(self.classes)), self.names[index], place)
        return Sample(image, labels, self.names[index], place)


@dataclass(frozen=True, slots=True)
class Coded:
    """How the masks of a data set are read where they are no plain mask files.

    Attributes:
        classes: What the labels mean.
        labels_of: As in `Pairs`.
        header_of: Size of a mask file, told without decoding more than is needed.
        notes: What was understood without being told.
    """

    classes: Classes
    labels_of: Callable[[Path], Pixels]
    header_of: Callable[[Path], MaskHeader] = read_mask_header
    notes: tuple[str, ...] = ()


def paired(
    root: Path,
    layout: Layout,
    written: Callable[[], Contract | None],
    *,
    ignore: Sequence[int] = (),
    planes: bool = False,
    bands: int | None = None,
    object_name: str = "foreground",
) -> Pairs:
    """A reader of image files and mask files, after all that can be checked was checked.

    Args:
        root: Folder below which the files are.
        layout: The pairs, and what does not fit.
        written: Finds what the numbers in masks mean; None if it is to be concluded from them.
        ignore: Values in masks that do not count.
        planes: Independent planes of all classes but the first.
        bands: As in `read_image`.
        object_name: Name of the second of two classes that nobody named.

    Raises:
        DataError: Telling everything that is missing, left over, unreadable or contradictory.
    """
    found, headers, notes, faults = _looked_at(layout, bands, read_mask_header)
    contract: Contract | None = None
    try:
        contract = written()
    except DataError as error:
        faults.append(str(error))
    raise_faults(DataError, f"the data in {root} cannot be used as they are:", faults)
    try:
        settled, lookup = settle(
            contract, [pair.mask for pair in found], headers, ignore, object_name=object_name
        )
    except DataError as error:
        raise DataError(f"the masks in {root} cannot be used as they are:\n  {error}") from error
    independent = planes or settled.planes
    return _reader(
        root,
        found,
        settled.classes.foreground() if independent else settled.classes,
        lookup.of_file,
        (*notes, *settled.notes),
        bands,
    )


def coded(root: Path, layout: Layout, masks: Coded, *, bands: int | None = None) -> Pairs:
    """A reader of image files and of masks that only their own reader can decode.

    Raises:
        DataError: Telling everything that is missing, left over or unreadable.
    """
    found, _, notes, faults = _looked_at(layout, bands, masks.header_of)
    raise_faults(DataError, f"the data in {root} cannot be used as they are:", faults)
    return _reader(root, found, masks.classes, masks.labels_of, (*notes, *masks.notes), bands)


def as_planes(labels: Int[Tensor, "h w"], num_planes: int) -> Float[Tensor, "k h w"]:
    """One plane for every class but the first, -1 where the label does not count."""
    wanted = torch.arange(1, num_planes + 1)
    found = (labels == wanted[:, None, None]).float()
    return found.masked_fill(labels == IGNORE_INDEX, -1.0)


def _looked_at(
    layout: Layout, bands: int | None, header_of: Callable[[Path], MaskHeader]
) -> tuple[list[Pair], tuple[MaskHeader, ...], tuple[str, ...], list[str]]:
    """The pairs in order of their splits, the headers of their masks, notes, and every fault."""
    found = sorted(layout.pairs, key=lambda pair: SPLIT_ORDER.index(pair.split))
    looked = survey(found, bands, header_of)
    faults = [*layout.faults, *looked.faults]
    if not found and not faults:
        faults.append("no image has a mask.")
    return found, looked.masks, (*layout.notes, *looked.notes), faults


def _reader(
    root: Path,
    found: Sequence[Pair],
    classes: Classes,
    labels_of: Callable[[Path], Pixels],
    notes: tuple[str, ...],
    bands: int | None,
) -> Pairs:
    return Pairs(
        classes=classes,
        splits=splits_of([pair.split for pair in found]),
        notes=notes,
        pairs=tuple(found),
        names=names_of(root, [pair.image for pair in found]),
        labels_of=labels_of,
        bands=bands,
    )
