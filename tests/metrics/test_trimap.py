"""Trimaps, by hand."""

import torch

from pixelwise.metrics.confusion import Tally, confusion_counts, iou
from pixelwise.metrics.trimap import near_boundaries


def test_only_a_band_along_the_boundary_counts() -> None:
    labels = torch.zeros(1, 2, 8, dtype=torch.int64)
    labels[..., 4:] = 1
    assert near_boundaries(labels, 1.0)[0, 0].tolist() == [255, 255, 0, 0, 1, 1, 255, 255]
    assert near_boundaries(labels, 0.0)[0, 0].tolist() == [255, 255, 255, 0, 1, 255, 255, 255]


def test_mistakes_far_away_do_not_change_the_iou_of_the_band() -> None:
    labels = torch.zeros(1, 2, 8, dtype=torch.int64)
    labels[..., 4:] = 1
    predicted = labels.clone()
    predicted[..., 0], predicted[..., 3] = 1, 1
    counts = confusion_counts(predicted, near_boundaries(labels, 1.0), 2).sum(0)
    assert iou(Tally(counts)).tolist() == [1 / 2, 4 / 6]


def test_pixels_that_do_not_count_are_no_boundary() -> None:
    labels = torch.tensor([[[0, 0, 255, 0, 1, 1, 1, 255]]])
    assert near_boundaries(labels, 0.0).tolist() == [[[255, 255, 255, 0, 1, 255, 255, 255]]]


def test_planes_have_a_band_each() -> None:
    planes = torch.tensor([[[[0.0, 0.0, 0.9, 1.0]], [[0.0, 0.2, 0.3, -1.0]]]])
    wanted = torch.tensor([[[[-1.0, 0.0, 0.9, -1.0]], [[-1.0, -1.0, -1.0, -1.0]]]])
    torch.testing.assert_close(near_boundaries(planes, 0.0), wanted)
