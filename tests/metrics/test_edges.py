"""Scores of outlines over a data set: how they are averaged, and that they add up."""

import math

import pytest
import torch

from pixelwise.metrics.boundary import boundary_f
from pixelwise.metrics.boundary_iou import boundary_iou_counts
from pixelwise.metrics.edges import EdgeTally
from pixelwise.metrics.surface import average_surface_distance, hausdorff, surfaces
from tests.metrics.drawn import box


def labels_of(*masks):
    labels = torch.zeros(masks[0].shape, dtype=torch.int64)
    for index, mask in enumerate(masks, 1):
        labels[mask] = index
    return labels[None]


def one_hot(labels):
    return torch.stack([labels == c for c in range(3)], 1)


ONE = box(10, 20, 10, 20), box(25, 35, 30, 45)
TRUTH = torch.cat([labels_of(*ONE), labels_of(box(5, 30, 5, 30))])  # the second image lacks class 2
FOUND = torch.cat([labels_of(box(11, 20, 10, 22), box(25, 35, 32, 45)), labels_of(box(5, 30, 5, 25))])


def tally(found, truth, classes=4) -> EdgeTally:
    edges = EdgeTally(classes)
    edges.add(found, truth)
    return edges


def test_over_classes_within_an_image_then_over_images() -> None:
    edges = tally(FOUND, TRUTH)
    masks = [(one_hot(FOUND)[:, c], one_hot(TRUTH)[:, c]) for c in range(3)]
    scores = torch.stack([boundary_f(found, truth, torch.ones_like(truth)) for found, truth in masks], 1)
    per_class = edges.per_class()["boundary_f"]
    torch.testing.assert_close(per_class[:3].float(), scores.nanmean(0))
    assert math.isnan(per_class[3])
    assert edges.whole()["boundary_f"] == pytest.approx(
        ((scores[0].sum() / 3 + scores[1, :2].sum() / 2) / 2).item()
    )
    assert scores[1, 2].isnan()


def test_boundary_iou_is_over_the_data_set() -> None:
    counts = [
        boundary_iou_counts(one_hot(FOUND)[:, c], one_hot(TRUTH)[:, c], TRUTH >= 0).sum(0) for c in range(3)
    ]
    ious = [(both / either).item() for both, either in counts]
    assert tally(FOUND, TRUTH).whole()["boundary_iou"] == pytest.approx(sum(ious) / 3)


def test_distances_leave_out_images_without_the_class() -> None:
    between = surfaces(FOUND[0] == 2, TRUTH[0] == 2)
    per_class = tally(FOUND, TRUTH).per_class()
    assert per_class["hausdorff_95"][2].item() == pytest.approx(hausdorff(between, 0.95))
    assert per_class["surface_distance"][2].item() == pytest.approx(average_surface_distance(between))


def test_a_class_that_is_missed_is_a_diagonal_away() -> None:
    edges = tally(torch.zeros_like(TRUTH[:1]), TRUTH[:1])
    assert edges.per_class()["hausdorff_95"][1].item() == pytest.approx(math.hypot(40, 50))


def test_batches_and_processes_add_up() -> None:
    whole, first, second = tally(FOUND, TRUTH), tally(FOUND[:1], TRUTH[:1]), tally(FOUND[1:], TRUTH[1:])
    torch.testing.assert_close(first.sums + second.sums, whole.sums)


def test_planes_are_their_classes_one_by_one() -> None:
    of_labels = tally(FOUND, TRUTH, 3)
    torch.testing.assert_close(tally(one_hot(FOUND), one_hot(TRUTH).float(), 3).sums, of_labels.sums)


def test_perfect_and_ignored_pixels() -> None:
    truth = TRUTH.clone()
    truth[:, :, 20:22] = 255
    whole = tally(TRUTH, truth).whole()
    assert whole == {"boundary_f": 1.0, "boundary_iou": 1.0, "hausdorff_95": 0.0, "surface_distance": 0.0}
