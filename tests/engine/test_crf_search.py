"""The search for the CRF's parameters: that it finds what is there to find, and tells no lies."""

import pytest
import torch

from pixelwise.engine.crf_search import (
    Grid,
    Judged,
    Setting,
    mean_iou_with,
    refined,
    scores_with,
    search,
    tries,
)
from pixelwise.systems.crf.blurred import blurred


def by_hand() -> Judged:
    """Four pixels, of which one is told wrongly and one does not count."""
    yes = torch.tensor([[0.9, 0.2], [0.6, 0.1]])
    return Judged(torch.zeros(3, 2, 2), torch.stack([1 - yes, yes]), torch.tensor([[1, 0], [0, 255]]))


def test_mean_iou_by_hand_without_a_crf() -> None:
    assert mean_iou_with([by_hand()], None) == pytest.approx((1 / 2 + 1 / 2) / 2)
    twice = mean_iou_with([by_hand(), by_hand()], None)
    assert twice == pytest.approx(0.5)


def test_weights_of_zero_leave_the_winners_as_they_are() -> None:
    judged = blurred(0, 2)
    nothing = Setting(bilateral_weight=0.0, spatial_weight=0.0)
    for each in judged:
        assert torch.equal(refined(each, nothing).argmax(0), each.probs.argmax(0))
    assert scores_with(judged, nothing, tolerance=1.0) == scores_with(judged, None, tolerance=1.0)


def test_a_search_tries_what_it_says_and_returns_the_best_of_it() -> None:
    judged = blurred(1, 2)
    grid = Grid((0.001, 10.0), (80.0,), (13 / 255,))
    moved: list[int] = []
    start = Setting(spatial_sd=1.5, steps=3)
    found, score = search(judged, grid=grid, start=start, advance=moved.append)
    assert sum(moved) == tries(grid) == 2 + 26
    assert score == mean_iou_with(judged, found) > mean_iou_with(judged, None) + 0.08
    assert found.spatial_sd == 1.5 and found.steps == 3
    assert found.bilateral_weight > 5  # the useless weight was not taken


def test_a_perfect_outline_scores_one_and_a_class_without_one_is_left_out() -> None:
    labels = torch.zeros(8, 8, dtype=torch.long)
    labels[2:5, 2:6] = 1
    probs = torch.nn.functional.one_hot(labels, 3).movedim(-1, 0).float()
    right = scores_with([Judged(torch.zeros(3, 8, 8), probs, labels)], None)
    assert right.mean_iou == 1 and right.boundary_f == 1
