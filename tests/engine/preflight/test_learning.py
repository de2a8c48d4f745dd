"""Models that can learn two images, and models and losses that cannot."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.optim import Adam

from pixelwise.core.sample import Batch
from pixelwise.engine.preflight.learning import finite, most_telling, overfit, step_seconds
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.dice import dice

CPU = torch.device("cpu")
plain = partial(overfit, device=CPU, dtype=None, seconds=60.0)


def two_images(planes: bool = False) -> Batch:
    """Squares of their own brightness on dark ground."""
    labels = torch.zeros(2, 16, 16, dtype=torch.long)
    labels[:, 3:9, 4:12] = 1
    labels[1, 10:15, 2:7] = 2
    images = torch.stack([labels / 2.0, 1 - labels / 2.0], dim=1)
    if planes:
        return Batch(images, (labels[:, None] == torch.arange(3)[:, None, None]).float(), ("a", "b"))
    return Batch(images, labels, ("a", "b"))


def small() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))


def learnt(model: nn.Module, loss, batch: Batch):
    return plain(model, loss, Adam(model.parameters(), lr=0.05), batch)


@pytest.mark.parametrize("loss", [cross_entropy, dice, binary_cross_entropy], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("planes", [False, True], ids=["exclusive", "planes"])
def test_a_sound_model_learns_two_images_by_heart(loss, planes) -> None:
    found = learnt(small(), loss, two_images(planes))
    assert found.severity == "fine" and "by heart" in found.saying


class _Dead(nn.Module):
    """Its scores do not hang on the image, and their weight is multiplied by nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))

    def forward(self, images):
        return (0 * self.weight)[None, :, None, None].expand(len(images), 3, *images.shape[-2:])


def test_a_dead_output_is_a_fault() -> None:
    found = learnt(_Dead(), cross_entropy, two_images())
    assert found.severity == "fault" and "cannot be learnt" in found.saying


@pytest.mark.parametrize("loss", [cross_entropy, dice, binary_cross_entropy], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("planes", [False, True], ids=["exclusive", "planes"])
def test_a_loss_of_wrong_sign_is_a_fault(loss, planes) -> None:
    found = learnt(small(), lambda logits, labels: -loss(logits, labels), two_images(planes))
    assert found.severity == "fault" and "sign" in found.advice


def test_one_minus_the_loss_is_of_wrong_sign_too() -> None:
    found = learnt(small(), lambda logits, labels: 1 - dice(logits, labels), two_images())
    assert found.severity == "fault" and "sign" in found.advice


def test_a_loss_that_is_no_number_is_a_fault() -> None:
    found = learnt(small(), lambda logits, labels: cross_entropy(logits, labels) / 0, two_images())
    assert found.severity == "fault" and "became inf at step 1" in found.saying


def test_labels_of_which_none_counts_are_a_fault() -> None:
    batch = two_images()
    found = learnt(
        small(), cross_entropy, Batch(batch.images, torch.full_like(batch.labels, 255), ("a", "b"))
    )
    assert found.severity == "fault" and "zero before" in found.saying


def test_slowness_is_a_warning_and_haste_decides_nothing() -> None:
    model = small()
    slow = plain(model, cross_entropy, Adam(model.parameters(), lr=1e-3), two_images())
    assert slow.severity == "warning" and "slowly" in slow.saying
    model = small()
    optimizer = Adam(model.parameters(), lr=1e-3)
    hasty = plain(model, cross_entropy, optimizer, two_images(), seconds=0.0)
    assert hasty.severity == "untried" and "in 1 steps" in hasty.saying


def test_short_floats_that_suffice_and_do_not() -> None:
    look = partial(finite, batch=two_images(), device=CPU, dtype=torch.bfloat16)
    assert look(small(), cross_entropy).severity == "fine"

    class Explodes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = small()

        def forward(self, images):
            return self.body(images) / images.std()  # an even image has no spread

    found = look(Explodes(), cross_entropy)
    assert (
        found.severity == "fault" and "even dark image" in found.saying and "the images" not in found.saying
    )
    assert "float32" in found.advice


def test_the_images_that_show_most_are_chosen() -> None:
    labels = torch.zeros(4, 4, 4, dtype=torch.long)
    labels[1, 0, 0], labels[1, 0, 1], labels[3, 0, 0] = 1, 2, 255
    labels[2, 0, 0] = 1
    batch = Batch(torch.zeros(4, 1, 4, 4), labels, tuple("abcd"))
    assert most_telling(batch).names == ("b", "c")
    assert most_telling(Batch(batch.images[:1], batch.labels[:1], ("a",))).names == ("a", "a")
    planes = torch.zeros(3, 2, 4, 4)
    planes[2, :, 0, 0] = 1
    planes[1, 0, 0, 0] = 1
    assert most_telling(Batch(torch.zeros(3, 1, 4, 4), planes, tuple("abc"))).names == ("c", "b")


def test_timing_a_step_leaves_the_weights_alone() -> None:
    model = small()
    before = [weights.detach().clone() for weights in model.parameters()]
    look = partial(step_seconds, model, cross_entropy, two_images(), device=CPU, dtype=None)
    assert look(image_seconds=1e-6, seconds=1.0) > 0
    for one, other in zip(before, model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert look(image_seconds=50.0, seconds=10.0) == 3 * 50.0 * 2  # told, not tried
