"""Numbers of masks to class indices, for any numbers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError
from pixelwise.data.masks.coding import Coding, Lookup, packed, stretched, unpacked
from pixelwise.data.masks.files import Mask
from pixelwise.data.masks.scan import palettes_clash, total

SOMEWHERE = Path("mask.png")
TYPES = {np.uint8: 255, np.uint16: 65535, np.int32: 2**24}


@given(data=st.data(), kind=st.sampled_from(list(TYPES)))
def test_each_value_becomes_the_index_of_its_class(data, kind) -> None:
    values = data.draw(st.lists(st.integers(0, TYPES[kind]), min_size=2, max_size=12, unique=True))
    void, known = values[:1], values[1:]
    names = tuple(f"c{value}" for value in known)
    lookup = Lookup(Classes(names, values=tuple(known), ignored=tuple(void)), Coding())
    drawn = data.draw(st.lists(st.sampled_from(values), min_size=6, max_size=6))
    pixels = np.array(drawn, kind).reshape(2, 3)
    expected = [IGNORE_INDEX if value in void else known.index(value) for value in drawn]
    found = lookup(Mask(pixels, "values"), SOMEWHERE)
    assert found.dtype == np.int64 and found.ravel().tolist() == expected


@given(
    values=st.sets(st.integers(0, 255), min_size=1, max_size=20),
    strange=st.integers(0, 255),
    share=st.integers(1, 12),
)
def test_no_stranger_gets_through(values, strange, share) -> None:
    values.discard(strange)
    known = sorted(values) or [(strange + 1) % 256]
    lookup = Lookup(Classes(tuple(f"c{v}" for v in known), values=tuple(known)), Coding())
    pixels = np.full((3, 4), known[0], np.uint8)
    pixels.ravel()[:share] = strange
    with pytest.raises(
        DataError, match=rf"mask.png holds values of no class. Found {strange} on {share / 12:.2%}"
    ):
        lookup(Mask(pixels, "values"), SOMEWHERE)


@given(colours=st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=8, unique=True))
def test_each_colour_becomes_the_index_of_its_class(colours) -> None:
    names = tuple(f"c{number}" for number in range(len(colours)))
    lookup = Lookup(Classes(names, colours=tuple(colours)), Coding(by_colour=True))
    pixels = np.array([[packed(colour) for colour in colours]], np.int32)
    assert lookup(Mask(pixels, "colours"), SOMEWHERE).tolist() == [list(range(len(colours)))]
    assert [unpacked(number) for number in pixels[0].tolist()] == colours


@pytest.mark.parametrize(
    ("values", "top", "meant"),
    [
        ((0, 255), 1, True),
        ((0, 1), 1, False),
        ((0, 1, 255), 1, False),
        ((0, 85, 255), 3, True),
        ((0, 2), 3, False),
    ],
)
def test_few_bits_mean_black_and_white_only_where_nothing_else_fits(values, top, meant) -> None:
    assert stretched(values, [top]) is meant


def test_a_coloured_file_among_grey_ones() -> None:
    lookup = Lookup(Classes(("a", "b")), Coding())
    with pytest.raises(DataError, match=r"mask.png is coloured. It holds #ff0000, while"):
        lookup(Mask(np.array([[0, 0xFF0000]], np.int32), "colours"), SOMEWHERE)


def test_totals_by_hand() -> None:
    assert total([{3: 1, 0: 2}, {0: 5}]) == {0: 7, 3: 1}
    assert palettes_clash([]) is None
