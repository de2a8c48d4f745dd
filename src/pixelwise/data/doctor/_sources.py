"""Where the entries of a data set come from: its reader, or its files where no reader takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.catalog import Catalog
from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError
from pixelwise.data.doctor._case import Entry
from pixelwise.data.doctor._lonely import Lonely, lonely_files
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.drawings.gallery import names_of
from pixelwise.data.drawings.paint import paint
from pixelwise.data.images import read_header, read_image
from pixelwise.data.layouts.files import check_folder, image_files
from pixelwise.data.layouts.known import Names, find_layout
from pixelwise.data.layouts.lists import apply_lists
from pixelwise.data.layouts.naming import split_of
from pixelwise.data.layouts.objects import find_places
from pixelwise.data.masks.merging import merge
from pixelwise.data.paired import Pairs
from pixelwise.data.reader import Reader
from pixelwise.data.readers.folders import Folders
from pixelwise.data.recognise import recognise

Labels = Int[np.ndarray, "h w"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Entries, and how their images and labels are read; see `Case` for the rest."""

    reader: str
    reason: str
    entries: tuple[Entry, ...]
    image_of: Callable[[Entry], Float[Tensor, "c h w"]]
    labels_of: Callable[[Entry], Labels] | None = None
    classes: Classes | None = None
    raw: bool = False
    lonely: Lonely = field(default_factory=Lonely)
    told: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


def find_source(root: Path, reader: str | None) -> Source:
    """The reader that fits and its samples; the files alone where none fits or it refuses them.

    Raises:
        DataError: If there is no folder, or nothing in it.
        UnknownNameError: If nothing is called `reader`.
    """
    check_folder(root)
    name, reason = (reader, "it was named") if reader else _recognised(root)
    if name in {"", "pairs"}:
        return _of_pairs(root, name, reason)
    read = Catalog("pixelwise.data.readers", "reader")[name]
    try:
        made = cast("Reader", read(root))
    except DataError as error:
        return replace(_of_files(root, name, reason), refusal=str(error))
    source = _of_reader(made)
    return replace(source, reader=name, reason=reason, notes=tuple(made.notes))


def names_from(root: Path, paths: Sequence[Path]) -> list[str]:
    """Each path as people know it: below the root, without its ending where that leaves them different."""
    inside = [path if path.is_relative_to(root) else root / path.name for path in paths]
    return list(names_of(root, inside))


def _recognised(root: Path) -> tuple[str, str]:
    try:
        return recognise(root)
    except DataError as error:
        return "", str(error)


def _of_pairs(root: Path, name: str, reason: str) -> Source:
    """Images and masks as they lie there, by names and lists."""
    try:
        files = image_files(root)
    except DataError as error:
        return Source(name, reason, (), _image_file, raw=True, told=(str(error),))
    folders = find_layout(files, Names())
    layout = apply_lists(root, files, folders)
    lonely, told = Lonely(), tuple(layout.faults)
    if layout is folders and layout.pairs:
        lonely = lonely_files(root, files, layout.pairs)
        rest = find_layout({parts: lonely.without(here) for parts, here in files.items()}, Names())
        told = tuple(rest.faults)
    if not layout.pairs:
        return replace(_of_files(root, name, reason), raw=True, told=told, notes=tuple(layout.notes))
    names = names_from(root, [pair.image for pair in layout.pairs])
    entries = tuple(
        Entry(number, names[number], pair.image, (pair.mask,), split=pair.split)
        for number, pair in enumerate(layout.pairs)
    )
    return Source(
        name, reason, entries, _image_file, raw=True, lonely=lonely, told=told, notes=tuple(layout.notes)
    )


def _of_files(root: Path, name: str, reason: str) -> Source:
    """The images alone, or with the masks of their objects."""
    if name == "folders":
        places = [place for place in find_places(root) if place.images]
        names = names_from(root, [place.folder for place in places])
        entries = tuple(
            Entry(number, names[number], place.images[0], place.masks or (), split=place.split)
            for number, place in enumerate(places)
        )
        return Source(name, reason, entries, _image_file, _merged, Classes(("background", "object")))
    try:
        files = [path for here in image_files(root).values() for path in here]
    except DataError:
        files = []
    names = names_from(root, files)
    entries = tuple(
        Entry(number, names[number], path, split=split_of(path.relative_to(root).parts[:-1]))
        for number, path in enumerate(files)
    )
    return Source(name, reason, entries, _image_file)


def _of_reader(made: Reader) -> Source:
    """The samples of a reader, with the files behind them as far as it tells."""
    splits = {number: split for split, numbers in made.splits.items() for number in numbers}
    names = list(getattr(made, "names", ())) or [f"sample {number}" for number in range(len(made))]
    files: list[Path | None] = list(getattr(made, "files", ())) or [None] * len(made)
    entries = [
        Entry(number, names[number], files[number], split=splits.get(number)) for number in range(len(made))
    ]
    classes = _exclusive(made.classes)
    if isinstance(made, Drawn):
        entries = [
            replace(entry, drawing=drawing, image=drawing.image)
            for entry, drawing in zip(entries, made.drawings, strict=True)
        ]
        read = _painted(made) if made.classes.exclusive else _sampled(made)
        return Source("", "", tuple(entries), _drawn_over(made), read, classes)
    if isinstance(made, Pairs):
        entries = [
            replace(entry, masks=(pair.mask,)) for entry, pair in zip(entries, made.pairs, strict=True)
        ]
        return Source("", "", tuple(entries), _image_file, _by(made.labels_of), classes)
    if isinstance(made, Folders):
        entries = [
            replace(entry, masks=place.masks or (), image=place.images[0])
            for entry, place in zip(entries, made.places, strict=True)
        ]
        return Source("", "", tuple(entries), _image_file, _merged, classes)
    return Source("", "", tuple(entries), lambda entry: made[entry.number].image, _sampled(made), classes)


def _image_file(entry: Entry) -> Tensor:
    if entry.image is None:
        raise DataError(f"{entry.name} has no image file.")
    return read_image(entry.image)


def _drawn_over(made: Drawn) -> Callable[[Entry], Tensor]:
    return lambda entry: made.image_of(made.drawings[entry.number], None)[0]


def _painted(made: Drawn) -> Callable[[Entry], Labels]:
    return lambda entry: paint(made.drawings[entry.number], made.rules).labels


def _by(labels_of: Callable[[Path], Any]) -> Callable[[Entry], Labels]:
    return lambda entry: np.asarray(labels_of(entry.masks[0]))


def _merged(entry: Entry) -> Labels:
    """1 where any object is."""
    if entry.image is None:
        raise DataError(f"{entry.name} has no image.")
    return merge(entry.masks, read_header(entry.image).size).astype(np.int64)


def _sampled(made: Reader) -> Callable[[Entry], Labels]:
    def labels_of(entry: Entry) -> Labels:
        labels = made[entry.number].labels
        if labels is None:
            raise DataError(f"{entry.name} has no labels.")
        if labels.ndim == 2:
            return labels.numpy()
        likely, top = labels.max(0)
        shown = (top + 1).where(likely > 0.5, 0)
        return shown.masked_fill((labels < 0).all(0), IGNORE_INDEX).numpy()

    return labels_of


def _exclusive(classes: Classes) -> Classes:
    """Independent classes with a background, so that each pixel is one of them."""
    if classes.exclusive:
        return replace(classes, values=tuple(range(len(classes))), ignored=())
    return Classes(("background", *classes.names), ((0, 0, 0), *classes.colours))
