"""Keras' numbers, by hand: why a perfect copy of soft truth scores poorly there."""

import torch

from pixelwise.metrics.keras_style import keras_counts, keras_scores


def test_by_hand() -> None:
    truth = torch.tensor([0.0, 1.0, 0.3, 0.0]).view(1, 1, 2, 2)
    probs = torch.tensor([0.1, 0.9, 0.2, 0.6]).view(1, 1, 2, 2)
    scores = keras_scores(keras_counts(probs, truth))
    assert scores == {"binary_accuracy": 0.5, "precision": 0.5, "recall": 0.5}


def test_a_perfect_copy_of_grey_truth_misses_half_of_it() -> None:
    truth = torch.tensor([0.2, 0.8]).view(1, 1, 1, 2)
    scores = keras_scores(keras_counts(truth, truth))
    assert scores == {"binary_accuracy": 0.0, "precision": 1.0, "recall": 0.5}


def test_nothing_over_nothing_is_zero() -> None:
    empty = torch.zeros(1, 1, 1, 2)
    assert keras_scores(keras_counts(empty, empty)) == {
        "binary_accuracy": 1.0,
        "precision": 0.0,
        "recall": 0.0,
    }
