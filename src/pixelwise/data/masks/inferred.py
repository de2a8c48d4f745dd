"""Classes nobody wrote down, concluded from what all masks hold; in doubt an error, never a guess."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour
from pixelwise.data.masks.coding import Coding, named, shares, stretched, unpacked
from pixelwise.data.masks.files import GREY_STEP
from pixelwise.data.masks.scan import Tally, palettes_clash, total
from pixelwise.data.masks.written import Contract

MOST_CLASSES = 32
_RARE = 0.01  # of all pixels: below it, mixtures of other numbers are suspected
_NEAR = 3  # of 255
_LAST_SMALL = 32  # beside numbers up to here, 255 marks what does not count
_REMEDY = "Write classes.yaml in the folder to say what the numbers mean."


def infer(
    tallies: Sequence[Tally],
    ignore: Sequence[int],
    *,
    declared: Sequence[int] = (),
    object_name: str = "foreground",
) -> tuple[Contract, Coding]:
    """The classes that the masks hold, and how they are coded.

    Args:
        tallies: What each mask holds.
        ignore: Values that do not count, as told.
        declared: Values that the files declare as no data.
        object_name: Name of the second of two classes.

    Raises:
        DataError: If the numbers have no meaning that is beyond doubt.
    """
    clash = palettes_clash(tallies)
    if clash or any(tally.coloured for tally in tallies):
        return _by_colour(tallies, ignore, clash), Coding(by_colour=True)
    whole = total([tally.values() for tally in tallies if not tally.top])
    coding = Coding(stretched=stretched(list(whole), [tally.top for tally in tallies if tally.top]))
    void = [*ignore, *_nothing_known(whole, ignore, declared)]
    return _by_value(tallies, void, coding, object_name), coding


def _by_colour(tallies: Sequence[Tally], ignore: Sequence[int], clash: str | None) -> Contract:
    counts = total([tally.colours() for tally in tallies])
    said = shares(_frequent(counts), by_colour=True)
    if len(counts) > MOST_CLASSES or _smoothed(counts):
        raise DataError(
            f"the masks hold {_number(counts)} colours, and some look like edges smoothed by drawing, "
            f"resizing or JPEG: {said}. Save masks unsmoothed as PNG, or write the true colours into "
            "classes.yaml."
        )
    colours = list(counts)
    known = [number for number in range(len(colours)) if number not in ignore]
    classes = Classes(
        names=tuple(f"#{colours[number]:06x}" for number in known),
        colours=tuple(unpacked(colours[number]) for number in known),
        values=tuple(known),
        ignored=tuple(ignore),
    )
    notes = [f"classes were inferred from the colours of {len(tallies)} masks, numbered from 0: {said}."]
    notes += [f"palettes differ between masks, so colours are read: index {clash}."] if clash else []
    void = [unpacked(colours[number]) for number in ignore if number < len(colours)]
    return Contract(classes, tuple(void), has_colours=True, notes=tuple(notes))


def _nothing_known(counts: Mapping[int, int], ignore: Sequence[int], declared: Sequence[int]) -> list[int]:
    """Declared no-data that is meant so: many programs declare the background of two classes, too."""
    left = counts.keys() - {*ignore, *declared}
    return [number for number in declared if number not in ignore and (number != 0 or len(left) > 1)]


def _by_value(tallies: Sequence[Tally], ignore: Sequence[int], coding: Coding, object_name: str) -> Contract:
    counts = total([tally.values(stretched=coding.stretched) for tally in tallies])
    values = [value for value in counts if value not in ignore]
    _check(counts, values)
    void = list(ignore)
    if _marks_ignored(values):
        _check_same_coding(tallies, coding)
        values.remove(IGNORE_INDEX)
        void.append(IGNORE_INDEX)
    in_order = values == list(range(len(values)))
    if not in_order and values != [0, 255] and _smoothed(_greys(counts)):
        raise DataError(
            f"the masks look smoothed by drawing, resizing or JPEG. Values found: {shares(counts)}. "
            f"Save them unsmoothed as PNG, or, if all of these are classes: {_remedy()}"
        )
    if values in ([0, 1], [0, 255]):
        names = ("background", object_name)
    else:
        names = tuple(f"class {value}" if in_order else f"value {value}" for value in values)
    classes = Classes(names, _palette_colours(tallies, values), tuple(values), tuple(void))
    note = f"classes were inferred from {len(tallies)} masks: {_told(classes, counts)}. {_REMEDY}"
    return Contract(classes, notes=(note,))


def _check(counts: Mapping[int, int], values: Sequence[int]) -> None:
    """Refuse numbers that can be no classes."""
    if values and values[0] < 0:
        raise DataError(
            f"the masks hold negative values: {shares(counts)}. "
            f"Give ignore=[{values[0]}] if they do not count."
        )
    if len(values) > MOST_CLASSES:
        whole = list(values) == list(range(len(values)))
        cause = (
            "objects numbered one by one (instances)"
            if whole
            else "edges smoothed by drawing, resizing or JPEG, or photographs in the place of masks"
        )
        raise DataError(
            f"the masks hold {_number(counts)} different values ({named(values)}), which are hardly classes. "
            f"Likely cause: {cause}. Save one number per class, or write classes.yaml if all are meant."
        )
    if len(values) < 2:
        raise DataError(
            f"all masks hold the same single value: {shares(counts)}. There is nothing to tell apart. "
            f"Check that these are the masks (alpha is not read). {_REMEDY}"
        )


def _marks_ignored(values: Sequence[int]) -> bool:
    """Whether 255 stands beside small numbers only: then it is no class."""
    return len(values) > 2 and values[-1] == IGNORE_INDEX and values[-2] <= _LAST_SMALL


def _check_same_coding(tallies: Sequence[Tally], coding: Coding) -> None:
    """Some masks written 0/1 and others 0/255 would look like an ignored 255."""
    kinds = [tally.values(stretched=coding.stretched).keys() - {0} for tally in tallies]
    with_255 = [(tally, kind) for tally, kind in zip(tallies, kinds, strict=True) if IGNORE_INDEX in kind]
    if all(len(kind) == 1 for _, kind in with_255):
        raise DataError(
            "the value 255 never stands beside other classes in one mask: either it marks pixels that do not "
            f"count, or some masks are written 0/255 and others 0/1. It is in {with_255[0][0].path.name}, "
            "not in others. Give ignore=[255] if it does not count, else write all masks alike."
        )


def _smoothed(colours: Mapping[int, int]) -> bool:
    """Whether rare colours look like others mixed: near one of them, or three and more between two."""
    whole = sum(colours.values())
    frequent = [unpacked(number) for number, pixels in colours.items() if pixels >= _RARE * whole]
    rare = [unpacked(number) for number, pixels in colours.items() if pixels < _RARE * whole]
    if any(max(abs(p - q) for p, q in zip(a, b, strict=True)) <= _NEAR for a in rare for b in frequent):
        return True
    return sum(any(_between(p, a, b) for a, b in combinations(frequent, 2)) for p in rare) > 2


def _between(point: Colour, start: Colour, end: Colour) -> bool:
    way = [e - s for s, e in zip(start, end, strict=True)]
    gone = [p - s for s, p in zip(start, point, strict=True)]
    part = sum(w * g for w, g in zip(way, gone, strict=True)) / sum(w * w for w in way)
    return 0 < part < 1 and all(abs(g - part * w) <= _NEAR for w, g in zip(way, gone, strict=True))


def _greys(counts: Mapping[int, int]) -> dict[int, int]:
    return {value * GREY_STEP: pixels for value, pixels in counts.items() if 0 <= value <= 255}


def _palette_colours(tallies: Sequence[Tally], values: Sequence[int]) -> tuple[Colour, ...]:
    """The palette's colours of the values where all masks have one and it is more than a ramp of greys."""
    if not all(tally.palette and max(values) < len(tally.palette) for tally in tallies):
        return ()
    numbers = [max(tallies, key=lambda tally: len(tally.palette)).palette[value] for value in values]
    coloured = len(set(numbers)) == len(numbers) and any(number % GREY_STEP for number in numbers)
    return tuple(unpacked(number) for number in numbers) if coloured else ()


def _told(classes: Classes, counts: Mapping[int, int]) -> str:
    whole = sum(counts.values())
    texts = [
        f"{name} (value {value}, {counts[value] / whole:.2%} of the pixels)"
        for name, value in zip(classes.names, classes.values, strict=True)
    ]
    texts += [f"{v} is ignored ({counts[v] / whole:.2%})" for v in classes.ignored if v in counts]
    return ", ".join(texts)


def _frequent(counts: Mapping[int, int]) -> dict[int, int]:
    if len(counts) <= MOST_CLASSES:
        return dict(counts)
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:10])


def _number(counts: Mapping[int, int]) -> str:
    return str(len(counts)) if len(counts) < 256 else "hundreds of"


def _remedy() -> str:
    return _REMEDY[0].lower() + _REMEDY[1:]
