"""From the numbers of mask files to class indices, and what a stray number probably means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, listing
from pixelwise.core.palette import Colour
from pixelwise.data.masks.files import GREY_STEP, Mask, Pixels, read_mask

_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Coding:
    """How the masks of one data set say which class a pixel is.

    Attributes:
        by_colour: By colour (0xRRGGBB, palettes looked up), else by grey value or palette index.
        stretched: Whether files of 1, 2 or 4 bits mean black to white (0..255) and not numbers.
    """

    by_colour: bool = False
    stretched: bool = False

    def numbers(self, mask: Mask, path: Path) -> Pixels:
        """The coded number of each pixel.

        Raises:
            DataError: If the file is coloured although the data set is coded by values.
        """
        if mask.kind == "palette" and self.by_colour:
            return np.asarray((*mask.palette, *[0] * 256)[:256], np.int32)[mask.pixels]
        if mask.kind == "values":
            return self._grey(mask)
        if mask.kind == "palette" or self.by_colour:
            return mask.pixels
        if (mask.pixels % GREY_STEP).any():
            odd = np.unique(mask.pixels[mask.pixels % GREY_STEP != 0])
            raise DataError(
                f"{path} is coloured. It holds {named(odd[:5].tolist(), by_colour=True)}, while the classes "
                "are told by values. Give colours in classes.yaml or save class numbers."
            )
        return (mask.pixels & 0xFF).astype(np.uint8)

    def _grey(self, mask: Mask) -> Pixels:
        white = mask.top and (self.stretched or self.by_colour)
        pixels = mask.pixels * np.uint8(255 // mask.top) if white else mask.pixels
        return pixels.astype(np.int32) * GREY_STEP if self.by_colour else pixels


def stretched(values: Sequence[int], tops: Sequence[int]) -> bool:
    """Whether files of few bits must mean 0..255, because the values known can mean nothing else."""
    return any(max(values, default=0) > top and all(v % (255 // top) == 0 for v in values) for top in tops)


class Lookup:
    """Numbers of mask files to class indices, `IGNORE_INDEX` where they do not count."""

    def __init__(self, classes: Classes, coding: Coding, ignored_colours: Sequence[Colour] = ()) -> None:
        known = [packed(colour) for colour in classes.colours] if coding.by_colour else list(classes.values)
        void = [packed(c) for c in ignored_colours] if coding.by_colour else list(classes.ignored)
        meaning = dict.fromkeys(void, IGNORE_INDEX) | {number: i for i, number in enumerate(known)}
        if len(set(known)) < len(known):
            twice = named(sorted({n for n in known if known.count(n) > 1}), coding.by_colour)
            raise DataError(
                f"masks are told apart by colour, but {twice} stands for several classes. Make them differ."
            )
        self.coding = coding
        self.known = tuple(meaning)
        self._keys = np.array(sorted(meaning), np.int64)
        self._indices = np.array([meaning[number] for number in sorted(meaning)], np.int64)
        self._table = self._search(np.arange(256))

    def __call__(self, mask: Mask, path: Path) -> Pixels:
        """The class index of each pixel, int64.

        Raises:
            DataError: If the mask holds a number that is neither a class nor ignored.
        """
        numbers = self.coding.numbers(mask, path)
        indices = self._table[numbers] if numbers.dtype == np.uint8 else self._search(numbers)
        if indices.min(initial=0) == _UNKNOWN:
            self._refuse(numbers, indices == _UNKNOWN, mask.kind, path)
        return indices

    def of_file(self, path: Path) -> Pixels:
        """The class index of each pixel of a mask file, int64.

        Raises:
            DataError: If it cannot be read, or holds what is no class.
        """
        return self(read_mask(path), path)

    def _search(self, numbers: Pixels) -> Pixels:
        place = np.searchsorted(self._keys, numbers).clip(max=len(self._keys) - 1)
        return np.where(self._keys[place] == numbers, self._indices[place], _UNKNOWN)

    def _refuse(self, numbers: Pixels, strange: Pixels, kind: str, path: Path) -> None:
        values, counts = np.unique(numbers[strange], return_counts=True)
        by_colour = self.coding.by_colour
        said = named([int(v) for v in values[np.argsort(-counts, kind="stable")]], by_colour)
        cause = _cause(
            values.tolist(), sorted({int(v) for v in np.unique(numbers)}), kind, self.known, by_colour
        )
        raise DataError(
            f"{path} holds {'colours' if by_colour else 'values'} of no class. Found {said} on "
            f"{strange.mean():.2%} of its pixels; known: {named(self.known, by_colour)}. {cause}"
        )


def packed(colour: Colour) -> int:
    """The colour as 0xRRGGBB."""
    return (colour[0] << 16) | (colour[1] << 8) | colour[2]


def unpacked(number: int) -> Colour:
    """The inverse of `packed`."""
    return number >> 16 & 255, number >> 8 & 255, number & 255


def named(numbers: Sequence[int], by_colour: bool = False) -> str:
    """Numbers as people write them: #rrggbb for colours; the first ten."""
    return listing([f"#{number:06x}" if by_colour else number for number in numbers], most=10)


def shares(counts: Mapping[int, int], by_colour: bool = False) -> str:
    """Numbers with their part of all pixels."""
    total = sum(counts.values()) or 1
    texts = [f"{named([number], by_colour)} ({count / total:.2%})" for number, count in counts.items()]
    return listing(texts, most=33)


def _cause(
    strange: Sequence[int], found: Sequence[int], kind: str, known: Sequence[int], colour: bool
) -> str:
    """What probably happened, and what to do."""
    if len(strange) > 8:
        return (
            "So many look like edges smoothed by drawing, resizing or JPEG: save masks as PNG, unsmoothed, "
            "and resize them by nearest neighbour."
        )
    if colour:
        return "Add the colour to the classes, or give the class that must not count in `ignored`."
    if set(found) <= {0, 255} and 255 in strange:
        return "The mask is written 0 and 255: give the class `value: 255` in classes.yaml."
    if list(strange) == [255]:
        return "255 often marks pixels that do not count: then give ignore=[255]."
    if list(strange) == [0]:
        return "0 often is background or unlabelled: add a class with value 0, or give ignore=[0]."
    if kind == "palette":
        return "These are palette indices: compare the order of the palette with that of the classes."
    if kind == "colours" and max(strange) > max(known):
        return "The file is saved as RGB: save its class numbers as one channel."
    return "Add the missing classes to classes.yaml, or give values that must not count in `ignore`."
