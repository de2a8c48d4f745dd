"""The reader of all labelling tools: drawings in, samples out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.core.place import Place
from pixelwise.core.sample import Sample
from pixelwise.data.drawings.contract import Declared, Settled, Wishes, settle
from pixelwise.data.drawings.gallery import names_of
from pixelwise.data.drawings.paint import Rules, paint, paint_planes
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.images import read_header
from pixelwise.data.layouts.naming import SPLIT_ORDER, splits_of
from pixelwise.data.layouts.survey import check_objects
from pixelwise.data.placed import read_placed
from pixelwise.data.threads import in_threads

_LOOKED_AT = 64  # drawings painted before training, to tell what overlaps
_SLACK = 1.0  # pixels beyond the border that are a slip of the hand

Placed = tuple[Float[Tensor, "c h w"], Bool[Tensor, "h w"], Place | None]
ImageOf = Callable[[Drawing, int | None], Placed]


def image_file(drawing: Drawing, bands: int | None) -> Placed:
    """The image of a drawing, out of its file; see `read_placed`.

    Raises:
        DataError: If there is none, or it is damaged.
    """
    if drawing.image is None:
        raise DataError(f"{drawing.source} has no image. None was named. Put it there.")
    return read_placed(drawing.image, bands=bands)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Images with drawings over them, painted when asked for; see `drawn`."""

    classes: Classes
    splits: Mapping[str, Sequence[int]]
    notes: Sequence[str]
    drawings: tuple[Drawing, ...]
    names: tuple[str, ...]
    rules: Rules
    bands: int | None = None
    image_of: ImageOf = image_file

    @property
    def files(self) -> tuple[Path, ...]:
        """Image file of each sample; the file of its drawing where that holds the image."""
        return tuple(drawing.image or drawing.source for drawing in self.drawings)

    def __len__(self) -> int:
        return len(self.drawings)

    def __getitem__(self, index: int) -> Sample:
        """One image, and its drawing painted.

        Raises:
            DataError: If the image is damaged or of another size than its drawing; the file is named.
        """
        drawing = self.drawings[index]
        image, missing, place = self.image_of(drawing, self.bands)
        if tuple(image.shape[1:]) != drawing.size:
            raise DataError(_other_size(drawing, (image.shape[1], image.shape[2])))
        if self.classes.exclusive:
            labels = torch.from_numpy(paint(drawing, self.rules).labels).masked_fill(missing, IGNORE_INDEX)
        else:
            planes = torch.from_numpy(paint_planes(drawing, self.rules, len(self.classes)))
            labels = planes.masked_fill(missing, -1.0)
        return Sample(image, labels, self.names[index], place)


def drawn(
    root: Path,
    drawings: Sequence[Drawing],
    wishes: Wishes,
    *,
    declared: Declared | None = None,
    faults: Sequence[str] = (),
    notes: Sequence[str] = (),
    image_of: ImageOf = image_file,
) -> Drawn:
    """A reader of these drawings, after all that can be checked was checked.

    Args:
        root: Folder below which the files are.
        drawings: In any order; they are sorted by split.
        wishes: What was told about classes and painting.
        declared: Classes that the files declare, else those found.
        faults: What was wrong with the files so far.
        notes: What was understood so far.
        image_of: How the image of a drawing is read.

    Raises:
        DataError: Telling every fault, of files, sizes and labels.
    """
    ordered = sorted(drawings, key=lambda drawing: SPLIT_ORDER.index(drawing.split))
    told = [*faults, *_files(ordered, wishes.bands)]
    if not ordered and not told:
        told.append("no drawing was found.")
    settled: Settled | None = None
    if ordered:
        try:
            settled = settle(root, ordered, declared, wishes)
            told += settled.faults
        except DataError as error:
            told.append(str(error))
    raise_faults(DataError, f"the drawings in {root} cannot be used as they are:", told)
    if settled is None:
        raise DataError(f"no drawings in {root}. None was given. Give at least one.")
    rules = Rules(settled.indices, settled.background, wishes.order, wishes.crowds_count)
    return Drawn(
        classes=settled.classes,
        splits=splits_of([drawing.split for drawing in ordered]),
        notes=(*notes, *settled.notes, *_survey(ordered, rules)),
        drawings=tuple(ordered),
        names=names_of(root, [drawing.image or drawing.source for drawing in ordered]),
        rules=rules,
        bands=wishes.bands,
        image_of=image_of,
    )


def _files(drawings: Sequence[Drawing], bands: int | None) -> list[str]:
    """Faults of images that cannot be opened, mix bands, or are of another size than was drawn over."""
    told = [(drawing, drawing.image) for drawing in drawings if drawing.image is not None]
    faults = check_objects([(image, ()) for _, image in told], bands)
    if faults:
        return faults
    sizes = [header.size for header in in_threads(read_header, [image for _, image in told])]
    faults = [
        _other_size(drawing, size)
        for (drawing, _), size in zip(told, sizes, strict=True)
        if drawing.size != size
    ]
    return faults + [fault for drawing in drawings for fault in _too_large(drawing)]


def _too_large(drawing: Drawing) -> list[str]:
    """Faults of masks that are larger than their image, and would take as much memory as they say."""
    return [
        f"{drawing.source}, {shape.where}: the mask is larger than its image. It is {shape.pixels.size}, the "
        f"image {drawing.size} (rows, columns). Export it again."
        for shape in drawing.shapes
        if shape.pixels is not None
        and any(part > whole + 1 for part, whole in zip(shape.pixels.size, drawing.size, strict=True))
    ]


def _other_size(drawing: Drawing, size: tuple[int, int]) -> str:
    return (
        f"{drawing.source} was drawn over {drawing.size}, but the image {drawing.image or 'in it'} is {size} "
        "(rows, columns). Was it resized or turned? Use the image that was labelled."
    )


def _survey(drawings: Sequence[Drawing], rules: Rules) -> list[str]:
    """What lies outside, what overlaps, and what is empty, in sentences."""
    notes: list[str] = []
    shapes = [(drawing, shape) for drawing in drawings for shape in drawing.shapes]
    bare = [drawing.source.name for drawing in drawings if not drawing.shapes]
    if bare:
        notes.append(f"{len(bare)} of {len(drawings)} drawings are empty: background everywhere.")
    beyond = [drawing.source.name for drawing, shape in shapes if _reaches_out(shape, drawing.size)]
    if beyond:
        notes.append(
            f"{len(beyond)} of {len(shapes)} shapes reach beyond their image: cut off "
            f"({listing(dict.fromkeys(beyond), 3)})."
        )
    step = -(-len(drawings) // _LOOKED_AT)
    looked = drawings[::step]
    painted = [paint(drawing, rules) for drawing in looked]
    covered, overlaps = sum(p.covered for p in painted), sum(p.overlaps for p in painted)
    unseen = sum(p.unseen for p in painted)
    among = "" if step == 1 else f" (in {len(looked)} of {len(drawings)} images looked at)"
    if overlaps:
        notes.append(
            f"shapes of different classes overlap on {overlaps / covered:.1%} of what is drawn{among}: "
            f"{_ON_TOP[rules.order]} lies on top."
        )
    if unseen:
        notes.append(f"{unseen} shapes cover no pixel: thinner than one, or outside{among}.")
    return notes


_ON_TOP = {
    "file": "what stands later in the file",
    "layer": "the higher layer",
    "area": "the smaller shape",
}


def _reaches_out(shape: Shape, size: tuple[int, int]) -> bool:
    """Whether any of it is more than a pixel beyond the image."""
    for polygon in shape.polygons:
        low, high = polygon.outline.min(0), polygon.outline.max(0)
        if (low < -_SLACK).any() or high[0] > size[0] + _SLACK or high[1] > size[1] + _SLACK:
            return True
    part = shape.pixels
    if part is None:
        return False
    bottom, right = part.top + part.size[0], part.left + part.size[1]
    return part.top < 0 or part.left < 0 or bottom > size[0] or right > size[1]
