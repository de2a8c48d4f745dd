"""Boundary F-score: by hand, and against distances of SciPy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from pixelwise.metrics._outlines import near, outline
from pixelwise.metrics.boundary import boundary_f
from pixelwise.ops.distances import distance_to
from tests.metrics.drawn import blobs, box, disc


def everything(mask):
    return torch.ones_like(mask)


def score(predicted, truth, valid=None, **more) -> float:
    return boundary_f(predicted, truth, everything(truth) if valid is None else valid, **more).item()


def test_a_line_one_pixel_aside_is_found_within_a_pixel_only() -> None:
    predicted, truth = box(4, 5, 2, 12, (9, 14)), box(5, 6, 2, 12, (9, 14))
    assert score(predicted, truth, tolerance=0.0) == 0.0
    assert score(predicted, truth, tolerance=1.0) == 1.0


def test_by_hand_precision_and_recall_differ() -> None:
    truth = box(5, 6, 2, 12, (12, 14))  # a line of 10 pixels
    predicted = box(5, 6, 2, 7, (12, 14)) | box(9, 10, 2, 7, (12, 14))  # half of it, and as much elsewhere
    # precision 5/10; recall: 5 pixels and the next one: 6/10
    assert score(predicted, truth, tolerance=1.0) == pytest.approx(2 * 0.5 * 0.6 / 1.1)


def test_outlines_of_one_side_only_count_zero_and_of_none_not_at_all() -> None:
    nothing = torch.zeros(8, 8, dtype=torch.bool)
    assert score(box(2, 5, 2, 5, (8, 8)), nothing) == 0.0
    assert score(nothing, box(2, 5, 2, 5, (8, 8))) == 0.0
    assert np.isnan(score(nothing, nothing))
    assert np.isnan(score(~nothing, ~nothing))  # the edge of the image is no outline


def test_the_default_tolerance_is_a_share_of_the_diagonal() -> None:
    size = (400, 300)  # the diagonal is 500: 3.75 pixels
    truth = box(100, 101, 50, 250, size)
    assert score(box(103, 104, 50, 250, size), truth) == 1.0
    assert score(box(104, 105, 50, 250, size), truth) == 0.0


def test_pixels_that_do_not_count_make_no_outline_and_hide_none_elsewhere() -> None:
    truth, valid = box(0, 8, 0, 6, (8, 12)), torch.ones(8, 12, dtype=torch.bool)
    valid[:, 5:8] = False  # what lies between the classes is not known
    predicted = box(0, 8, 0, 7, (8, 12))
    assert not outline(truth, valid, frame=False).any()
    assert np.isnan(score(predicted, truth, valid))
    predicted[2:4, 9:11] = True
    assert score(predicted, truth, valid) == 0.0


@given(seed=st.integers(0, 2**16), radius=st.floats(0, 9))
def test_near_is_a_distance_of_at_most_the_radius(seed, radius) -> None:
    mask = torch.rand(3, 11, 14, generator=torch.Generator().manual_seed(seed)) < 0.05
    distances = distance_to(mask).double()
    close_call = ((distances - radius).abs() < 1e-5) & mask.any(2).any(1)[:, None, None]
    assert (near(mask, radius) == (distances <= radius))[~close_call].all()


@pytest.mark.parametrize("squared", [1, 2, 5, 8, 13, 25, 50])
def test_near_loses_no_pixel_at_a_radius_that_is_a_root(squared) -> None:
    mask = disc(20, 25, 0)
    rows, columns = np.mgrid[-20:20, -25:25]
    assert (near(mask, squared**0.5).numpy() == (rows**2 + columns**2 <= squared)).all()


@given(seed=st.integers(0, 2**16))
def test_scipys_distances_say_the_same(seed) -> None:
    rng = torch.Generator().manual_seed(seed)
    predicted, truth = blobs(rng, 2, 3, 16, 21), blobs(rng, 2, 3, 16, 21)
    found = boundary_f(predicted, truth, everything(truth), tolerance=1.5)
    for place in np.ndindex(2, 3):
        assert found[place].item() == pytest.approx(
            by_scipy(predicted[place], truth[place], 1.5), nan_ok=True
        )


def by_scipy(predicted, truth, tolerance) -> float:
    called, true = (seen_from_beside(mask.numpy()) for mask in (predicted, truth))
    if not called.any() or not true.any():
        return 0.0 if called.any() or true.any() else float("nan")
    precision = (distance_transform_edt(~true)[called] <= tolerance).mean()
    recall = (distance_transform_edt(~called)[true] <= tolerance).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def seen_from_beside(mask):
    """Pixels of the mask of which a neighbour is not in it; beyond the image it goes on."""
    framed = np.pad(mask, 1, mode="edge")
    neighbours = [framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:]]
    return mask & ~np.logical_and.reduce(neighbours)
