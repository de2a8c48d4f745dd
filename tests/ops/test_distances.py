"""Distances against SciPy, by hand, and where there is nothing to be near to."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelwise.ops.components import components
from pixelwise.ops.distances import boundary, distance_field, distance_to, signed_distance, two_nearest

SIZES = st.integers(1, 40)
SQUARE = torch.zeros(4, 4, dtype=torch.bool)
SQUARE[:2, :2] = True


def drawn(seed: int, *shape: int, share: float) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**16), rows=SIZES, columns=SIZES, share=st.sampled_from([0.003, 0.05, 0.5, 0.98]))
def test_distances_are_those_of_scipy(seed: int, rows: int, columns: int, share: float) -> None:
    masks = drawn(seed, 2, 3, rows, columns, share=share)
    found = distance_to(masks)
    for mask, distances in zip(masks.flatten(0, 1), found.flatten(0, 1), strict=True):
        if mask.any():
            wanted = ndimage.distance_transform_edt(~mask.numpy())
            np.testing.assert_allclose(distances.numpy(), wanted, rtol=1e-6)
        else:
            assert distances.isinf().all()


def test_distances_over_many_rows_and_far_away_are_those_of_scipy() -> None:
    mask = torch.zeros(300, 700, dtype=torch.bool)
    mask[17, 650] = mask[250, 3] = True
    wanted = ndimage.distance_transform_edt(~mask.numpy())
    np.testing.assert_allclose(distance_to(mask).numpy(), wanted, rtol=1e-6)


def test_squares_beyond_the_digits_of_float32_are_exact() -> None:
    mask = torch.zeros(2, 6000, dtype=torch.bool)
    mask[0, 0] = True
    wanted = np.sqrt(np.float64(1 + 5999**2))
    assert distance_to(mask)[1, -1].item() == np.float32(wanted)


def test_the_field_of_a_square_is_that_computed_by_an_independent_script() -> None:
    wanted = [[2, 1, 1, 2], [1, 1, 1, 2], [1, 1, 2**0.5, 5**0.5], [2, 2, 5**0.5, 8**0.5]]
    torch.testing.assert_close(distance_field(SQUARE), torch.tensor(wanted))


def test_signs_are_negative_inside_and_nowhere_zero() -> None:
    signed = signed_distance(SQUARE)
    assert torch.equal(signed < 0, SQUARE) and (signed != 0).all()
    torch.testing.assert_close(signed.abs(), distance_field(SQUARE))


@pytest.mark.parametrize("value", [True, False])
def test_a_mask_without_boundary_has_no_field(value: bool) -> None:
    mask = torch.full((2, 3, 5), value)
    assert (distance_field(mask) == 0).all() and (signed_distance(mask) == 0).all()


def test_one_empty_mask_does_not_disturb_its_neighbours() -> None:
    masks = torch.stack([torch.zeros_like(SQUARE), SQUARE])
    assert distance_to(masks)[0].isinf().all()
    torch.testing.assert_close(distance_to(masks)[1], distance_to(SQUARE))


def test_no_masks_have_no_distances() -> None:
    assert distance_to(torch.zeros(0, 4, 5, dtype=torch.bool)).shape == (0, 4, 5)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**16), rows=SIZES, columns=SIZES)
def test_boundary_is_what_an_erosion_takes(seed: int, rows: int, columns: int) -> None:
    masks = drawn(seed, 2, rows, columns, share=0.8)
    for mask, found in zip(masks, boundary(masks), strict=True):
        assert np.array_equal(found.numpy(), mask.numpy() & ~ndimage.binary_erosion(mask.numpy()))


def test_the_image_border_is_a_boundary_of_what_it_cuts() -> None:
    found = boundary(torch.ones(3, 4, dtype=torch.bool))
    assert found.sum() == 10 and not found[1, 1:3].any()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**16), share=st.sampled_from([0.01, 0.1, 0.4, 0.7]))
def test_the_two_nearest_cells_are_those_of_scipy(seed: int, share: float) -> None:
    cells = components(drawn(seed, 2, 13, 17, share=share))
    first, second = two_nearest(cells, reach=20)
    for image, nearest, next_nearest in zip(cells.numpy(), first.numpy(), second.numpy(), strict=True):
        each = [ndimage.distance_transform_edt(image != cell) for cell in np.unique(image[image > 0])]
        ordered = np.sort(np.stack([*each, *[np.full(image.shape, np.inf)] * 2]), axis=0)
        np.testing.assert_allclose(nearest, ordered[0], rtol=1e-6)
        np.testing.assert_allclose(next_nearest, ordered[1], rtol=1e-6)


def test_cells_out_of_reach_are_infinitely_far() -> None:
    first, second = two_nearest(torch.tensor([[1, 0, 0, 0, 2]]), reach=2)
    assert first.tolist() == [[0, 1, 2, 1, 0]]
    assert second.tolist() == [[torch.inf, torch.inf, 2, torch.inf, torch.inf]]
