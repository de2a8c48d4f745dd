"""Images and masks that belong together by their names or by lists: what most people have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from annotated_types import Ge
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.images import read_image, split_missing
from pixelwise.data.layouts.files import image_files
from pixelwise.data.layouts.known import LAYOUTS, Layout, Names, Pair, find_layout
from pixelwise.data.layouts.lists import apply_lists
from pixelwise.data.layouts.naming import SPLIT_ORDER, splits_of
from pixelwise.data.layouts.objects import one_folder_per_image
from pixelwise.data.layouts.survey import survey
from pixelwise.data.masks.coding import Lookup
from pixelwise.data.masks.contract import settle
from pixelwise.data.masks.files import read_mask
from pixelwise.data.masks.written import Contract, find_contract
from pixelwise.data.reader import Recognition


@dataclass(frozen=True, slots=True)
class Pairs:
    """Images with masks, read when asked for; see `pairs`."""

    classes: Classes
    splits: Mapping[str, Sequence[int]]
    notes: Sequence[str]
    pairs: tuple[Pair, ...]
    names: tuple[str, ...]
    lookup: Lookup
    bands: int | None

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        """One image and its labels.

        Raises:
            DataError: If a file is damaged, or the mask holds what is no class; the file is named.
        """
        pair = self.pairs[index]
        image, missing = split_missing(read_image(pair.image, bands=self.bands))
        labels = torch.from_numpy(self.lookup(read_mask(pair.mask), pair.mask))
        if labels.shape != image.shape[1:]:
            raise DataError(
                f"{pair.image} and {pair.mask} differ in size. The image is {tuple(image.shape[1:])}, "
                f"the mask {tuple(labels.shape)} (rows, columns). Replace one of them."
            )
        if missing.any():
            labels[missing] = IGNORE_INDEX
        return Sample(
            image,
            labels if self.classes.exclusive else as_planes(labels, len(self.classes)),
            self.names[index],
        )


def pairs(
    root: Path,
    *,
    images: str | None = None,
    masks: str | None = None,
    suffix: str | None = None,
    classes: Path | None = None,
    ignore: tuple[int, ...] = (),
    planes: bool = False,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """Images and masks of the same names, in folders side by side, in one folder, or by lists.

    Names pair by their stem, so that extensions may differ; masks may carry a suffix. Pixels where
    a floating image has no finite value become 0 and do not count. What is not told is concluded
    from all masks, said in `notes`, and refused where it is in doubt.

    Layout:
        Any of these; `labels`, `annotations`, `gt` and more are understood for `masks`::

            images/a.jpg         train/images/a.jpg    train/a.png         a.jpg         train.txt
            masks/a.png          train/masks/a.png     trainannot/a.png    a_mask.png    val.txt

        Lists have lines «image mask», of which only the ends of the paths need be right, or one name
        a line. Splits are those of lists, else of folders called train, val(id) and test (where there is
        train only, there are none); test images without masks are left out.

        Images: PNG, JPEG, GIF, BMP, WebP, TIFF, .npy; any number of bands, 8 or 16 bits or floating.
        Masks: one number per pixel (1 to 16 bits, or three equal channels), a palette (its index is
        the number), or colours. Never JPEG. classes.yaml, classes.csv (id,name,r,g,b) or
        label_colors.txt (R G B name) in the folder say what they mean; a class called void,
        unlabelled, ignore or unknown in the last two does not count. Without them: 0 and 255 are
        background and foreground, 0 to k are classes, 255 besides does not count, other values and up
        to 32 colours are classes named after themselves.

    Args:
        root: Folder that holds everything.
        images: Name of the folders of images, if it is not a usual one.
        masks: Name of the folders of masks, if it is not a usual one.
        suffix: What the names of masks have in addition, like `_mask`.
        classes: File of classes that is not in `root` or has another name.
        ignore: Values in masks that do not count.
        planes: Independent planes (sigmoid) of all classes but the first; binary masks give one.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, left over, unreadable or contradictory.
    """
    layout = _layout(root, Names(images, masks, suffix))
    found = sorted(layout.pairs, key=lambda pair: SPLIT_ORDER.index(pair.split))
    looked = survey(found, bands)
    faults = [*layout.faults, *looked.faults]
    written: Contract | None = None
    try:
        written = find_contract(root, classes, ignore)
    except DataError as error:
        faults.append(str(error))
    raise_faults(DataError, f"the data in {root} cannot be used as they are:", faults)
    contract, lookup = settle(written, [pair.mask for pair in found], looked.masks, ignore)
    independent = planes or contract.planes
    return Pairs(
        classes=contract.classes.foreground() if independent else contract.classes,
        splits=splits_of([pair.split for pair in found]),
        notes=(*layout.notes, *looked.notes, *contract.notes),
        pairs=tuple(found),
        names=_names(root, found),
        lookup=lookup,
        bands=bands,
    )


def recognise(root: Path) -> Recognition:
    """Whether images and masks pair here."""
    try:
        if one_folder_per_image(root):
            return Recognition(False, "each image has a folder of its own, which is the layout of 'folders'")
        layout = _layout(root, Names())
    except DataError as error:
        return Recognition(False, str(error))
    if not layout.pairs:
        return Recognition(False, layout.faults[0])
    return Recognition(True, "; ".join(layout.manners))


def as_planes(labels: Int[Tensor, "h w"], num_planes: int) -> Float[Tensor, "k h w"]:
    """One plane for every class but the first, -1 where the label does not count."""
    wanted = torch.arange(1, num_planes + 1)
    found = (labels == wanted[:, None, None]).float()
    return found.masked_fill(labels == IGNORE_INDEX, -1.0)


def _layout(root: Path, names: Names) -> Layout:
    """What is found, with a fault if it is nothing."""
    files = image_files(root)
    layout = apply_lists(root, files, find_layout(files, names))
    if not layout.pairs and not layout.faults:
        number = sum(len(here) for here in files.values())
        layout.faults.append(
            f"{number} image files, but no image has a mask. Looked for {LAYOUTS}. "
            "Rename, or tell names with images=, masks= and suffix=."
        )
    return layout


def _names(root: Path, found: Sequence[Pair]) -> tuple[str, ...]:
    """The stem of each image, or its path below the root where stems repeat."""
    stems = [pair.image.stem for pair in found]
    if len(set(stems)) == len(stems):
        return tuple(stems)
    paths = [pair.image.relative_to(root) for pair in found]
    bare = [path.with_suffix("").as_posix() for path in paths]
    return tuple(bare if len(set(bare)) == len(bare) else [path.as_posix() for path in paths])
