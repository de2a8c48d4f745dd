"""Mean IoU over thresholds, by hand, and why the Keras metric of this name is none."""

import pytest
import torch

from pixelwise.metrics.thresholds import mean_iou_over_thresholds, threshold_counts

TRUTH = torch.tensor([1.0, 1.0, 0.0, 0.0]).view(1, 1, 2, 2)
PROBS = torch.tensor([0.97, 0.72, 0.62, 0.1]).view(1, 1, 2, 2)


def test_by_hand() -> None:
    # foreground, background: up to 0.60 2/3 and 1/2; at 0.65 and 0.70 all right; from 0.75 on 1/2 and 2/3
    wanted = (3 * (2 / 3 + 1 / 2) / 2 + 2 * 1 + 5 * (1 / 2 + 2 / 3) / 2) / 10
    assert mean_iou_over_thresholds(threshold_counts(PROBS, TRUTH)).item() == pytest.approx(wanted)


def test_a_probability_at_the_threshold_is_not_above_it() -> None:
    counts = threshold_counts(torch.full((1, 1, 1, 1), 0.5), torch.ones(1, 1, 1, 1))
    assert counts[0].tolist() == [[[0, 0], [1, 0]]]


def test_what_was_counted_before_does_not_leak_into_what_is_counted_now() -> None:
    before = threshold_counts(1 - PROBS, TRUTH)
    now = threshold_counts(PROBS, TRUTH)
    streaming = mean_iou_over_thresholds(before + now)  # as variables do that are never reset
    assert streaming.item() < mean_iou_over_thresholds(now).item() - 0.2


def test_all_background_scores_near_one_half_where_objects_are_rare() -> None:
    truth = torch.zeros(1, 1, 10, 10)
    truth[..., 0, 0] = 1
    assert mean_iou_over_thresholds(threshold_counts(truth * 0, truth)).item() == pytest.approx(0.99 / 2)
