"""Windows cover every pixel, whatever the size; sizes come back as they were."""

import itertools

import torch
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.ops.sizes import crop_to, pad_to_stride
from pixelwise.ops.tiles import feather, starts, windows


@given(length=st.integers(1, 3000), tile=st.integers(2, 600), data=st.data())
def test_every_pixel_is_covered_and_overlaps_are_kept(length, tile, data) -> None:
    overlap = data.draw(st.integers(0, tile // 2))
    found = starts(length, tile, overlap)
    assert found[0] == 0 and found == sorted(set(found))
    if length > tile:
        assert found[-1] + tile == length
        steps = [b - a for a, b in itertools.pairwise(found)]
        assert max(steps) <= tile - overlap


def test_windows_stay_inside() -> None:
    for rows, columns in windows(70, 33, 32, 8):
        assert 0 <= rows.start < rows.stop <= 70 and 0 <= columns.start < columns.stop <= 33


def test_feather_is_one_inside_and_positive_everywhere() -> None:
    worth = feather(10, 12, 4)
    assert worth.shape == (10, 12) and worth.max() == 1 and worth.min() > 0
    assert worth[5, 6] == 1 and worth[0, 0] == 1 / 16


@given(rows=st.integers(1, 40), columns=st.integers(1, 40), stride=st.sampled_from([1, 2, 4, 16, 32]))
def test_padding_reaches_the_stride_and_cropping_undoes_it(rows, columns, stride) -> None:
    images = torch.rand(1, 2, rows, columns)
    padded = pad_to_stride(images, stride)
    assert padded.shape[-2] % stride == 0 and padded.shape[-1] % stride == 0
    assert torch.equal(crop_to(padded, images), images)
