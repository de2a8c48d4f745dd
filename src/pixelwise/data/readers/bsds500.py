"""BSDS500: boundaries that several people drew in each image."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeGuard, cast

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, listing
from pixelwise.data.layouts.known import Layout
from pixelwise.data.masks.files import MaskHeader, Pixels
from pixelwise.data.paired import Coded, Pairs, coded
from pixelwise.data.published.finding import by_stem, home_of, homes, take, tell_alone
from pixelwise.data.published.matlab import read_matlab
from pixelwise.data.published.objects import BOUNDARY
from pixelwise.data.reader import Recognition

_SPLITS = ("train", "val", "test")


def bsds500(
    root: Path,
    *,
    annotator: Annotated[int, Ge(0)] | None = None,
    agree: Annotated[float, Gt(0), Le(1)] = 0.5,
    bands: Annotated[int, Ge(1)] | None = None,
) -> Pairs:
    """BSDS500: one independent plane (sigmoid), the boundaries between regions.

    The people who drew do not agree. By default a pixel is boundary where at least half of them drew one,
    is none where nobody did, and does not count in between. Regions have no classes, so they are not read.

    Layout:
        The folder given, or one or two levels below it::

            images/train/100075.jpg
            groundTruth/train/100075.mat     groundTruth: a cell per annotator, {Segmentation, Boundaries}
            images/val/ ...   images/test/ ...

    Args:
        root: Folder that holds it, such as BSR/BSDS500/data.
        annotator: Read the boundaries of this one alone, counted from 0.
        agree: Share of the annotators who must have drawn a boundary.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or of another size.

    Reference:
        Arbelaez et al., "Contour Detection and Hierarchical Image Segmentation", PAMI 2011; pixels that few
        annotators drew are left out as in Xie & Tu, "Holistically-Nested Edge Detection", 2015,
        arXiv:1504.06375, section 4.1.
    """
    home = home_of(root, _fits, "BSDS500", "images/ and groundTruth/ with train/, val/ and test/")
    layout = Layout()
    for split in _SPLITS:
        images = by_stem(home / "images" / split)
        masks = by_stem(home / "groundTruth" / split, kind=lambda file: file.suffix == ".mat")
        take(layout, split, list(images), images, masks, f"{split}/")
        tell_alone(layout, images, masks, f"{split}/")
    note = (
        f"a pixel is boundary where at least {agree:.0%} of the annotators drew one; where fewer did, it "
        "does not count."
        if annotator is None
        else f"boundaries are those of annotator {annotator}."
    )
    masks = Coded(BOUNDARY, Drawn(annotator, agree), partial(_header, annotator), (note,))
    return coded(root, layout, masks, bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether BSDS500 is here."""
    found = homes(root, _fits)
    if not found:
        return Recognition(False, f"no images/ and groundTruth/ with .mat files in {root}")
    return Recognition(True, f"images/ and groundTruth/ of BSDS500 in {found[0]}", published=True)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Reads boundaries: of one annotator, or where enough of them agree."""

    annotator: int | None
    agree: float

    def __call__(self, path: Path) -> Pixels:
        """1 for boundary, 0 for none, 255 where too few drew one."""
        drawn = _boundaries(path)
        if self.annotator is not None:
            return _of(drawn, self.annotator, path).astype(np.int64)
        share = np.mean(drawn, axis=0)
        return np.where(share >= self.agree, 1, np.where(share > 0, IGNORE_INDEX, 0)).astype(np.int64)


def _fits(folder: Path) -> bool:
    truth = folder / "groundTruth"
    return (folder / "images").is_dir() and any(next((truth / s).glob("*.mat"), None) for s in _SPLITS)


def _header(annotator: int | None, path: Path) -> MaskHeader:
    drawn = _boundaries(path)
    chosen = drawn[0] if annotator is None else _of(drawn, annotator, path)
    return MaskHeader((chosen.shape[0], chosen.shape[1]), "values", lossy=False)


def _of(drawn: list[NDArray[np.bool_]], annotator: int, path: Path) -> NDArray[np.bool_]:
    if annotator >= len(drawn):
        raise DataError(
            f"{path} has no annotator {annotator}. {len(drawn)} people drew it, counted from 0. "
            "Leave annotator= out to join them."
        )
    return drawn[annotator]


def _boundaries(path: Path) -> list[NDArray[np.bool_]]:
    """What each annotator drew.

    Raises:
        DataError: If the file is damaged or holds something else.
    """
    people = read_matlab(path).get("groundTruth")
    found = [person[0].get("Boundaries") for person in people] if _are_people(people) else []
    drawn = [np.asarray(pixels) != 0 for pixels in found if isinstance(pixels, np.ndarray)]
    if (
        not drawn
        or len(drawn) < len(found)
        or any(one.ndim != 2 or one.shape != drawn[0].shape for one in drawn)
    ):
        raise DataError(
            f"{path} is no truth of BSDS500. It holds {len(drawn)} drawings, of sizes "
            f"{listing([one.shape for one in drawn])}. A cell `groundTruth` of structures with `Boundaries` "
            "of one size is wanted. Replace the file."
        )
    return drawn


def _are_people(value: object) -> TypeGuard[list[list[dict[str, Any]]]]:
    """Whether it is a list of cells that hold a structure each."""
    if not isinstance(value, list):
        return False
    return all(isinstance(c, list) and c and isinstance(c[0], dict) for c in cast("list[Any]", value))
