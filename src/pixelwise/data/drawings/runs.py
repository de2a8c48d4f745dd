"""Masks as lengths of runs: how tools write brush strokes, and how we keep them small."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from pixelwise.core.errors import DataError
from pixelwise.ops.polygons import Patch

Lengths = Int64[np.ndarray, " _"]

_CODE = 48  # of the letter that means 0
_MORE, _SIGN, _BITS = 0x20, 0x10, 5


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Pixels of a part of an image, as lengths of runs that are out, in, out ... by turns.

    Attributes:
        size: Rows and columns of the part.
        lengths: Of the runs, beginning with pixels that are out (perhaps none); they sum to the pixels of
            the part.
        by_columns: Whether pixels follow one another down the columns (COCO) and not along the rows.
        top: Row of the image in which the part begins; may be negative.
        left: Column in which it begins.
    """

    size: tuple[int, int]
    lengths: Lengths
    by_columns: bool = False
    top: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        rows, columns = self.size
        sound = rows >= 0 and columns >= 0 and bool((self.lengths >= 0).all())
        if not sound or sum(self.lengths.tolist()) != rows * columns:
            raise DataError(
                f"run lengths do not fit. They sum to {sum(self.lengths.tolist())}, a part of {self.size} "
                f"(rows, columns) has {rows * columns} pixels. Export it again."
            )

    def area(self) -> int:
        """Number of pixels that are in."""
        return int(self.lengths[1::2].sum())

    def patch(self) -> Patch:
        """The pixels as a mask."""
        inside = np.repeat(np.arange(len(self.lengths)) % 2 == 1, self.lengths)
        mask = inside.reshape(self.size[::-1]).T if self.by_columns else inside.reshape(self.size)
        return Patch(self.top, self.left, mask)


def runs(mask: Bool[np.ndarray, "h w"], *, by_columns: bool = False, top: int = 0, left: int = 0) -> Runs:
    """The runs of a mask that begins in that row and column of its image."""
    flat = np.concatenate([[False], (mask.T if by_columns else mask).reshape(-1)])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    lengths = np.diff(changes, prepend=0, append=mask.size)
    return Runs((mask.shape[0], mask.shape[1]), lengths.astype(np.int64), by_columns, top, left)


def unpack_lengths(text: str) -> Lengths:
    """Run lengths from COCO's compressed text.

    Each number takes letters of 5 bits, the lowest first; a letter's code less 48 has bit 0x20 set where
    more follow, and bit 0x10 of the last one is the sign. From the fourth number on, what is written is
    the difference to the number two before.

    Raises:
        DataError: If the text is no such code.

    Reference:
        COCO API, `common/maskApi.c`, https://github.com/cocodataset/cocoapi.
    """
    codes = np.frombuffer(text.encode("utf-8"), np.uint8).astype(np.int64) - _CODE
    if not len(codes):
        return codes
    if ((codes < 0) | (codes >= 2 * _MORE)).any() or codes[-1] & _MORE:
        raise DataError(
            f"{text[:20]!r} is no compressed mask. It is cut off or of another code. Export it again."
        )
    last = (codes & _MORE) == 0
    ends = np.flatnonzero(last)
    begins = np.concatenate([[0], ends[:-1] + 1])
    digits = ends - begins + 1
    if int(digits.max()) * _BITS > 60:
        raise DataError(f"{text[:20]!r} is no compressed mask. Its numbers are too large. Export it again.")
    place = np.arange(len(codes)) - np.repeat(begins, digits)
    values = np.add.reduceat((codes & (_MORE - 1)) << (_BITS * place), begins)
    values -= np.where(codes[ends] & _SIGN, 1 << (_BITS * digits), 0)
    lengths = values.copy()
    lengths[1::2] = np.cumsum(values[1::2])
    lengths[2::2] = np.cumsum(values[2::2])
    return lengths


def pack_lengths(lengths: Sequence[int]) -> str:
    """The inverse of `unpack_lengths`."""
    letters: list[str] = []
    for number, length in enumerate(lengths):
        value = length - lengths[number - 2] if number > 2 else length
        while True:
            digit, value = value & (_MORE - 1), value >> _BITS
            done = value == (-1 if digit & _SIGN else 0)
            letters.append(chr(_CODE + digit + (0 if done else _MORE)))
            if done:
                break
    return "".join(letters)
