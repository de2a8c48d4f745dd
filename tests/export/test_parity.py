"""How two models are compared, by hand."""

import math

import pytest
import torch

from pixelwise.core.classes import Classes
from pixelwise.export.parity import compare, judged

CLASSES = Classes(("ground", "vine"))
IMAGE = torch.zeros(1, 2, 4)
TRUTH = torch.tensor([[0, 0, 1, 1], [0, 0, 1, 1]])


def off_by(pixels: int):
    """A model that is right but for the first few pixels."""

    def label(image: torch.Tensor) -> torch.Tensor:
        found = TRUTH.clone().flatten()
        found[:pixels] = 1
        return found.view(2, 4)

    return label


def test_agreement_is_over_pixels_and_the_worst_is_named() -> None:
    samples = [("good", IMAGE, TRUTH), ("poor", torch.ones(1, 2, 4), TRUTH)]
    found = compare(samples, off_by(0), lambda image: off_by(2 * int(image.mean()))(image), CLASSES)
    parity = judged(found, (10, 5), agree=0.9, lose=0.5)
    assert parity.agreement == pytest.approx(14 / 16)
    assert (parity.worst.name, parity.worst.agreement) == ("poor", 0.75)
    assert parity.faults == ("87.500% of the pixels agree, and 90.000% must.",)
    assert parity.bytes == (10, 5) and parity.images == 2


def test_a_loss_of_mean_iou_is_a_fault_though_enough_agree() -> None:
    found = compare([("a", IMAGE, TRUTH)], off_by(0), off_by(1), CLASSES)
    parity = judged(found, (1, 1), agree=0.5, lose=0.1)
    after = (3 / 4 + 4 / 5) / 2  # ground 3 of 4, vine 4 of 5
    assert parity.mean_iou == pytest.approx((1.0, after))
    assert len(parity.faults) == 1 and "mean IoU falls by 0.2250" in parity.faults[0]


def test_a_better_export_is_no_fault() -> None:
    found = compare([("a", IMAGE, TRUTH)], off_by(1), off_by(0), CLASSES)
    assert not judged(found, (1, 1), agree=0.5, lose=0.0).faults


def test_planes_agree_where_all_classes_do() -> None:
    classes = Classes(("vine", "leaf"), exclusive=False)
    first = torch.tensor([[[1.0, 1.0]], [[0.0, 1.0]]])
    second = torch.tensor([[[1.0, 1.0]], [[1.0, 1.0]]])
    found = compare([("a", torch.zeros(1, 1, 2), first)], lambda _: first, lambda _: second, classes)
    assert judged(found, (1, 1), agree=0.0, lose=1.0).agreement == 0.5


def test_without_true_labels_there_is_no_score() -> None:
    parity = judged(compare([("a", IMAGE, None)], off_by(0), off_by(0), CLASSES), (1, 1), agree=1.0, lose=0.0)
    assert all(math.isnan(score) for score in parity.mean_iou) and not parity.faults
