import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as peer

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.brush import unpack_brush
from pixelwise.data.drawings.runs import Runs, pack_lengths, runs, unpack_lengths

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30))


def test_lengths_by_hand() -> None:
    assert runs(np.array([[0, 0, 1, 1, 1, 0, 1]], bool)).lengths.tolist() == [2, 3, 1, 1]
    assert runs(np.array([[1, 1, 1, 1, 1, 1, 0]], bool)).lengths.tolist() == [0, 6, 1]
    by_columns = runs(np.array([[1, 0], [1, 0], [0, 1]], bool), by_columns=True)
    assert by_columns.lengths.tolist() == [0, 2, 3, 1] and by_columns.area() == 3


@given(MASKS, st.booleans())
@settings(deadline=None)
def test_a_mask_comes_back(mask: np.ndarray, by_columns: bool) -> None:
    kept = runs(mask, by_columns=by_columns, top=3, left=-2)
    part = kept.patch()
    assert np.array_equal(part.mask, mask) and (part.top, part.left) == (3, -2)
    assert kept.area() == mask.sum()


@pytest.mark.oracle
@given(MASKS)
@settings(deadline=None)
def test_texts_are_those_of_the_coco_api(mask: np.ndarray) -> None:
    text = peer.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    lengths = runs(mask, by_columns=True).lengths
    assert pack_lengths(lengths.tolist()) == text
    assert unpack_lengths(text).tolist() == lengths.tolist()


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20))
@settings(deadline=None)
def test_long_lengths_come_back(lengths: list[int]) -> None:
    assert unpack_lengths(pack_lengths(lengths)).tolist() == lengths


@pytest.mark.parametrize("text", ["P", "0P", "\x00", "é", "oooooooooooooooo0"])
def test_texts_of_another_code_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no compressed mask"):
        unpack_lengths(text)


@pytest.mark.parametrize("lengths", [[3], [-1, 7], [4, 4], [2**62, 2**62, 2**62, 2**62, 6]])
def test_lengths_that_do_not_fit_are_refused(lengths: list[int]) -> None:
    with pytest.raises(DataError, match="run lengths do not fit"):
        Runs((2, 3), np.array(lengths, np.int64))


def brush(mask: np.ndarray, widths: tuple[int, ...] = (3, 4, 8, 16), fill: int = 255) -> bytes:
    """A brush stroke as Label Studio writes it: runs of equal words, and stretches of unequal ones."""
    words = np.repeat(np.where(mask, fill, 0).reshape(-1), 4)
    bits = f"{len(words):032b}{8 - 1:05b}" + "".join(f"{width - 1:04b}" for width in widths)
    place = 0
    while place < len(words):
        end = place + 1
        while end < len(words) and words[end] == words[place] and end - place < 2 ** widths[-1]:
            end += 1
        repeated = end - place > 2
        end = end if repeated else min(place + 2 ** widths[0], len(words))
        choice = next(i for i, width in enumerate(widths) if end - place <= 2**width)
        bits += f"{int(repeated)}{choice:02b}{end - place - 1:0{widths[choice]}b}"
        bits += "".join(f"{word:08b}" for word in words[place : place + 1 if repeated else end])
        place = end
    bits += "0" * (8 - len(bits) % 8)  # a whole byte more where it is full already
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


@given(MASKS)
@settings(deadline=None)
def test_brush_strokes_come_back(mask: np.ndarray) -> None:
    assert np.array_equal(unpack_brush(brush(mask), (mask.shape[0], mask.shape[1])), mask)
    assert np.array_equal(unpack_brush(brush(mask, (1, 2, 5, 7), 128), (mask.shape[0], mask.shape[1])), mask)


def test_a_brush_stroke_by_hand() -> None:
    # 4 words of 8 bits, widths 3 4 8 16; one literal run of 4 words: 9 8 7 1
    bits = f"{4:032b}00111" + "0010001101111111" + "0" + "00" + "011" + f"{9:08b}{8:08b}{7:08b}{1:08b}"
    stream = int(bits.ljust(96, "0"), 2).to_bytes(12, "big")
    assert unpack_brush(stream, (1, 1)).tolist() == [[True]]
    with pytest.raises(DataError, match="the brush stroke is cut off"):
        unpack_brush(stream[:8], (1, 1))
    with pytest.raises(DataError, match=r"not of its image. It has 4 numbers of 8 bits"):
        unpack_brush(stream, (2, 1))
