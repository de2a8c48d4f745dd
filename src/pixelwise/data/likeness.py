"""Which images show the same, whatever their names, formats and sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

BITS = 7  # of 64 that may differ
CORRELATION = 0.97  # of the thumbnails, at least

_SIDE = 16  # of a thumbnail
_LOOKED_AT = 128  # pixels along the shorter side: a regular sample of them is enough
_FLAT = 0.005  # least spread of a thumbnail, as a share of its largest value
_AT_ONCE = 1 << 21  # candidate pairs in memory

Pairs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Look:
    """What an image looks like from afar.

    Attributes:
        code: 64 bits that differ in few places between images of one thing.
        thumbnail: 16×16 means of up to three bands, shifted and scaled to mean 0 and spread 1.
        flat: Whether nothing can be told apart in it; such images are like no other.
    """

    code: int
    thumbnail: NDArray[np.float16]
    flat: bool


def look(image: Float[Tensor, "c h w"]) -> Look:
    """Look at a regular sample of an image's pixels.

    Reference:
        The code says where the means of 8×9 fields grow from left to right: «dHash», N. Krawetz, "Kind of
        Like That", The Hacker Factor Blog, 2013.
    """
    step = max(1, min(image.shape[1:]) // _LOOKED_AT)
    seen = image[:, ::step, ::step]
    fields = F.adaptive_avg_pool2d(seen.mean(0)[None], (8, 9))[0]
    code = np.packbits((fields[:, 1:] > fields[:, :-1]).numpy()).view(">u8")[0]
    thumbnail = F.adaptive_avg_pool2d(seen[:3], (_SIDE, _SIDE))
    spread = thumbnail.std()
    flat = bool(spread <= _FLAT * thumbnail.abs().max())
    even = torch.zeros_like(thumbnail) if flat else (thumbnail - thumbnail.mean()) / spread
    return Look(int(code), even.numpy().astype(np.float16), flat)


def alike(looks: Sequence[Look]) -> Pairs:
    """Every pair of images that show the same, as rows of two numbers, the smaller first.

    Codes must differ in at most 7 of 64 bits, and thumbnails correlate to at least 0.97. Of images that
    look exactly the same, each is paired with the first of them and only that one with others.
    """
    firsts: dict[bytes, int] = {}
    copies: list[tuple[int, int]] = []
    for number, one in enumerate(looks):
        if one.flat:
            continue
        first = firsts.setdefault(one.thumbnail.tobytes(), number)
        if first != number:
            copies.append((first, number))
    distinct = np.array(list(firsts.values()), np.int64)
    found = near_codes(np.array([looks[number].code for number in distinct], np.uint64))
    found = distinct[found]
    found = found[_agree(looks, found)]
    return np.concatenate([found, np.array(copies, np.int64).reshape(-1, 2)])


def near_codes(codes: NDArray[np.uint64]) -> Pairs:
    """Every pair of codes that differ in at most 7 bits, found without comparing all.

    Of four quarters of such a pair, one differs in at most one bit; so only codes that share a quarter, but
    for one bit, are compared.

    Reference:
        Norouzi, Punjani & Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014,
        arXiv:1307.2982, section 3.
    """
    found = [np.empty((0, 2), np.int64)]
    for quarter in range(4):
        keys = ((codes >> np.uint64(16 * quarter)) & np.uint64(0xFFFF)).astype(np.int64)
        order = np.argsort(keys, kind="stable")
        for flip in (0, *(1 << bit for bit in range(16))):
            for first, second in _equal(keys ^ flip, keys[order], order):
                near = np.bitwise_count(codes[first] ^ codes[second]) <= BITS
                near &= first < second
                found.append(np.stack([first[near], second[near]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def resemblance(looks: Sequence[Look]) -> NDArray[np.float32]:
    """Correlation of the thumbnails of all images, `[n n]`."""
    vectors = _vectors(looks)
    return vectors @ vectors.T


def _equal(
    wanted: NDArray[np.int64], ordered: NDArray[np.int64], order: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of a number of `wanted` and the number of an equal key, many at a time."""
    start = np.searchsorted(ordered, wanted, "left")
    many = np.searchsorted(ordered, wanted, "right") - start
    ends = np.cumsum(many)
    row = 0
    while row < len(wanted):
        before = ends[row] - many[row]
        stop = max(row + 1, int(np.searchsorted(ends, before + _AT_ONCE, "right")))
        part = many[row:stop]
        first = np.repeat(np.arange(row, stop), part)
        within = np.arange(len(first)) - np.repeat(ends[row:stop] - part - before, part)
        yield first, order[np.repeat(start[row:stop], part) + within]
        row = stop


def _agree(looks: Sequence[Look], pairs: Pairs) -> NDArray[np.bool_]:
    """Whether the thumbnails of each pair correlate."""
    agree = np.zeros(len(pairs), np.bool_)
    if not len(pairs):
        return agree
    numbers = np.unique(pairs)
    vectors = _vectors([looks[number] for number in numbers])
    places = np.searchsorted(numbers, pairs)
    for start in range(0, len(pairs), 1 << 14):
        here = places[start : start + (1 << 14)]
        agree[start : start + len(here)] = (vectors[here[:, 0]] * vectors[here[:, 1]]).sum(1) >= CORRELATION
    return agree


def _vectors(looks: Sequence[Look]) -> NDArray[np.float32]:
    """Thumbnails of mean 0 and length 1."""
    stack: NDArray[Any] = np.stack([one.thumbnail.ravel() for one in looks]).astype(np.float32)
    stack -= stack.mean(1, keepdims=True)
    return stack / np.maximum(np.linalg.norm(stack, axis=1, keepdims=True), 1e-12)
