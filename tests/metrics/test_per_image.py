"""Scores of single images and their spread, by hand."""

import math

import numpy as np
import pytest
import torch

from pixelwise.metrics.confusion import Tally, confusion_counts, iou, plane_counts
from pixelwise.metrics.per_image import image_counts, image_dices, image_ious, image_means, spread, worst

# Hit, true, predicted pixels of three classes in two images; the third class occurs in the second only.
COUNTS = torch.tensor([[[6, 2, 0], [8, 4, 0], [6, 6, 0]], [[0, 5, 1], [0, 5, 4], [0, 8, 1]]])


def close(values, wanted) -> None:
    np.testing.assert_allclose(np.asarray(values, float), wanted, atol=1e-9)


def test_by_hand_with_each_rule_for_what_is_not_there() -> None:
    close(image_ious(COUNTS), [[6 / 8, 2 / 8, math.nan], [math.nan, 5 / 8, 1 / 4]])
    close(image_ious(COUNTS, "one"), [[6 / 8, 2 / 8, 1], [1, 5 / 8, 1 / 4]])
    close(image_ious(COUNTS, "zero"), [[6 / 8, 2 / 8, 0], [0, 5 / 8, 1 / 4]])
    close(image_dices(COUNTS), [[12 / 14, 4 / 10, math.nan], [math.nan, 10 / 13, 2 / 5]])
    close(image_means(image_ious(COUNTS)), [1 / 2, 7 / 16])


def test_counts_of_an_image_give_its_iou_for_labels_and_planes() -> None:
    predicted, labels = torch.randint(3, (2, 2, 6, 7))
    counts = confusion_counts(predicted, labels, 3)
    close(image_ious(image_counts(counts))[1], iou(Tally(counts[1])))
    counts = plane_counts(torch.rand(2, 3, 4, 5) > 0.5, torch.rand(2, 3, 4, 5))
    close(image_ious(image_counts(counts))[1], iou(Tally(counts[1])))


def test_quartiles_leave_out_images_without_a_score() -> None:
    found = spread(torch.tensor([0.1, math.nan, 0.2, 0.4, 0.8]).double())
    assert found.mean == pytest.approx(0.375)
    assert (found.lower_quartile, found.median, found.upper_quartile) == pytest.approx((0.175, 0.3, 0.5))
    assert math.isnan(spread(torch.tensor([math.nan])).median)


def test_the_worst_come_first() -> None:
    values = torch.tensor([0.9, 0.1, math.nan, 0.5])
    assert [name for name, _ in worst("abcd", values, most=2)] == ["b", "d"]
    assert [name for name, _ in worst("abcd", values)] == ["b", "d", "a"]
