"""Scores that are read off counts: by hand, by the published vector, and against other libraries."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, jaccard_score, precision_score, recall_score

from pixelwise.metrics.confusion import (
    Tally,
    confusion_counts,
    counts_of,
    dice_score,
    frequency_weighted_iou,
    iou,
    mean_accuracy,
    mean_iou,
    pixel_accuracy,
    plane_counts,
    precision,
    recall,
)

COUNTS = torch.tensor([[50, 2, 3, 0], [4, 20, 1, 0], [0, 5, 15, 0], [0, 0, 0, 0]])


def close(values, wanted) -> None:
    np.testing.assert_allclose(np.asarray(values, float), wanted, atol=1e-9)


def test_of_an_independent_script() -> None:
    tally = Tally(COUNTS)
    close(pixel_accuracy(tally), 0.85)
    close(mean_accuracy(tally), 0.8196969697)
    close(iou(tally), [0.8474576271, 0.625, 0.625, math.nan])
    close(mean_iou(tally), 0.6991525424)
    close(frequency_weighted_iou(tally), 0.7473516949)
    close(dice_score(tally), [0.9174311927, 0.7692307692, 0.7692307692, math.nan])
    close(precision(tally), [0.9259259259, 0.7407407407, 0.7894736842, math.nan])
    close(recall(tally), [0.9090909091, 0.8, 0.75, math.nan])


def test_three_rules_for_a_class_that_is_only_invented() -> None:
    counts = COUNTS.clone()
    counts[0, 3] = 2
    close(mean_iou(Tally(counts), "union"), 0.5174180328)
    close(mean_iou(Tally(counts), "truth"), 0.6898907104)
    close(mean_iou(Tally(COUNTS), "zero"), 0.6991525424 * 3 / 4)


def test_all_background_of_a_tenth_foreground() -> None:
    tally = Tally(torch.tensor([[90, 0], [10, 0]]))
    close(pixel_accuracy(tally), 0.9)
    close(mean_iou(tally), 0.45)


def test_keras_mean_iou_example() -> None:
    counts = confusion_counts(torch.tensor([[[0, 1, 1, 1]]]), torch.tensor([[[0, 0, 1, 1]]]), 3).sum(0)
    close(mean_iou(Tally(counts)), 0.5833333333)


@given(seed=st.integers(0, 2**16), k=st.integers(2, 6))
def test_counts_are_scikit_learns_and_ignore_what_is_no_class(seed, k) -> None:
    rng = torch.Generator().manual_seed(seed)
    predicted = torch.randint(k, (2, 5, 7), generator=rng)
    labels = torch.randint(k, (2, 5, 7), generator=rng)
    labels[torch.rand(2, 5, 7, generator=rng) < 0.3] = 255
    counts = confusion_counts(predicted, labels, k)
    for image in range(2):
        valid = labels[image] != 255
        wanted = confusion_matrix(labels[image][valid], predicted[image][valid], labels=range(k))
        assert counts[image].tolist() == wanted.tolist()


@given(seed=st.integers(0, 2**16))
def test_planes_count_like_scikit_learn(seed) -> None:
    rng = torch.Generator().manual_seed(seed)
    logits, truth = torch.randn(2, 3, 4, 5, generator=rng), torch.rand(2, 3, 4, 5, generator=rng)
    tally = Tally(counts_of(logits, truth).sum(0))
    flat = lambda planes: planes.movedim(1, -1).reshape(-1, 3).numpy()  # noqa: E731
    told = {"y_true": flat(truth > 0.5), "y_pred": flat(logits > 0), "average": None, "zero_division": np.nan}
    close(iou(tally), jaccard_score(**{**told, "zero_division": 0.0}))
    close(precision(tally), precision_score(**told))
    close(recall(tally), recall_score(**told))


@pytest.mark.parametrize("labels_are", [torch.int8, torch.int16, torch.int32, torch.int64])
def test_no_label_outside_the_classes_counts_however_far(labels_are) -> None:
    labels = torch.tensor([[[-1, 0, 1, 2, 127, torch.iinfo(labels_are).min, torch.iinfo(labels_are).max]]])
    predicted = torch.tensor([[[0, 1, 1, 0, 1, 0, 1]]])
    assert confusion_counts(predicted, labels.to(labels_are), 2).tolist() == [[[0, 1], [0, 1]]]


@pytest.mark.parametrize(
    "shape", [(0, 5, 5), (1, 400, 401), (3, 300, 500), (2, 1, 262_145), (70, 50, 60), (5, 0, 3)]
)
def test_images_counted_in_parts_or_together_are_counted_as_one_by_one(shape) -> None:
    predicted, labels = torch.randint(7, shape), torch.randint(-1, 8, shape)
    counts = confusion_counts(predicted, labels, 7)
    assert counts.shape == (shape[0], 7, 7)
    for image in range(shape[0]):
        inside = (labels[image] >= 0) & (labels[image] < 7)
        cells = (labels[image] * 7 + predicted[image])[inside]
        assert (counts[image].flatten() == torch.bincount(cells, minlength=49)).all()


def test_many_small_images_of_many_classes_are_told_apart() -> None:
    labels = torch.arange(255).repeat(40, 1).view(40, 15, 17)
    predicted = labels.clone()
    predicted[7, 0, 3] = 254
    counts = confusion_counts(predicted, labels, 255)
    wanted = torch.eye(255, dtype=torch.int64)
    assert (counts[6] == wanted).all() and (counts[8] == wanted).all()
    assert counts[7, 3, 254] == 1 and counts[7, 3, 3] == 0 and counts[7].sum() == 255


def test_planes_that_do_not_count_are_left_out() -> None:
    truth = torch.tensor([1.0, 1.0, 0.0, -1.0]).view(1, 1, 2, 2)
    counts = plane_counts(torch.tensor([True, False, True, True]).view(1, 1, 2, 2), truth)
    assert counts.tolist() == [[[[0, 1], [1, 1]]]]


@pytest.mark.oracle
def test_torchmetrics_agrees_over_the_whole_set() -> None:
    from torchmetrics.classification import MulticlassJaccardIndex

    oracle = MulticlassJaccardIndex(4, ignore_index=255)
    total = torch.zeros(4, 4, dtype=torch.long)
    for _ in range(3):
        logits, labels = torch.randn(2, 4, 6, 6), torch.randint(4, (2, 6, 6))
        labels[:, 0] = 255
        oracle.update(logits, labels)
        total += counts_of(logits, labels).sum(0)
    close(mean_iou(Tally(total)), oracle.compute().item() * np.ones(()))
