"""Connected parts against SciPy and by hand."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelwise.ops.components import components


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**16),
    rows=st.integers(1, 30),
    columns=st.integers(1, 30),
    share=st.sampled_from([0.0, 0.1, 0.5, 0.6, 0.9, 1.0]),
)
def test_parts_are_those_of_scipy(seed: int, rows: int, columns: int, share: float) -> None:
    masks = torch.rand(2, rows, columns, generator=torch.Generator().manual_seed(seed)) < share
    before = 0
    for mask, parts in zip(masks.numpy(), components(masks).numpy(), strict=True):
        wanted, number = ndimage.label(mask)
        assert np.array_equal(parts, np.where(wanted > 0, wanted + before, 0))  # both in reading order
        before += number


def test_a_corner_does_not_connect() -> None:
    assert components(torch.eye(3, dtype=torch.bool)).tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 3]]


def test_a_long_snake_is_one_part() -> None:
    mask = torch.zeros(41, 41, dtype=torch.bool)
    mask[::2] = True
    mask[1::4, -1], mask[3::4, 0] = True, True
    assert components(mask).max() == 1
