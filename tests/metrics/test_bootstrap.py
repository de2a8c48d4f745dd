"""Intervals of mean IoU: what they must hold, and how often."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import bootstrap

from pixelwise.metrics.bootstrap import mean_iou_interval, mean_ious

RNG = torch.Generator().manual_seed(0)


def images(number, rng=RNG, base=0.7):
    """Two classes of 100 true pixels each; of the first a drawn share is found."""
    share = (base + 0.1 * torch.randn(number, generator=rng)).clamp(0, 1)
    found = (100 * share).round().long()
    hits = torch.stack([found, torch.full_like(found, 100)], 1)
    predicted = torch.stack([found, 200 - found], 1)
    return torch.stack([hits, torch.full_like(hits, 100), predicted], 1)


def whole(counts) -> float:
    hits, truth, predicted = counts.sum(0).double()
    return float((hits / (truth + predicted - hits)).mean())


def test_one_image_or_equal_images_leave_no_doubt() -> None:
    counts = images(1)
    assert mean_iou_interval(counts) == (whole(counts), whole(counts))
    assert mean_iou_interval(counts.expand(7, -1, -1)) == pytest.approx((whole(counts), whole(counts)))


def test_no_images_have_none() -> None:
    assert all(math.isnan(end) for end in mean_iou_interval(images(0)))


def test_it_repeats_and_holds_the_mean_iou() -> None:
    counts = images(40)
    low, high = mean_iou_interval(counts)
    assert (low, high) == mean_iou_interval(counts)
    assert low < whole(counts) < high
    narrow = mean_iou_interval(counts, level=0.5)
    assert low < narrow[0] < narrow[1] < high


def test_each_draw_is_a_data_set_of_as_many_images() -> None:
    counts = torch.tensor([[[1], [1], [1]], [[0], [1], [1]]])  # IoU 1, and IoU 0 with a union of 2
    assert set(mean_ious(counts, draws=200, seed=1).tolist()) == {1.0, 1 / 3, 0.0}


@pytest.mark.oracle
def test_scipy_draws_the_same_interval() -> None:
    counts = images(60)

    def statistic(picked):
        return whole(counts[torch.as_tensor(picked)])

    theirs = bootstrap(
        (np.arange(60),), statistic, method="percentile", n_resamples=4000, vectorized=False, rng=0
    ).confidence_interval
    low, high = mean_iou_interval(counts, draws=4000)
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.1 * (high - low))


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    rng = torch.Generator().manual_seed(1)
    truth = whole(images(20_000, rng))
    held = sum(
        low <= truth <= high
        for low, high in (mean_iou_interval(images(60, rng), draws=400) for _ in range(200))
    )
    assert 0.88 <= held / 200 <= 0.99
