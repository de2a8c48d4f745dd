"""The E-steps, by hand."""

from functools import partial

import pytest
import torch
from torch import Generator, Tensor

from pixelwise.ops.possible import present
from pixelwise.systems.weak.expectation import adapted, adapted_inside, balanced, fixed, suppressed

EVERYWHERE = (1.0, 1.0, 0.0)  # background and class 1 are there, class 2 is not


def planes(there: tuple[float, ...], rows: int = 1, columns: int = 4) -> Tensor:
    return torch.tensor(there)[None, :, None, None].expand(1, -1, rows, columns).clone()


def shares(labels: Tensor, num_classes: int) -> list[float]:
    return [(labels == label).float().mean().item() for label in range(num_classes)]


def test_fixed_biases_are_added_to_present_classes_and_absent_ones_may_still_win() -> None:
    scores = torch.tensor([[[[0.0, 0, 0, 0]], [[-1.0, -3, 0, 0]], [[0.0, 0, 6, 1]]]])
    # present: 0 + 3 against f + 5; absent: as it is
    assert fixed(scores, planes(EVERYWHERE)).tolist() == [[[1, 0, 2, 1]]]
    assert fixed(scores, planes(EVERYWHERE), confined=True).tolist() == [[[1, 0, 1, 1]]]


def test_a_box_keeps_its_class_inside() -> None:
    possible = planes((1.0, 0.0, 0.0))
    possible[0, 1, 0, :2] = 1
    scores = torch.tensor([[[[0.0] * 4], [[9.0] * 4], [[9.0] * 4]]])
    assert fixed(scores, possible, confined=True).tolist() == [[[1, 1, 0, 0]]]


def test_absent_classes_are_lowered_beneath_every_present_one_where_they_are_above() -> None:
    scores = torch.tensor([[[[3.0, 3.0]], [[1.0, 1.0]], [[2.0, 0.5]]]])
    found = suppressed(scores, torch.tensor([[True, True, False]]), margin=0.25)
    torch.testing.assert_close(found[0, 2], torch.tensor([[0.75, 0.5]]))  # 1 - 0.25, and as it was
    torch.testing.assert_close(found[:, :2], scores[:, :2])


def test_the_shift_is_the_difference_of_the_pixel_at_the_portion() -> None:
    scores = torch.tensor([[5.0, 5, 5, 5], [4.0, 3, 2, 1]])  # the background is ahead by 1, 2, 3, 4
    shifts = balanced(scores, (0.0, 0.5), rng=Generator(), swaps=1)
    torch.testing.assert_close(shifts, torch.tensor([0.0, 3.0]))  # the third smallest: two win, one draws
    assert balanced(scores, (1.0, 0.0), rng=Generator(), swaps=1).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("seed", range(3))
def test_one_thing_has_exactly_its_portion_where_it_had_less(seed) -> None:
    scores = torch.randn(1, 3, 20, 20, generator=Generator().manual_seed(seed))
    scores[:, 0] += 4  # the background wins everywhere
    labels = adapted(scores, planes(EVERYWHERE, 20, 20), rng=Generator(), background=0.4, foreground=0.2)
    assert shares(labels, 3) == pytest.approx([0.8, 0.2, 0.0], abs=1 / 400)


@pytest.mark.parametrize("seed", range(3))
def test_every_present_class_has_about_its_portion_and_absent_ones_nothing(seed) -> None:
    scores = 3 * torch.randn(1, 5, 30, 30, generator=Generator().manual_seed(seed))
    scores[:, 4] += 20  # absent, and far ahead
    possible = planes((1.0, 1.0, 1.0, 0.0, 0.0), 30, 30)
    rng = Generator().manual_seed(seed)
    found = shares(adapted(scores, possible, rng=rng, background=0.4, foreground=0.2), 5)
    assert found[0] > 0.4 - 0.06
    assert min(found[1:3]) > 0.2 - 0.06
    assert found[3:] == [0.0, 0.0]


def test_without_suppression_an_absent_class_may_win() -> None:
    scores = torch.zeros(1, 3, 4, 4)
    scores[:, 2] = 50
    step = partial(adapted, scores, planes(EVERYWHERE, 4, 4), rng=Generator())
    assert shares(step(suppress=False), 3)[2] == 1.0
    assert shares(step(suppress=True), 3)[2] == 0.0


def test_scores_are_not_changed_in_place() -> None:
    scores = torch.randn(1, 3, 8, 8)
    before = scores.clone()
    for suppress in (True, False):
        adapted(scores, planes(EVERYWHERE, 8, 8), rng=Generator(), suppress=suppress)
    adapted_inside(scores, planes(EVERYWHERE, 8, 8), rng=Generator())
    assert torch.equal(scores, before)


@pytest.mark.parametrize("ahead", [0, 1])
def test_inside_a_box_both_have_their_portion_and_outside_there_is_background(ahead) -> None:
    possible = planes((1.0, 0.0, 0.0), 20, 20)
    possible[0, 2, 5:15, 5:15] = 1
    scores = torch.randn(1, 3, 20, 20, generator=Generator().manual_seed(1))
    scores[:, 2 if ahead else 0] += 9
    labels = adapted_inside(scores, possible, rng=Generator(), background=0.2, foreground=0.4)
    box = labels[0, 5:15, 5:15]
    assert (box == 2).float().mean().item() == pytest.approx(0.8 if ahead else 0.4, abs=0.02)
    assert int((labels == 2).sum()) == int((box == 2).sum())
    assert present(possible).tolist() == [[True, False, True]]
