"""What the numbers of mask files mean: by a file of classes, else by what they hold, else not at all."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError
from pixelwise.data.doctor._case import UNKNOWN, Case, Entry, Meaning, Numbers
from pixelwise.data.masks.coding import Coding, named, unpacked
from pixelwise.data.masks.contract import settle
from pixelwise.data.masks.files import read_mask
from pixelwise.data.masks.inferred import infer
from pixelwise.data.masks.scan import Tally
from pixelwise.data.masks.written import FILES, find_contract
from pixelwise.data.published.by_name import contract_of, known_by_name

_SHOWN = 24  # provisional classes


def settle_meaning(case: Case) -> Meaning:
    """The contract that holds for the masks that were looked at; without one, the reason."""
    tallies = _tallies(case)
    coloured = Coding(by_colour=any(tally.coloured for tally in tallies))
    written = next((case.root / name for name in FILES if (case.root / name).is_file()), None)
    known = known_by_name([entry.image for entry in case.entries if entry.image])
    told = [(tally.path, case.masks[tally.path]) for tally in tallies if tally.path in case.masks]
    if not told:
        return Meaning(coding=coloured, written=written)
    try:
        contract = find_contract(case.root, None, ()) or contract_of(known, ())
        if contract is None:
            declared = sorted({header.nodata for _, header in told if header.nodata is not None})
            name = known.object_name if known else "foreground"
            contract, coding = infer(tallies, (), declared=declared, object_name=name)
            return Meaning(contract, coding, written=written)
        contract, lookup = settle(contract, [path for path, _ in told], [header for _, header in told], ())
    except DataError as error:
        return Meaning(coding=coloured, problem=str(error), written=written)
    return Meaning(contract, lookup.coding, written=written)


def without_strangers(case: Case, numbers: Collection[int]) -> Meaning:
    """What these numbers would mean if there were no others in the masks."""
    by_colour = case.meaning.coding.by_colour
    kind = "colours" if by_colour else "values"
    tallies = [
        Tally(tally.path, kind, {n: pixels for n, pixels in held.items() if n in numbers})
        for tally in _tallies(case)
        if (held := coded_counts(tally, case.meaning.coding))
    ]
    try:
        contract, coding = infer(tallies, ())
    except DataError:
        return case.meaning
    return replace(case.meaning, contract=contract) if coding.by_colour == by_colour else case.meaning


def with_meaning(case: Case, meaning: Meaning) -> Case:
    """The case, its masks understood so."""
    seen = {
        number: replace(sight, counts=coded_counts(sight.tally, meaning.coding)) if sight.tally else sight
        for number, sight in case.seen.items()
    }
    if meaning.contract is not None:
        classes, known, notes = meaning.contract.classes, meaning.known(), meaning.contract.notes
    else:
        classes, notes = provisional((sight.counts for sight in seen.values()), meaning.coding), ()
        known = {number: index for index, number in enumerate(classes.values)}
    return replace(
        case,
        meaning=meaning,
        seen=seen,
        classes=classes,
        labels_of=reading(meaning, known),
        notes=tuple(dict.fromkeys((*case.notes, *notes))),
    )


def reading(meaning: Meaning, known: Mapping[int, int]) -> Callable[[Entry], Numbers]:
    """Reads the mask file of an entry as class indices."""

    def labels_of(entry: Entry) -> Numbers:
        if not entry.masks:
            raise DataError(f"{entry.name} has no mask. None was found. Add one.")
        return indices(coded_numbers(entry.masks[0], meaning.coding), known)

    return labels_of


def coded_counts(tally: Tally, coding: Coding) -> Mapping[int, int]:
    """How often each number occurs, by colour or by value."""
    return tally.colours() if coding.by_colour else tally.values(stretched=coding.stretched)


def coded_numbers(path: Path, coding: Coding) -> Numbers:
    """The numbers of a mask file, by colour or by value; of a stray coloured file its colours.

    Raises:
        DataError: If it cannot be read.
    """
    mask = read_mask(path)
    try:
        return coding.numbers(mask, path)
    except DataError:
        return mask.pixels


def indices(numbers: Numbers, known: Mapping[int, int]) -> Numbers:
    """The class index of each number, `UNKNOWN` where it is none."""
    if not known:
        return np.full(numbers.shape, UNKNOWN, np.int64)
    keys = np.array(sorted(known), np.int64)
    values = np.array([known[key] for key in keys.tolist()], np.int64)
    place = np.searchsorted(keys, numbers).clip(max=len(keys) - 1)
    return np.where(keys[place] == numbers, values[place], UNKNOWN)


def provisional(counts: Iterable[Mapping[int, int]], coding: Coding) -> Classes:
    """The most frequent numbers as classes, for pictures and tables only."""
    sums: Counter[int] = Counter()
    for one in counts:
        sums.update(one)
    numbers = sorted(number for number, _ in sums.most_common(_SHOWN)) or [0]
    names = tuple(named([number], coding.by_colour) for number in numbers)
    colours = tuple(unpacked(number) for number in numbers) if coding.by_colour else ()
    return Classes(names, colours, tuple(numbers))


def _tallies(case: Case) -> list[Tally]:
    return [sight.tally for sight in case.seen.values() if sight.tally]
