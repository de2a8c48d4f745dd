"""Levels of classes, by hand."""

import math

import pytest
import torch

from pixelwise.core.errors import DataError
from pixelwise.systems.hierarchy.levels import (
    DRAWN,
    FILL,
    PAPER,
    VESSEL,
    Level,
    apart,
    at_level,
    loss_of_levels,
    outputs,
)


def test_labels_of_the_finest_level_tell_all_others() -> None:
    labels = torch.tensor([[0, 1, 2, 3, 255]])
    assert at_level(labels, VESSEL).tolist() == [[0, 1, 1, 1, 255]]
    assert at_level(labels, FILL).tolist() == [[0, 1, 2, 2, 255]]


def test_the_papers_levels_have_24_scores_and_agree_with_one_another() -> None:
    assert outputs(PAPER) == 2 + 3 + 4 + 15
    exact = PAPER[3]
    for name, told in (
        ("foam", (1, 2, 2)),
        ("powder", (1, 2, 3)),
        ("vessel", (1, 1, 1)),
        ("background", (0, 0, 0)),
    ):
        number = exact.classes.index(name)
        assert tuple(level.of[number] for level in PAPER[:3]) == told
    for vessel, fill, phase in zip(*(level.of for level in PAPER[:3]), strict=True):
        assert (vessel == 0) == (fill == 0) == (phase == 0) and (fill == 1) == (phase == 1)


def test_the_loss_is_the_sum_of_all_levels_by_hand() -> None:
    logits, labels = torch.zeros(1, 9, 1, 2), torch.tensor([[[3, 255]]])
    assert loss_of_levels(logits, labels, DRAWN).item() == pytest.approx(
        math.log(2) + math.log(3) + math.log(4)
    )
    logits[0, [1, 4, 8]] = 50.0  # vessel, filled, solid
    assert loss_of_levels(logits, labels, DRAWN).item() == pytest.approx(0.0, abs=1e-6)


def test_logits_come_apart_level_by_level() -> None:
    parts = apart(torch.arange(9.0).view(1, 9, 1, 1), DRAWN)
    assert [part.flatten().tolist() for part in parts] == [[0, 1], [2, 3, 4], [5, 6, 7, 8]]


def test_a_level_that_leaves_a_class_out_is_refused() -> None:
    with pytest.raises(DataError, match="level 'odd' does not fit"):
        Level("odd", ("a", "b"), (0, 0))
