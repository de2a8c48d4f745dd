"""Settles what the masks of a data set mean: by the file of classes, else by what they hold."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pixelwise.core.errors import DataError
from pixelwise.data.masks.coding import Coding, Lookup, named, packed, stretched
from pixelwise.data.masks.files import GREY_STEP, MaskHeader
from pixelwise.data.masks.inferred import infer
from pixelwise.data.masks.scan import count, palettes_clash, scan
from pixelwise.data.masks.written import Contract

_NO_COLOURS = "while the file of classes gives no colours. Add a colour to each class."


def settle(
    contract: Contract | None,
    masks: Sequence[Path],
    headers: Sequence[MaskHeader],
    ignore: Sequence[int],
    *,
    object_name: str = "foreground",
) -> tuple[Contract, Lookup]:
    """The contract that holds for these masks, and how numbers become classes.

    What a TIFF declares as no data does not count, unless the contract makes a class of it, or it is the 0
    beside one other number.

    Raises:
        DataError: If masks and classes are of different kinds, or no meaning is beyond doubt.
    """
    declared = sorted({header.nodata for header in headers if header.nodata is not None})
    if contract is None:
        settled, coding = infer(scan(masks), ignore, declared=declared, object_name=object_name)
    else:
        settled = _without(contract, declared)
        coloured = _coloured(contract, masks, headers)
        looked_up = not coloured and _palettes_by_colour(contract, masks, headers)
        if looked_up:
            note = "the palettes of the masks are not in the order of the classes: their colours are read."
            settled = replace(settled, notes=(*settled.notes, note))
        tops = [header.top for header in headers if header.top]
        coding = Coding(coloured or looked_up, stretched(contract.classes.values, tops))
    return settled, Lookup(settled.classes, coding, settled.ignored_colours)


def _without(contract: Contract, declared: Sequence[int]) -> Contract:
    """The contract with declared no-data among what does not count, where it is no class."""
    classes = contract.classes
    more = tuple(number for number in declared if number not in (*classes.values, *classes.ignored))
    return replace(contract, classes=replace(classes, ignored=(*classes.ignored, *more)))


def _coloured(contract: Contract, masks: Sequence[Path], headers: Sequence[MaskHeader]) -> bool:
    """Whether colour files hold colours, and not greys three times over."""
    for path, header in zip(masks, headers, strict=True):
        tally = count(path) if header.kind == "colours" else None
        if tally and tally.coloured:
            if not contract.has_colours:
                odd = [number for number in tally.counts if number % GREY_STEP]
                raise DataError(f"{path} holds colours ({named(odd, by_colour=True)}), {_NO_COLOURS}")
            return True
    return False


def _palettes_by_colour(contract: Contract, masks: Sequence[Path], headers: Sequence[MaskHeader]) -> bool:
    """Whether palettes must be looked up: they differ, or their order is not that of the classes."""
    palettes = {header.palette for header in headers if header.palette}
    if not palettes:
        return False
    longest = max(palettes, key=len)
    if any(palette != longest[: len(palette)] for palette in palettes):
        tallies = scan([path for path, header in zip(masks, headers, strict=True) if header.palette])
        clash = palettes_clash(tallies)
        if clash and not contract.has_colours:
            raise DataError(f"palettes differ between masks: index {clash}, {_NO_COLOURS}")
        if clash:
            return True
    if not contract.has_colours:
        return False
    values = contract.classes.values
    colours = [packed(colour) for colour in contract.classes.colours]
    same = max(values) < len(longest) and all(longest[v] == c for v, c in zip(values, colours, strict=True))
    return not same and set(colours) <= set(longest)
