"""CamVid: 32 colours, or the 11 classes that SegNet made of them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from pixelwise.core.errors import DataError
from pixelwise.data.layouts.files import image_files
from pixelwise.data.layouts.known import Layout, Names, Pair
from pixelwise.data.layouts.lists import apply_lists
from pixelwise.data.layouts.naming import split_of
from pixelwise.data.layouts.whole import layout_of
from pixelwise.data.masks.coding import Coding, Lookup
from pixelwise.data.masks.files import GREY_STEP, Pixels, read_mask
from pixelwise.data.masks.written import FILES, Contract, find_contract
from pixelwise.data.paired import Coded, Pairs, coded, paired
from pixelwise.data.published.streets import CAMVID, CAMVID_11, CAMVID_GROUPS
from pixelwise.data.reader import Recognition

_FRAME = re.compile(r"(0001TP|0006R0|0016E5|Seq05VD)_f?\d+(_L)?")  # four drives, and the number of the frame
_COLOURS = ("label_colors.txt", "label_colours.txt")
_LOOKED_AT = 3


def camvid(
    root: Path, *, classes: Literal[11, 32] | None = None, bands: Annotated[int, Ge(1)] | None = None
) -> Pairs:
    """CamVid: street scenes of four drives; void does not count.

    Masks of colours have 32 classes, void among them, or 11 if wished: walls and bridges become buildings,
    lane markings road, trucks cars, children pedestrians and so on. Masks of numbers have the 11.

    Layout:
        Of the data set itself, or any layout of `pairs`; lists make splits as they do there::

            701_StillsRaw_full/0001TP_006690.png       train/0001TP_006690.png
            LabeledApproved_full/0001TP_006690_L.png   trainannot/0001TP_006690.png
            label_colors.txt                           train.txt   «image mask» a line

        Left: RGB, whose colours label_colors.txt lists («R G B name»; known where it is missing). Right:
        SegNet's, 0 to 10 and 11 for void.

    Args:
        root: Folder that holds everything.
        classes: 11 or 32; as many as the masks have by default.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory, and if 32 classes are
            wanted of masks that have 11.

    Reference:
        Brostow, Fauqueur & Cipolla, "Semantic Object Classes in Video", 2009; the 11 classes of
        Badrinarayanan, Kendall & Cipolla, "SegNet", 2015, arXiv:1511.00561.
    """
    layout = _layout(root)
    if not _coloured(layout):
        if classes == 32:
            raise DataError(
                f"the masks in {root} are numbers of 11 classes, not 32 colours. Give classes=11."
            )
        contract = Contract(CAMVID_11, has_values=True)
        return paired(root, layout, lambda: contract, bands=bands)
    written = next(
        (find_contract(root, root / name, ()) for name in _COLOURS if (root / name).is_file()), None
    )
    if classes != 11:
        return paired(root, layout, lambda: written or CAMVID, bands=bands)
    lookup = Lookup(CAMVID.classes, Coding(by_colour=True), CAMVID.ignored_colours)
    note = "the 32 classes are put together to 11, as SegNet has them."
    return coded(root, layout, Coded(CAMVID_11, Grouped(lookup), notes=(note,)), bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether frames of CamVid are here, whose classes no file tells."""
    try:
        told = next((name for name in FILES if name not in _COLOURS and (root / name).is_file()), None)
        layout = _layout(root)
    except (DataError, OSError) as error:
        return Recognition(False, str(error))
    if not layout.pairs or not all(_FRAME.fullmatch(pair.image.stem) for pair in layout.pairs):
        return Recognition(False, f"no images with masks in {root} that are named like frames of CamVid")
    if told:
        return Recognition(False, f"{told} says what the masks mean, which 'pairs' obeys")
    return Recognition(True, f"{len(layout.pairs)} frames of CamVid with masks", published=True)


@dataclass(frozen=True, slots=True)
class Grouped:
    """Reads masks of 32 colours as the 11 classes."""

    lookup: Lookup

    def __call__(self, path: Path) -> Pixels:
        """The index among the 11 of each pixel, 255 for void."""
        group_of = {name: index for index, names in enumerate(CAMVID_GROUPS.values()) for name in names}
        table = np.full(256, 255)
        table[: len(CAMVID.classes)] = [group_of[name] for name in CAMVID.classes.names]
        return table[self.lookup.of_file(path)]


def _layout(root: Path) -> Layout:
    """The layout of `pairs`, else masks with `_L` behind the name of their frame, wherever they lie."""
    layout = layout_of(root, Names())
    if layout.pairs:
        return layout
    files = image_files(root)
    all_files = [file for here in files.values() for file in here]
    frames = {file.stem: file for file in all_files if not file.stem.endswith("_L")}
    masks = {file.stem.removesuffix("_L"): file for file in all_files if file.stem.endswith("_L")}
    found = Layout(manners=["masks with _L behind the name of their frame"])
    found.pairs = [
        Pair(frames[name], mask, split_of(frames[name].relative_to(root).parts))
        for name, mask in masks.items()
        if name in frames
    ]
    alone = sorted(masks.keys() - frames.keys())
    if alone:
        found.faults.append(f"{len(alone)} masks have no image. Alone: {', '.join(alone[:5])}.")
    if len(frames) > len(found.pairs):
        found.notes.append(f"{len(frames) - len(found.pairs)} frames have no mask: left out.")
    return apply_lists(root, files, found) if found.pairs else layout


def _coloured(layout: Layout) -> bool:
    """Whether masks hold colours, as the first few tell; what cannot be read is told later."""
    for pair in layout.pairs[:_LOOKED_AT]:
        try:
            mask = read_mask(pair.mask)
        except DataError:
            continue
        if mask.kind == "colours" and (mask.pixels % GREY_STEP).any():
            return True
    return False
