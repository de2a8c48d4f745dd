"""Looks at a folder whatever its state is, and goes on where something is broken."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from pixelwise.core.errors import DataError, PixelwiseError
from pixelwise.data.doctor._case import Case, Entry, Meaning, Seen, spread
from pixelwise.data.doctor._meaning import (
    provisional,
    reading,
    settle_meaning,
    with_meaning,
    without_strangers,
)
from pixelwise.data.doctor._mixtures import mixtures
from pixelwise.data.doctor._sources import Labels, Source, find_source
from pixelwise.data.images import Header, read_header
from pixelwise.data.likeness import look
from pixelwise.data.masks.coding import Coding
from pixelwise.data.masks.files import MaskHeader, read_mask_header
from pixelwise.data.masks.scan import count
from pixelwise.data.readers.pairs import pairs
from pixelwise.data.threads import preparers

HEADERS = 20_000  # entries whose first bytes are read
PIXELS = 2**28  # of the images that are read whole
FEWEST = 24  # images that are read whole, however large they are
LARGEST = 2**27  # pixels of an image; larger ones are never read whole

Beginnings = tuple[dict[Path, Header], dict[Path, MaskHeader], dict[Path, str]]
Tell = Callable[[float, str], None]  # the share that is done, and what is being done


def gather(
    root: Path, *, reader: str | None = None, everything: bool = False, tell: Tell | None = None
) -> Case:
    """Look at the files of a folder.

    Of large sets only the beginnings of 20 000 entries are read, and so many images whole, evenly spaced, as
    have 270 million pixels together.

    Args:
        root: The folder.
        reader: Its reader; None finds out.
        everything: Look at everything, however much that is.
        tell: Told the share that is done, and what is being done.

    Raises:
        DataError: If there is no folder, or nothing in it.
        UnknownNameError: If nothing is called `reader`.
    """
    say = tell or _silently
    say(0.0, "finding the format")
    source = find_source(root, reader)
    looked = list(source.entries) if everything else spread(source.entries, HEADERS)
    headers, masks, damaged = _beginnings(looked, lambda share: say(0.05 + 0.25 * share, "first bytes"))
    chosen = _chosen(looked, headers, everything=everything)
    seen = _read(chosen, source, damaged, lambda share: say(0.3 + 0.6 * share, "images and masks"))
    case = _case(root, source, (headers, masks, damaged), seen)
    return _understood(case) if source.raw else case


def _case(root: Path, source: Source, found: Beginnings, seen: Mapping[int, Seen]) -> Case:
    headers, masks, damaged = found
    return Case(
        root=root,
        reader=source.reader,
        reason=source.reason,
        entries=source.entries,
        headers=headers,
        masks=masks,
        damaged=damaged,
        seen=seen,
        meaning=Meaning(),
        classes=source.classes or provisional((), Coding()),
        image_of=source.image_of,
        labels_of=source.labels_of or reading(Meaning(), {}),
        raw=source.raw,
        lonely_images=source.lonely.images,
        lonely_masks=source.lonely.masks,
        told=source.told,
        notes=source.notes,
        refusal=source.refusal,
    )


def _understood(case: Case) -> Case:
    """The case with what its mask files mean, as far as that is clear."""
    meaning = settle_meaning(case)
    case = with_meaning(case, meaning)
    found = mixtures(case) if meaning.contract is None else None
    if found is not None and not found.doubtful:
        return with_meaning(case, without_strangers(case, found.classes))
    complete = len(case.seen) == len(case.entries)
    return replace(case, refusal=_refusal(case.root)) if meaning.contract and complete else case


def _silently(_share: float, _words: str) -> None:
    """Says nothing."""


def _beginnings(entries: Sequence[Entry], tell: Callable[[float], None]) -> Beginnings:
    """Headers of images and of masks, and the files that have none."""
    headers: dict[Path, Header] = {}
    masks: dict[Path, MaskHeader] = {}
    damaged: dict[Path, str] = {}

    def begin(path: Path, *, mask: bool) -> None:
        try:
            header = read_header(path)  # of masks as well: it looks for the end of the file
            if mask:
                masks[path] = read_mask_header(path)
            else:
                headers[path] = header
        except DataError as error:
            damaged[path] = str(error)

    def begin_both(entry: Entry) -> None:
        if entry.image is not None:
            begin(entry.image, mask=False)
        for path in entry.masks:
            begin(path, mask=True)

    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(begin_both, entries), start=1):
            tell(done / len(entries))
    return headers, masks, damaged


def _chosen(entries: Sequence[Entry], headers: Mapping[Path, Header], *, everything: bool) -> list[Entry]:
    """The entries to read whole."""
    small = [entry for entry in entries if _pixels(entry, headers) <= LARGEST]
    total = sum(_pixels(entry, headers) for entry in small)
    if everything or total <= PIXELS:
        return small
    return spread(small, max(FEWEST, len(small) * PIXELS // total))


def _pixels(entry: Entry, headers: Mapping[Path, Header]) -> int:
    header = headers.get(entry.image) if entry.image else None
    if header is None:
        return entry.drawing.size[0] * entry.drawing.size[1] if entry.drawing else 0
    return header.size[0] * header.size[1]


def _read(
    entries: Sequence[Entry], source: Source, damaged: dict[Path, str], tell: Callable[[float], None]
) -> dict[int, Seen]:
    """What the entries hold; files that turn out to be damaged are added to the others."""

    def see(entry: Entry) -> Seen:
        sight = Seen()
        try:
            if entry.image not in damaged:
                sight = Seen(look(source.image_of(entry)))
        except PixelwiseError as error:
            damaged[entry.image or Path(entry.name)] = str(error)
        whole = [mask for mask in entry.masks if mask not in damaged]
        try:
            if source.raw:
                return replace(sight, tally=count(whole[0])) if whole else sight
            if source.labels_of is not None and len(whole) == len(entry.masks):
                return replace(sight, counts=_counted(source.labels_of(entry)))
        except PixelwiseError as error:
            damaged[(whole or [entry.image or Path(entry.name)])[0]] = str(error)
        return sight

    with preparers(2) as pool:
        found: dict[int, Seen] = {}
        for entry, sight in zip(entries, pool.map(see, entries), strict=True):
            found[entry.number] = sight
            tell(len(found) / len(entries))
    return found


def _counted(labels: Labels) -> dict[int, int]:
    numbers, pixels = np.unique(labels, return_counts=True)
    return {int(number): int(many) for number, many in zip(numbers, pixels, strict=True)}


def _refusal(root: Path) -> str:
    try:
        pairs(root)
    except DataError as error:
        return str(error)
    return ""
