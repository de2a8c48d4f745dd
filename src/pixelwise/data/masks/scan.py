"""Counts what numbers the masks of a data set hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelwise.core.errors import DataError, raise_faults
from pixelwise.data.masks.files import GREY_STEP, Mask, Pixels, read_mask
from pixelwise.data.threads import in_threads

MOST = 256  # different numbers kept per file; a mask with more is none


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each number occurs in one mask file, as written; of very many only some are kept."""

    path: Path
    kind: str
    counts: Mapping[int, int]
    palette: tuple[int, ...] = ()
    top: int = 0

    @property
    def coloured(self) -> bool:
        """Whether a colour file holds anything but greys."""
        return self.kind == "colours" and any(number % GREY_STEP for number in self.counts)

    def colours(self) -> dict[int, int]:
        """The counts by 0xRRGGBB."""
        if self.kind == "colours":
            return dict(self.counts)
        if self.kind == "values":
            scale = GREY_STEP * (255 // self.top if self.top else 1)
            return {number * scale: count for number, count in self.counts.items()}
        table = (*self.palette, *[0] * 256)
        return _sum((table[number], count) for number, count in self.counts.items())

    def values(self, *, stretched: bool = False) -> dict[int, int]:
        """The counts by value or palette index."""
        if self.kind == "colours":
            return {number & 0xFF: count for number, count in self.counts.items()}
        scale = 255 // self.top if self.top and stretched else 1
        return {number * scale: count for number, count in self.counts.items()}


def scan(paths: Sequence[Path]) -> list[Tally]:
    """A tally of each mask.

    Raises:
        DataError: Telling every mask that cannot be read.
    """
    tallies = in_threads(_tally, paths)
    faults = [tally for tally in tallies if isinstance(tally, str)]
    raise_faults(DataError, "these masks cannot be read:", faults)
    return [tally for tally in tallies if not isinstance(tally, str)]


def count(path: Path) -> Tally:
    """The tally of one mask.

    Raises:
        DataError: If the file cannot be read as a mask.
    """
    mask = read_mask(path)
    return Tally(path, mask.kind, _counts(mask), mask.palette, mask.top)


def total(counts: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """All counts together, by number."""
    return dict(sorted(_sum(item for one in counts for item in one.items()).items()))


def palettes_clash(tallies: Sequence[Tally]) -> str | None:
    """Where one palette index stands for different colours and one colour for different indices, or None."""
    colour_of: dict[int, tuple[int, str]] = {}
    index_of: dict[int, int] = {}
    clash: str | None = None
    moved = False
    for tally in tallies:
        for index in tally.counts if tally.kind == "palette" else ():
            colour = (*tally.palette, *[0] * 256)[index]
            first, where = colour_of.setdefault(index, (colour, tally.path.name))
            moved |= index_of.setdefault(colour, index) != index
            if first != colour and clash is None:
                clash = f"{index} is #{first:06x} in {where} and #{colour:06x} in {tally.path.name}"
    return clash if moved else None


def _tally(path: Path) -> Tally | str:
    try:
        return count(path)
    except DataError as error:
        return str(error)


def _counts(mask: Mask) -> dict[int, int]:
    """Counts by runs of equal numbers: masks have few, so this is far quicker than sorting pixels."""
    flat: Pixels = mask.pixels.ravel()
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(np.append(starts, flat.size))
    numbers, which = np.unique(flat[starts], return_inverse=True)
    sums = np.bincount(which, weights=lengths)
    few = zip(numbers[:MOST].tolist(), sums[:MOST].tolist(), strict=True)
    return {int(number): int(pixels) for number, pixels in few}


def _sum(items: Iterable[tuple[int, int]]) -> dict[int, int]:
    sums: Counter[int] = Counter()
    for number, pixels in items:
        sums[number] += pixels
    return dict(sums)
