"""What an evaluation counts: the same through windows as whole, and all that the report says of it."""

import math

import pytest
import torch
from torch import nn

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Batch
from pixelwise.engine.evaluate import evaluate, report
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou
from tests.metrics.drawn import blobs

CPU = torch.device("cpu")
CLASSES = Classes(("ground", "tree", "house"))


def truth(number=5, size=(40, 48)) -> torch.Tensor:
    rng = torch.Generator().manual_seed(4)
    labels = blobs(rng, number, *size).long() + blobs(rng, number, *size).long()
    labels[:, :3] = 255
    return labels


class Pointwise(nn.Module):
    """Says of each pixel what its three bands say."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images * 1.0


def batches(exclusive=True) -> list[Batch]:
    labels = truth()
    rng = torch.Generator().manual_seed(5)
    bands = torch.stack([labels == index for index in range(3)], 1).float()
    images = bands + 0.8 * torch.randn(bands.shape, generator=rng) - (0 if exclusive else 0.5)
    if not exclusive:
        labels = bands
    names = tuple(f"{number}.png" for number in range(5))
    return [Batch(images[:3], labels[:3], names[:3]), Batch(images[3:], labels[3:], names[3:])]


def found(exclusive=True, **more):
    classes = CLASSES if exclusive else Classes(CLASSES.names, exclusive=False)
    model = Pointwise()
    return evaluate(
        model, batches(exclusive), cross_entropy, classes, device=CPU, boundaries=True, **more
    ), classes


@pytest.mark.parametrize("exclusive", [True, False])
def test_windows_count_what_the_whole_counts(exclusive) -> None:
    whole, _ = found(exclusive)
    windowed, _ = found(exclusive, tile=16)
    assert (windowed.counts == whole.counts).all()
    assert (windowed.per_image == whole.per_image).all()
    torch.testing.assert_close(windowed.edges.sums, whole.edges.sums)
    assert windowed.images == whole.images


def test_images_are_scored_one_by_one() -> None:
    whole, _ = found()
    for batch, first in zip(batches(), (0, 3), strict=True):
        counts = confusion_counts(batch.images.argmax(1), batch.labels, 3)
        for number, name in enumerate(batch.names):
            assert whole.images[first + number] == (
                name,
                pytest.approx(float(mean_iou(Tally(counts[number])))),
            )


def test_a_report_says_how_sure_and_how_spread_its_mean_iou_is() -> None:
    told = report(*found(), split="test")
    assert told.scores["mean_iou_low"] < told.scores["mean_iou"] < told.scores["mean_iou_high"]
    spread = told.per_image["iou"]
    assert spread["lower_quartile"] <= spread["median"] <= spread["upper_quartile"]
    assert set(told.per_image) == {"iou", "dice"}
    assert sorted(score for _, score in told.worst) == [score for _, score in told.worst]
    assert len(told.worst) == told.samples == 5


def test_outlines_are_told_when_asked_for() -> None:
    told = report(*found(), split="test")
    edges = {"boundary_f", "boundary_iou", "hausdorff_95", "surface_distance"}
    assert edges < set(told.scores) and edges < set(told.per_class)
    assert 0 < told.scores["boundary_iou"] < 1 and told.scores["hausdorff_95"] > 0
    plain = evaluate(Pointwise(), batches(), cross_entropy, CLASSES, device=CPU)
    assert not edges & set(report(plain, CLASSES, split="test").scores)


def test_nothing_to_evaluate_is_undefined_and_no_fault() -> None:
    told = report(
        evaluate(Pointwise(), [], cross_entropy, CLASSES, device=CPU, boundaries=True), CLASSES, split="all"
    )
    assert told.samples == 0 and told.worst == ()
    assert all(math.isnan(score) for score in told.scores.values() if score != 0)
