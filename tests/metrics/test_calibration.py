"""Calibration: by hand, and against torchmetrics and scikit-learn."""

import math

import pytest
import torch
from sklearn.metrics import brier_score_loss

from pixelwise.metrics.calibration import (
    brier_score,
    brier_sums,
    calibration_sums,
    expected_calibration_error,
    maximum_calibration_error,
)


def logits_of(*probs: float) -> torch.Tensor:
    """Two classes, the first with these probabilities, in one row."""
    first = torch.tensor(probs, dtype=torch.float64)
    return torch.stack([first, 1 - first]).log()[None, :, None]


def test_by_hand() -> None:
    logits = logits_of(
        0.9, 0.9, 0.9, 0.6, 0.6
    )  # three sure ones, one of them wrong; two doubtful, both right
    labels = torch.tensor([[[0, 0, 1, 0, 0]]])
    sums = calibration_sums(logits, labels, bins=10)
    assert sums[0].sum() == 5 and sums[2].sum() == 4
    assert expected_calibration_error(sums).item() == pytest.approx((3 * (0.9 - 2 / 3) + 2 * 0.4) / 5)
    assert maximum_calibration_error(sums).item() == pytest.approx(0.4)
    brier = brier_score(brier_sums(logits, labels)).item()
    assert brier == pytest.approx(2 * (2 * 0.01 + 0.81 + 2 * 0.16) / 5)


def test_ignored_pixels_do_not_matter_and_batches_add_up() -> None:
    logits, labels = torch.randn(2, 3, 4, 6), torch.randint(3, (2, 4, 6))
    labels[:, :, :2] = 255
    disturbed = logits.clone()
    disturbed[..., :2] = 9 * torch.randn(2, 3, 4, 2)
    for sums in (calibration_sums, brier_sums):
        whole = sums(logits, labels)
        torch.testing.assert_close(sums(disturbed, labels), whole)
        torch.testing.assert_close(sums(logits[:1], labels[:1]) + sums(logits[1:], labels[1:]), whole)


def test_nothing_to_count_is_undefined() -> None:
    logits, labels = torch.randn(1, 3, 2, 2), torch.full((1, 2, 2), 255)
    sums = calibration_sums(logits, labels)
    assert math.isnan(expected_calibration_error(sums)) and math.isnan(maximum_calibration_error(sums))
    assert math.isnan(brier_score(brier_sums(logits, labels)))


def test_certainty_belongs_to_the_last_bin_and_impossibility_to_the_first() -> None:
    planes = torch.tensor([-200.0, 200.0]).view(1, 1, 1, 2)
    sums = calibration_sums(planes, torch.tensor([0.0, 1.0]).view(1, 1, 1, 2), bins=4)
    assert sums[0].tolist() == [1, 0, 0, 1]
    assert expected_calibration_error(sums).item() == 0.0


@pytest.mark.oracle
def test_torchmetrics_agrees() -> None:
    from torchmetrics.functional.classification import binary_calibration_error, multiclass_calibration_error

    logits, labels = 2 * torch.randn(3, 4, 8, 8), torch.randint(4, (3, 8, 8))
    labels[:, 0] = 255
    sums = calibration_sums(logits, labels, bins=10)
    for norm, ours in (("l1", expected_calibration_error), ("max", maximum_calibration_error)):
        theirs = multiclass_calibration_error(
            logits.softmax(1), labels, 4, n_bins=10, norm=norm, ignore_index=255
        )
        assert ours(sums).item() == pytest.approx(theirs.item(), rel=1e-4)
    truth = (torch.rand(3, 4, 8, 8) < logits.sigmoid() ** 2).float()
    theirs = binary_calibration_error(logits.sigmoid(), truth.int(), n_bins=10)
    found = expected_calibration_error(calibration_sums(logits, truth, bins=10))
    assert found.item() == pytest.approx(theirs.item(), rel=1e-4)


@pytest.mark.oracle
def test_scikit_learn_agrees() -> None:
    logits, truth = torch.randn(2, 1, 5, 5), (torch.rand(2, 1, 5, 5) < 0.4).float()
    theirs = brier_score_loss(truth.flatten().numpy(), logits.sigmoid().flatten().numpy())
    assert brier_score(brier_sums(logits, truth)).item() == pytest.approx(theirs, rel=1e-5)
    labels = torch.randint(3, (2, 5, 5))
    logits = torch.randn(2, 3, 5, 5)
    probs = logits.softmax(1).movedim(1, -1).reshape(-1, 3).double()
    theirs = brier_score_loss(
        labels.flatten().numpy(), (probs / probs.sum(1, keepdim=True)).numpy(), scale_by_half=False
    )
    assert brier_score(brier_sums(logits, labels)).item() == pytest.approx(theirs, rel=1e-5)
