"""What a data set is like, as rows of a table: sizes, bands, bits, classes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour
from pixelwise.data.doctor._case import UNKNOWN, Case
from pixelwise.data.doctor._depth import depth
from pixelwise.data.layouts.naming import SPLIT_ORDER
from pixelwise.data.masks.coding import named, packed

_LOOKED_AT = 200  # image files whose bits are told
_TOLD = 3  # different sizes, one by one


@dataclass(frozen=True, slots=True)
class ClassShare:
    """How much of a data set one class is.

    Attributes:
        name: Of the class.
        colour: Of the class.
        number: What it is called in mask files; empty where nothing is.
        share: Of the pixels that count, 0..1.
        images: How many of the images looked at show it.
    """

    name: str
    colour: Colour
    number: str
    share: float
    images: int


def facts(case: Case) -> list[tuple[str, str]]:
    """Name and text of each fact, in the order of reading."""
    rows = [("Format", f"{case.reader or 'not recognised'}: {case.reason.splitlines()[0]}")]
    rows.append(("Images", _counted_by_split(case)))
    sizes = Counter(header.size for header in case.headers.values())
    if sizes:
        rows.append(("Rows × columns", _sizes(sizes)))
        bands = Counter(str(header.bands) for header in case.headers.values())
        rows.append(("Bands", _several(bands)))
        rows.append(("Bits", _several(Counter(_depths(case)))))
    masks = sum(len(entry.masks) for entry in case.entries)
    shapes = sum(len(entry.drawing.shapes) for entry in case.entries if entry.drawing)
    rows.append(("Labels", f"{shapes:,} shapes" if shapes else f"{masks:,} mask files"))
    if case.raw and case.meaning.contract is not None:
        origin = case.meaning.written.name if case.meaning.written else "concluded from the masks"
        rows.append(("Classes", f"{len(case.classes)}, {origin}"))
    elif case.raw:
        rows.append(("Classes", "not settled; the numbers are shown as they are"))
    if len(case.seen) < len(case.entries):
        rows.append(("Looked at", f"{len(case.seen):,} of {len(case.entries):,} images, evenly spaced"))
    return rows


def class_shares(case: Case) -> list[ClassShare]:
    """A row per class; pixels of no class are left out of the whole."""
    known = case.meaning.known() if case.raw and case.meaning.contract else None
    if known is None:
        known = {value: index for index, value in enumerate(case.classes.values)}
    pixels: Counter[int] = Counter()
    images: Counter[int] = Counter()
    for seen in case.seen.values():
        held = Counter[int]()
        for number, count in seen.counts.items():
            held[known.get(number, UNKNOWN)] += count
        pixels.update(held)
        images.update(held.keys())
    whole = sum(pixels[index] for index in range(len(case.classes)))
    columns = zip(case.classes.names, case.classes.colours, case.classes.values, strict=True)
    return [
        ClassShare(name, colour, _number(case, colour, value), pixels[index] / max(1, whole), images[index])
        for index, (name, colour, value) in enumerate(columns)
    ]


def left_out(case: Case) -> list[tuple[str, float]]:
    """Shares of all pixels that do not count, and that are of no class, where there are any."""
    known = case.meaning.known() if case.raw else {IGNORE_INDEX: IGNORE_INDEX}
    totals = case.totals()
    whole = max(1, sum(totals.values()))
    void = sum(n for number, n in totals.items() if known.get(number) == IGNORE_INDEX)
    rows = [("does not count", void / whole)] if void else []
    strange = sum(n for number, n in totals.items() if number not in known) if case.raw and known else 0
    return [*rows, ("of no class", strange / whole)] if strange else rows


def _number(case: Case, colour: Colour, value: int) -> str:
    if not case.raw:
        return ""
    return named([packed(colour)], by_colour=True) if case.meaning.coding.by_colour else str(value)


def _counted_by_split(case: Case) -> str:
    splits = Counter(entry.split for entry in case.entries)
    said = [f"{splits[split]:,} {split}" for split in SPLIT_ORDER if split and split in splits]
    return f"{len(case.entries):,}" + (f": {', '.join(said)}" if said else ", not split")


def _sizes(sizes: Counter[tuple[int, int]]) -> str:
    if len(sizes) <= _TOLD:
        return _several(Counter({f"{rows}×{columns}": many for (rows, columns), many in sizes.items()}))
    low, high = min(sizes, key=_area), max(sizes, key=_area)
    return f"{len(sizes)} different, from {low[0]}×{low[1]} to {high[0]}×{high[1]}"


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _several(counts: Counter[str]) -> str:
    """The kinds, with how many there are of each where there are several."""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{kind} ({many:,})" for kind, many in counts.most_common())


def _depths(case: Case) -> Iterable[str]:
    for path in islice(case.headers, _LOOKED_AT):
        try:
            yield depth(path)
        except DataError:
            continue
