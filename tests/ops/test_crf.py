"""The fully connected CRF does what its equations say, exactly and approximately."""

import functools
import math

import pytest
import torch
from torch import Tensor

from pixelwise.core.errors import DataError, ShapeError
from pixelwise.ops._lattice import lattice
from pixelwise.ops.crf import _check, crf
from tests.ops.crf_scenes import boundary_f, mean_iou, scene, smooth

crf = functools.partial(crf, colour_sd=13.0)  # the scenes are in grey levels
APPROXIMATIONS = [{"exact_pixels": 0, "fineness": 1}, {"exact_pixels": 0, "fineness": 2}]
WAYS = [{}, *APPROXIMATIONS]


def kernel(points: Tensor) -> Tensor:
    """The normalised Gaussian matrix, pair by pair, in double precision."""
    points = points.double()
    pairs = torch.exp(-(points[:, None] - points).square().sum(-1) / 2)
    sums = pairs.sum(1)
    return pairs / (sums[:, None] * sums).sqrt()


def both_kernels(images: Tensor, *, weights=(10.0, 3.0), position=80.0, colour=13.0, spatial=3.0) -> Tensor:
    """The sum of the weighted kernels of one image."""
    bands, rows, columns = images.shape[1:]
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).double()
    colours = images[0].reshape(bands, -1).T.double() / colour
    near = kernel(torch.cat([places / position, colours], 1))
    return weights[0] * near + weights[1] * kernel(places / spatial)


def by_hand(images: Tensor, probs: Tensor, steps: int, **settings) -> Tensor:
    """Mean field as written in the paper, one class after the other."""
    matrix = both_kernels(images, **settings)
    prior = probs[0].flatten(1).double().clamp(min=1e-5)
    found = prior / prior.sum(0)
    for _ in range(steps):
        found = (prior.log() + torch.stack([matrix @ plane for plane in found])).softmax(0)
    return found.view_as(probs).to(probs.dtype)


def free_energy(images: Tensor, probs: Tensor, found: Tensor) -> float:
    """What mean field makes small: the KL divergence from the field's distribution, up to a constant."""
    matrix = both_kernels(images)
    belief, prior = found[0].flatten(1).double(), probs[0].flatten(1).double()
    entropy = -(belief * belief.clamp(min=1e-300).log()).sum()
    return (-(belief * prior.log()).sum() - entropy - (belief @ matrix * belief).sum() / 2).item()


@pytest.mark.parametrize("bands", [1, 3, 5])
def test_as_by_hand_whatever_the_bands(bands) -> None:
    images, probs = 60 * torch.rand(1, bands, 9, 13), torch.rand(1, 4, 9, 13).softmax(1)
    found = crf(probs, images, steps=3, position_sd=7.0, spatial_sd=1.5)
    expected = by_hand(images, probs, 3, position=7.0, spatial=1.5)
    torch.testing.assert_close(found, expected, rtol=0, atol=5e-4)  # the spatial kernel ends at 4 sd


def test_two_pixels_by_pencil() -> None:
    """Two pixels of one colour, far wider kernels than their distance: all of K is 1/2."""
    probs = torch.tensor([[[[0.8, 0.4]], [[0.2, 0.6]]]])
    found = crf(
        probs, torch.zeros(1, 1, 1, 2), steps=1, position_sd=1e4, bilateral_weight=2.0, spatial_weight=0.0
    )
    heard = 2 * (0.8 + 0.4) / 2 - 2 * (0.2 + 0.6) / 2
    expected = [1 / (1 + p1 / p0 * math.exp(-heard)) for p0, p1 in ((0.8, 0.2), (0.4, 0.6))]
    torch.testing.assert_close(found[0, 0, 0], torch.tensor(expected))


def test_without_weights_the_priors_winners_stay() -> None:
    drawn = scene(0, num_classes=4)
    found = crf(drawn.probs, drawn.images, bilateral_weight=0.0, spatial_weight=0.0)
    assert torch.equal(found.argmax(1), drawn.probs.argmax(1))
    torch.testing.assert_close(found, drawn.probs)


def test_scenes_become_what_they_are_through_colour_and_not_through_place_alone() -> None:
    before, both, place = [], [], []
    for seed in range(12):
        drawn = scene(seed)
        told = crf(drawn.probs, drawn.images, steps=5)
        near = crf(drawn.probs, drawn.images, steps=5, bilateral_weight=0.0)
        for found, probs in ((before, drawn.probs), (both, told), (place, near)):
            found.append([mean_iou(probs, drawn.labels), boundary_f(probs, drawn.labels)])
    (iou0, f0), (iou1, f1), (iou2, _) = (
        torch.tensor(found).mean(0).tolist() for found in (before, both, place)
    )
    assert 0.8 < iou0 < 0.9
    assert iou1 >= iou0 + 0.08 and f1 >= f0 + 0.15
    assert abs(iou2 - iou0) < 0.03


@pytest.mark.parametrize("way", WAYS)
def test_an_image_of_one_colour_only_smooths(way) -> None:
    """The bilateral kernel is then that of place: as a spatial kernel of that width does."""
    probs = scene(3, size=40).probs
    images = torch.full((1, 3, 40, 40), 128.0)
    found = crf(probs, images, bilateral_weight=2.0, spatial_weight=0.0, position_sd=4.0, steps=4, **way)
    expected = crf(probs, images, bilateral_weight=0.0, spatial_weight=2.0, spatial_sd=4.0, steps=4)
    allowed = {None: 2e-4, 1: 0.05, 2: 0.03}[way.get("fineness")]
    assert (found - expected).abs().max() < allowed


@pytest.mark.parametrize("seed", range(4))
def test_the_free_energy_falls(seed) -> None:
    drawn = scene(seed, size=32)
    found = crf(drawn.probs, drawn.images)
    start, end = (free_energy(drawn.images, drawn.probs, probs) for probs in (drawn.probs, found))
    assert end < start


def test_the_approximation_is_near_on_scenes() -> None:
    for seed in range(12):
        drawn = scene(seed)
        exact = crf(drawn.probs, drawn.images)
        for way in APPROXIMATIONS:
            assert (crf(drawn.probs, drawn.images, **way) - exact).abs().max() < 0.02


def test_points_too_scattered_for_a_fine_lattice_get_the_published_one(monkeypatch) -> None:
    monkeypatch.setattr("pixelwise.ops._lattice.FEW", 0)
    points = 5 * torch.randn(50, 5)
    fine, published = (lattice(points, fineness) for fineness in (2, 1))
    assert torch.equal(fine.slice.columns, published.slice.columns) and len(fine.blurs[0].columns) > 50


def test_the_finer_lattice_is_nearer_on_a_noisy_image() -> None:
    """Here many pixels stay undecided and the errors show: 0.02 is not kept."""
    drawn = scene(3, size=64, num_classes=4, noise=20.0)
    exact = crf(drawn.probs, drawn.images)
    coarse, fine = ((crf(drawn.probs, drawn.images, **way) - exact).abs() for way in APPROXIMATIONS)
    assert fine.mean() < 0.7 * coarse.mean()
    assert (fine.amax(1) > 0.02).float().mean() < 0.02


@pytest.mark.parametrize(("fineness", "error"), [(1, 0.05), (2, 0.03)])
@pytest.mark.parametrize("dims", [1, 2, 3, 5])
def test_the_lattice_averages_as_a_gaussian_does(dims, fineness, error) -> None:
    points = 0.7 * torch.randn(1500, dims)
    values = torch.stack([torch.ones(1500), points[:, 0].sin() + 2], 1)
    exact = torch.exp(-torch.cdist(points, points).square() / 2) @ values
    found = lattice(points, fineness) @ values
    inside = points.norm(dim=1) < 1
    ratios = [sums[inside, 1] / sums[inside, 0] for sums in (found, exact)]
    assert (ratios[0] - ratios[1]).abs().max() < error
    assert (found / exact)[inside].std() / (found / exact)[inside].mean() < 3 * error


def test_shares_of_a_point_are_those_of_a_simplex() -> None:
    made = lattice(3 * torch.randn(400, 4), 1)
    weights, columns = made.slice.weights, made.slice.columns
    assert weights.min() > -1e-5 and columns.shape == (400, 5)
    torch.testing.assert_close(weights.sum(1), torch.ones(400))
    assert all(len(set(row)) == 5 for row in columns.tolist())
    torch.testing.assert_close(made.splat @ torch.ones(400, 1), _transposed(made.slice))


def _transposed(sparse) -> Tensor:
    sums = torch.zeros(int(sparse.columns.max()) + 1)
    return sums.index_add_(0, sparse.columns.flatten(), sparse.weights.flatten())[:, None]


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_is_as_its_images_one_by_one(way) -> None:
    one, two = scene(0, size=24, num_classes=3), scene(1, size=24, num_classes=3)
    probs, images = torch.cat([one.probs, two.probs]), torch.cat([one.images, two.images])
    alone = torch.cat([crf(drawn.probs, drawn.images, **way) for drawn in (one, two)])
    assert torch.equal(crf(probs, images, **way), alone)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-3), (torch.bfloat16, 0.01)])
def test_other_dtypes_come_back_as_they_went(way, dtype, error) -> None:
    drawn = scene(0, size=24)
    probs = drawn.probs.to(dtype)
    found = crf(probs, drawn.images.to(dtype), **way)
    assert found.dtype == dtype
    expected = crf(probs.float(), drawn.images.to(dtype).float(), **way)
    torch.testing.assert_close(found.float(), expected, rtol=0, atol=error)


@pytest.mark.parametrize("bands", [1, 4, 8])
def test_the_approximation_takes_any_bands(bands) -> None:
    drawn = scene(2, size=32)
    grey = drawn.images.mean(1, keepdim=True)
    images = grey.expand(-1, bands, -1, -1) + 3 * torch.randn(1, bands, 32, 32)
    exact = crf(drawn.probs, images)
    found = crf(drawn.probs, images, exact_pixels=0)
    assert (found - exact).abs().mean() < 0.01


def test_a_sum_made_in_parts_is_the_sum_made_at_once(monkeypatch) -> None:
    drawn = scene(0, size=24)
    at_once = crf(drawn.probs, drawn.images)
    monkeypatch.setattr("pixelwise.ops._gaussians.KEPT", 0)
    monkeypatch.setattr("pixelwise.ops._gaussians.PAIRS", 5000)
    torch.testing.assert_close(crf(drawn.probs, drawn.images), at_once, rtol=0, atol=1e-4)


def test_rows_and_columns_are_not_exchanged() -> None:
    drawn = scene(0, size=24, num_classes=3)
    probs, images = drawn.probs[..., :15], drawn.images[..., :15]
    for way in WAYS:
        upright, turned = crf(probs, images, **way), crf(probs.mT, images.mT, **way)
        assert (upright - turned.mT).abs().mean() < (0.01 if way else 1e-6)


def test_costs_of_zero_and_one_are_potts_and_cheap_pairs_stay_together() -> None:
    drawn = scene(1, size=24, num_classes=3)
    potts = crf(drawn.probs, drawn.images)
    torch.testing.assert_close(
        crf(drawn.probs, drawn.images, costs=1 - torch.eye(3)), potts, atol=1e-4, rtol=0
    )
    probs = torch.tensor([0.5, 0.3, 0.2]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    images = torch.zeros(1, 1, 8, 8)
    costs = torch.tensor([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])  # class 1 minds nobody
    assert (crf(probs, images).argmax(1) == 0).all()
    assert (crf(probs, images, costs=costs).argmax(1) == 1).all()


def test_a_floor_of_zero_keeps_the_impossible_impossible() -> None:
    probs = torch.zeros(1, 2, 12, 12)
    probs[:, 0], probs[:, :, 5, 5] = 1.0, torch.tensor([0.0, 1.0])
    images = torch.zeros(1, 3, 12, 12)
    assert crf(probs, images, floor=0.0)[0, 1, 5, 5] == 1
    assert crf(probs, images, bilateral_weight=30.0)[0, 1, 5, 5] < 0.5


def test_hard_centre_and_rim_of_a_box_find_the_object() -> None:
    """What is learnt from boxes: sure inside, sure outside, unsure between."""
    rows, columns = torch.meshgrid(torch.arange(40), torch.arange(40), indexing="ij")
    truth = (rows - 20) ** 2 + (columns - 20) ** 2 < 100
    images = torch.where(truth, 170.0, 80.0)[None, None] + 6 * torch.randn(1, 3, 40, 40)
    belief = torch.full((40, 40), 0.5)
    belief[16:25, 16:25] = 1.0
    belief[:9], belief[32:], belief[:, :9], belief[:, 32:] = 0.0, 0.0, 0.0, 0.0
    for way in WAYS:
        found = crf(torch.stack([1 - belief, belief])[None], images, **way)
        assert torch.equal(found[0].argmax(0).bool(), truth)


@pytest.mark.parametrize("way", WAYS)
def test_gradients_flow_to_the_probabilities(way) -> None:
    drawn = scene(0, size=16)
    probs = drawn.probs.double().requires_grad_()
    images = drawn.images.double()

    def told(given: Tensor) -> Tensor:
        return crf(given, images, steps=2, bilateral_weight=1.0, spatial_weight=1.0, **way)[0, 0].sum()

    (gradient,) = torch.autograd.grad(told(probs), probs)
    step = torch.zeros_like(probs)
    step[0, 1, 4, 4] = 1e-6
    numeric = (told(probs + step) - told(probs - step)) / 2e-6
    assert gradient[0, 1, 4, 4].item() == pytest.approx(numeric.item(), rel=1e-4)


@pytest.mark.parametrize("shape", [(1, 2, 1, 1), (1, 2, 1, 9), (0, 2, 5, 5)])
@pytest.mark.parametrize("way", WAYS)
def test_smallest_images(way, shape) -> None:
    probs = torch.full(shape, 0.5)
    found = crf(probs, torch.zeros(shape[0], 3, *shape[2:]), **way)
    torch.testing.assert_close(found, probs)


def test_smoothing_of_the_scenes_keeps_a_plane() -> None:
    torch.testing.assert_close(smooth(torch.ones(1, 1, 30, 30), 3.0), torch.ones(1, 1, 30, 30))


def test_sizes_that_differ_are_told() -> None:
    with pytest.raises(
        ShapeError, match=r"do not fit\. Probabilities are \(1, 2, 4, 4\), images are \(1, 3, 4, 5\)"
    ):
        _check(torch.full((1, 2, 4, 4), 0.5), torch.zeros(1, 3, 4, 5), 1e-5)  # the hints would say it first


@pytest.mark.parametrize("where", ["probs", "images"])
def test_what_is_not_finite_is_told(where) -> None:
    given = {"probs": torch.full((1, 2, 4, 4), 0.5), "images": torch.zeros(1, 3, 4, 4)}
    given[where][0, 0, 1, 1] = torch.nan
    with pytest.raises(DataError, match=r"not finite\. Found NaN or infinity"):
        crf(**given)


def test_a_pixel_without_any_class_is_told() -> None:
    with pytest.raises(DataError, match="no possible class"):
        crf(torch.zeros(1, 2, 4, 4), torch.zeros(1, 3, 4, 4), floor=0.0)
