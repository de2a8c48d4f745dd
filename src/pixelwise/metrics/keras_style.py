"""Keras' own numbers for planes, to stand beside the honest ones."""

import torch
from jaxtyping import Float
from torch import Tensor


def keras_counts(probs: Float[Tensor, "b k h w"], truth: Float[Tensor, "b k h w"]) -> Float[Tensor, " 5"]:
    """Elements, elements equal after thresholding, true positives, called positives, true elements.

    Whole numbers in float64, exact up to 2**53, so batches and processes add up.
    """
    called, positive = probs > 0.5, truth > 0
    equal = called.to(truth.dtype) == truth
    sums = [truth.new_tensor(truth.numel(), dtype=torch.float64)]
    sums += [part.sum(dtype=torch.float64) for part in (equal, called & positive, called, positive)]
    return torch.stack(sums)


def keras_scores(counts: Float[Tensor, " 5"]) -> dict[str, float]:
    """`binary_accuracy`, `precision` and `recall` as Keras 2 and 3 count them.

    Accuracy asks for exact equality of the truth and the thresholded prediction, so a soft truth
    strictly between 0 and 1 is always wrong; precision and recall take any truth above 0 as
    positive, so a perfect copy of soft truth misses every value up to one half. 0/0 is 0.

    Reference:
        Keras 3.15, `keras.metrics.BinaryAccuracy`, `Precision`, `Recall`, thresholds 0.5.
    """
    numbers: list[float] = counts.tolist()
    elements, equal, hits, called, positive = numbers
    return {
        "binary_accuracy": equal / elements if elements else 0.0,
        "precision": hits / called if called else 0.0,
        "recall": hits / positive if positive else 0.0,
    }
