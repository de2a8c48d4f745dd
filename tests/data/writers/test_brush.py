import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.data.drawings.brush import unpack_brush
from pixelwise.data.writers._brush import pack_brush


def test_two_pixels_by_hand() -> None:
    bits = f"{8:032b}" + "00111" + "0010001101111111"  # 8 words of 8 bits; widths 3, 4, 8, 16
    bits += "10001100000000"  # four words, repeated: a pixel of nothing
    bits += "10001111111111"  # four more: a white one
    bits += "0" * (-len(bits) % 8)
    wanted = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))
    assert pack_brush(np.array([[False, True]])) == wanted


@given(seed=st.integers(0, 2**16), rows=st.integers(1, 9), columns=st.integers(1, 40))
def test_a_stroke_is_read_as_it_was_packed(seed: int, rows: int, columns: int) -> None:
    mask = np.random.default_rng(seed).random((rows, columns)) < 0.3
    assert np.array_equal(unpack_brush(pack_brush(mask), mask.shape), mask)


def test_a_run_longer_than_sixteen_bits_can_count_goes_on_in_the_next() -> None:
    mask = np.zeros((150, 151), np.bool_)
    mask[140:] = True
    assert np.array_equal(unpack_brush(pack_brush(mask), mask.shape), mask)
