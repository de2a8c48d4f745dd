"""Boundary IoU: by hand, and against repeated erosion by SciPy, as the authors' code erodes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion

from pixelwise.metrics.boundary_iou import boundary_iou_counts
from tests.metrics.drawn import blobs, box


def test_by_hand() -> None:
    truth, predicted = box(2, 8, 2, 8, (12, 12)), box(2, 8, 3, 9, (12, 12))
    counts = boundary_iou_counts(predicted, truth, torch.ones_like(truth), width=1)
    # Two rings of 20 pixels, one column apart: they share five pixels above and five below.
    assert counts.tolist() == [10, 30]


def test_a_wide_band_is_the_whole_mask() -> None:
    truth, predicted = box(2, 8, 2, 8, (12, 12)), box(2, 8, 3, 9, (12, 12))
    assert boundary_iou_counts(predicted, truth, torch.ones_like(truth), width=5).tolist() == [30, 42]


def test_pixels_that_do_not_count_have_no_band_and_end_none() -> None:
    truth, valid = box(0, 6, 0, 3, (6, 9)), torch.ones(6, 9, dtype=torch.bool)
    valid[:, 3] = False
    counts = boundary_iou_counts(truth, truth, valid, width=1)
    assert counts.tolist() == [10, 10]  # six at the left edge, two more above and two below; none at column 2


@given(seed=st.integers(0, 2**16), size=st.tuples(st.integers(1, 70), st.integers(1, 70)))
def test_scipys_erosion_says_the_same(seed, size) -> None:
    rng = torch.Generator().manual_seed(seed)
    predicted, truth = blobs(rng, 2, *size), blobs(rng, 2, *size)
    counts = boundary_iou_counts(predicted, truth, torch.ones_like(truth))
    width = max(1, round(0.02 * np.hypot(*size)))
    for number in range(2):
        called, true = (band(masks[number].numpy(), width) for masks in (predicted, truth))
        assert counts[number].tolist() == [(called & true).sum(), (called | true).sum()]


def band(mask, width):
    return mask & ~binary_erosion(mask, np.ones((3, 3)), iterations=width, border_value=0)


def test_small_images_have_bands_of_one_pixel() -> None:
    mask = torch.ones(5, 5, dtype=torch.bool)
    assert boundary_iou_counts(mask, mask, mask).tolist() == pytest.approx([16, 16])
