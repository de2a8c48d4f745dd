"""Planes of possible classes, by hand."""

import math

import pytest
import torch

from pixelwise.ops.possible import anywhere, image_level, known, pointed, present

LABELS = torch.tensor([[0, 2], [255, 0]])


def test_an_image_label_allows_its_classes_anywhere() -> None:
    assert anywhere(LABELS, 3).tolist() == [[[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]]
    assert present(anywhere(LABELS, 3)[None]).tolist() == [[True, False, True]]


def test_a_point_allows_one_class_and_an_ignored_one_tells_nothing() -> None:
    mask = torch.tensor([[False, True], [True, False]])
    possible = pointed(anywhere(LABELS, 3), LABELS, mask)[None]
    assert known(possible).tolist() == [[[255, 2], [255, 255]]]
    assert present(possible).tolist() == [[True, False, True]]


def test_uncounted_pixels_are_not_known() -> None:
    assert known(torch.tensor([[[[-1.0, 1.0]], [[-1.0, 0.0]]]])).tolist() == [[[255, 0]]]


def test_the_best_pixel_of_each_class_is_judged() -> None:
    probs = torch.tensor([[[[0.7, 0.2]], [[0.1, 0.4]], [[0.2, 0.4]]]])
    there = torch.tensor([[True, True, False]])
    presence = -(math.log(0.7) + math.log(0.4)) / 2
    absence = -math.log(0.6)
    assert image_level(probs.log(), there).item() == pytest.approx(presence + absence)
    assert image_level(probs.log(), there, absence=False).item() == pytest.approx(presence)
    assert image_level(probs.log(), there, presence=False).item() == pytest.approx(absence)


def test_no_absent_class_costs_nothing_and_a_sure_absent_one_is_finite() -> None:
    logits = torch.tensor([[[[99.0]], [[0.0]]]], requires_grad=True)
    assert image_level(logits, torch.tensor([[True, True]]), presence=False).item() == 0
    cost = image_level(logits, torch.tensor([[False, True]])).sum()
    cost.backward()
    assert cost.isfinite()
    assert logits.grad.isfinite().all()
