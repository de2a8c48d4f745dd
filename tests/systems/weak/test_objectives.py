"""Losses of weak labels, by hand."""

import math

import pytest
import torch

from pixelwise.systems.weak.objectives import best_pixels, maximising, pooled, set_likelihood


def test_a_known_pixel_is_what_it_is_whatever_the_expectation_says() -> None:
    logits = torch.tensor([[[[0.0, 0.0]], [[math.log(3), math.log(3)]]]])  # p = 1/4, 3/4
    possible = torch.tensor([[[[1.0, 1.0]], [[0.0, 1.0]]]])  # the first is known: class 0
    loss = maximising(lambda scores, _: torch.ones_like(scores[:, 0], dtype=torch.int64))
    assert loss(logits, possible).item() == pytest.approx((math.log(4) + math.log(4 / 3)) / 2)


def test_the_expectation_takes_no_gradient_and_uncounted_pixels_none_either() -> None:
    logits = torch.randn(1, 2, 1, 2, requires_grad=True)
    possible = torch.tensor([[[[1.0, -1.0]], [[1.0, -1.0]]]])
    seen: list[bool] = []

    def expect(scores, _):
        seen.append(scores.requires_grad)
        return scores.max(1).indices

    maximising(expect)(logits, possible).backward()
    assert seen == [False]
    assert logits.grad[..., 1].abs().sum() == 0
    assert logits.grad[..., 0].abs().sum() > 0


def test_the_set_of_possible_classes_shares_its_probability() -> None:
    logits = torch.tensor([0.2, 0.3, 0.5]).log()[None, :, None, None].expand(1, 3, 1, 2)
    possible = torch.tensor([[[[1.0, -1.0]], [[1.0, -1.0]], [[0.0, -1.0]]]])
    logits = logits.clone().requires_grad_()
    loss = set_likelihood(logits, possible)
    assert loss.item() == pytest.approx(-math.log(0.5))
    loss.backward()
    assert logits.grad[..., 1].abs().sum() == 0  # that pixel does not count
    assert logits.grad[0, 2, 0, 0] > 0  # the class that is not possible goes down


def test_baselines_by_hand() -> None:
    logits = torch.tensor([[[[2.0, 0.0]], [[0.0, 0.0]]]])
    possible = torch.tensor([[[[1.0, 1.0]], [[0.0, 0.0]]]])
    mean = (math.log(1 + math.exp(-1)) + math.log(2)) / 2  # means of scores: 1 and 0
    assert pooled(logits, possible).item() == pytest.approx(mean)
    present = -math.log(1 / (1 + math.exp(-2)))  # best pixel of class 0
    absent = -math.log(1 - 0.5)  # best pixel of class 1
    assert best_pixels(logits, possible).item() == pytest.approx(present + absent)
