"""Distances between outlines: by hand, by SciPy, and by MONAI's numbers."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from pixelwise.metrics.surface import average_surface_distance, hausdorff, surfaces
from tests.metrics.drawn import PAIRS, blobs, box

# MONAI 1.6.1 on the same pairs: compute_hausdorff_distance, the same with percentile=95, and
# compute_average_surface_distance with symmetric=True; background included.
MONAI = [
    (6.4031243, 6.4031243, 2.9816148),
    (6.7082038, 6.0041380, 2.8996086),
    (33.2866325, 32.9246826, 8.1013622),
    (13.0000000, 12.0000000, 1.2339743),
]
NOTHING = torch.zeros(6, 8, dtype=torch.bool)


@pytest.mark.parametrize(("pair", "wanted"), list(zip(PAIRS, MONAI, strict=True)))
def test_monai_measures_the_same(pair, wanted) -> None:
    between = surfaces(*pair)
    found = (hausdorff(between), hausdorff(between, 0.95), average_surface_distance(between))
    assert found == pytest.approx(wanted, rel=1e-6)


def test_by_hand() -> None:
    between = surfaces(box(1, 2, 1, 5, (6, 8)), box(4, 5, 1, 6, (6, 8)))  # lines of 4 and 5, 3 rows apart
    assert between.there.tolist() == [3.0] * 4
    assert hausdorff(between) == pytest.approx(math.sqrt(10))
    assert average_surface_distance(between) == pytest.approx((8 * 3 + math.sqrt(10)) / 9)


def test_spacing_is_the_unit() -> None:
    in_pixels, in_metres = surfaces(*PAIRS[0]), surfaces(*PAIRS[0], spacing=0.25)
    assert hausdorff(in_metres) == pytest.approx(hausdorff(in_pixels) / 4)
    assert in_metres.farthest == pytest.approx(in_pixels.farthest / 4)


def test_nothing_is_as_near_as_can_be_to_nothing_and_a_diagonal_from_anything() -> None:
    something = box(1, 3, 1, 3, (6, 8))
    for measure in (hausdorff, average_surface_distance):
        assert measure(surfaces(NOTHING, NOTHING)) == 0.0
        assert measure(surfaces(NOTHING, something)) == 10.0
        assert measure(surfaces(something, NOTHING)) == 10.0


def test_a_mask_that_fills_the_image_has_an_outline() -> None:
    almost = ~NOTHING
    almost[0, 0] = False
    assert hausdorff(surfaces(almost, ~NOTHING)) == 1.0


def test_pixels_that_do_not_count_make_no_distance() -> None:
    truth, predicted = box(1, 4, 1, 4, (6, 8)), box(1, 4, 1, 4, (6, 8)) | box(5, 6, 6, 8, (6, 8))
    valid = torch.ones_like(truth)
    assert hausdorff(surfaces(predicted, truth)) > 3
    valid[5, 6:] = False
    assert hausdorff(surfaces(predicted, truth, valid)) == 0.0


@given(seed=st.integers(0, 2**16), share=st.floats(0, 1))
def test_all_pairs_of_points_say_the_same(seed, share) -> None:
    rng = torch.Generator().manual_seed(seed)
    predicted, truth = blobs(rng, 9, 13), blobs(rng, 9, 13)
    table = cdist(*(points(mask.numpy()) for mask in (predicted, truth)))
    there, back = table.min(1), table.min(0)
    between = surfaces(predicted, truth)
    wanted = max(np.quantile(there, share), np.quantile(back, share))
    assert hausdorff(between, share) == pytest.approx(wanted, rel=1e-6)
    assert average_surface_distance(between) == pytest.approx(np.concatenate([there, back]).mean(), rel=1e-6)


def test_maps_of_distances_say_what_all_pairs_say(monkeypatch) -> None:
    few = surfaces(*PAIRS[0])
    monkeypatch.setattr("pixelwise.metrics.surface._FEW_PAIRS", 0)
    many = surfaces(*PAIRS[0])
    torch.testing.assert_close((many.there, many.back), (few.there, few.back))


def points(mask):
    framed = np.pad(mask, 1)
    inner = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
    return np.argwhere(mask & ~inner)
