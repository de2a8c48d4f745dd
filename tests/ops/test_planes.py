"""The one door: labels and planes come out in one form."""

import pytest
import torch

from pixelwise.core.errors import ShapeError
from pixelwise.ops.planes import _check, counted, planes


def test_labels_become_indicator_planes_without_the_ignored() -> None:
    told = planes(torch.zeros(1, 2, 1, 3), torch.tensor([[[0, 1, 255]]]))
    assert told.truth.tolist() == [[[[1, 0, 0]], [[0, 1, 0]]]]
    assert told.valid[0, 0].tolist() == [[True, True, False]] and told.probs.unique().tolist() == [0.5]


def test_planes_stay_soft_and_negative_does_not_count() -> None:
    told = planes(torch.zeros(1, 2, 1, 2), torch.tensor([[[[0.25, -1.0]], [[1.0, 0.0]]]]))
    assert told.truth.tolist() == [[[[0.25, 0.0]], [[1.0, 0.0]]]]
    assert told.valid.tolist() == [[[[True, False]], [[True, True]]]]


def test_half_precision_is_computed_in_single() -> None:
    assert (
        planes(torch.zeros(1, 2, 1, 1, dtype=torch.bfloat16), torch.tensor([[[1]]])).probs.dtype
        == torch.float32
    )


def test_counted_knows_both() -> None:
    assert counted(torch.tensor([[[255, 1]]])).tolist() == [[[False, True]]]
    assert counted(torch.tensor([[[[-1.0, 0.0]]]])).tolist() == [[[[False, True]]]]


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ShapeError, match=r"Logits are \(1, 2, 4, 4\).*Give \(1, 4, 4\)"):
        _check(
            torch.zeros(1, 2, 4, 4), torch.zeros(1, 4, 5, dtype=torch.long)
        )  # behind the tests' own shape checks
