"""Clicks, strokes, the prior and their price."""

import pytest
import torch
from torch import Generator

from pixelwise.systems.points.marks import clicks, objectness, outline_seconds, seconds_of, strokes, told

LABELS = torch.zeros(20, 24, dtype=torch.int64)
LABELS[2:12, 2:12] = 1
LABELS[14:19, 10:22] = 3
LABELS[0, :] = 255


def rng(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_as_many_clicks_as_asked_for_on_each_class_that_is_there() -> None:
    marked = clicks(LABELS, rng(), number=3)
    assert [int((LABELS[marked] == label).sum()) for label in (0, 1, 2, 3, 255)] == [0, 3, 0, 3, 0]
    assert int(clicks(LABELS, rng(), number=3, first=0).sum()) == 9
    few = torch.tensor([[1, 0], [0, 0]])
    assert int(clicks(few, rng(), number=5).sum()) == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_stroke_is_one_connected_line_within_its_class(seed) -> None:
    marked = strokes(LABELS, rng(seed), length=12)
    for label in (1, 3):
        places = (marked & LABELS.eq(label)).nonzero()
        assert 3 <= len(places) <= 12
        apart = (places[:, None] - places[None]).abs().amax(2)
        near = (apart <= 1).float()
        assert torch.linalg.matrix_power(near, 12).all()  # every pixel is reached from every other
    assert not (marked & (LABELS == 0)).any()
    assert (strokes(LABELS, rng(seed), first=0) & (LABELS == 0)).any()


def test_the_prior_is_higher_on_things_and_never_sure() -> None:
    prior = objectness(LABELS, rng())
    assert prior.min().item() >= 0.05 - 1e-6
    assert prior.max().item() <= 0.85 + 1e-6
    alone = torch.zeros(40, 40, dtype=torch.int64)
    alone[10:22, 8:22] = 2
    prior = objectness(alone, rng())
    assert prior[alone == 2].mean() > prior[alone == 0].mean() + 0.2
    assert objectness(torch.zeros(9, 9, dtype=torch.int64), rng()).isfinite().all()


def test_what_is_told_are_the_classes_the_marks_and_the_prior() -> None:
    planes = told(LABELS, 4, clicks(LABELS, rng()))
    assert planes.shape == (5, 20, 24)
    assert int((planes[:4].sum(0) == 1).sum()) == 2  # two pixels are known
    assert planes[:4].amax((1, 2)).tolist() == [1, 1, 0, 1]
    assert (planes[4] == 0.5).all()


def test_seconds_of_the_papers_annotators() -> None:
    # of 4 classes one is absent, three are clicked once: 1 + 3 * 2.4; each further click takes 0.9
    assert seconds_of([LABELS], 4, number=1) == pytest.approx(8.2)
    assert seconds_of([LABELS], 4, number=3) == pytest.approx(8.2 + 3 * 2 * 0.9)
    # the background, the square and the bar are outlined: 1 + 3 * 79
    assert outline_seconds([LABELS], 4) == pytest.approx(238)
    assert outline_seconds([LABELS], 4, least=70) == pytest.approx(159)
