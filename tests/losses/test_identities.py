"""What one loss says of another: where two formulas meet they give the same number."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from pixelwise.losses.asymmetric import asymmetric
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.losses.border_cross_entropy import border_cross_entropy
from pixelwise.losses.combo import combo
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.dice import dice
from pixelwise.losses.focal import focal
from pixelwise.losses.focal_tversky import focal_tversky
from pixelwise.losses.generalised_dice import generalised_dice
from pixelwise.losses.iou import iou
from pixelwise.losses.log_cosh_dice import log_cosh_dice
from pixelwise.losses.lovasz import lovasz
from pixelwise.losses.shape_aware import shape_aware
from pixelwise.losses.ssim import ssim
from pixelwise.losses.top_k import top_k
from pixelwise.losses.tversky import tversky

SEEDS = st.integers(0, 2**16)


def drawn(seed: int, k: int = 3, *, planes: bool = False):
    rng = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(2, k, 9, 7, generator=rng, dtype=torch.float64)
    if planes:
        labels = (torch.rand(2, k, 9, 7, generator=rng, dtype=torch.float64) < 0.4).double()
        labels[:, :, 4] = -1
    else:
        labels = torch.randint(k, (2, 9, 7), generator=rng)
        labels[:, 4] = 255
    return logits, labels


def check(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("planes", [False, True], ids=["labels", "planes"])
@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_region_losses_meet(planes: bool, seed: int) -> None:
    both = drawn(seed, planes=planes)
    check(tversky(*both, fp_weight=0.5, fn_weight=0.5, smooth=0.5), dice(*both, smooth=1.0))
    check(tversky(*both, fp_weight=1.0, fn_weight=1.0), iou(*both))
    check(focal_tversky(*both, exponent=1.0), tversky(*both))
    check(asymmetric(*both, beta=1.0, smooth=0.5), dice(*both, smooth=1.0))
    check(log_cosh_dice(*both), dice(*both).cosh().log())


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_one_plane_of_iou_follows_from_its_dice(seed: int) -> None:
    both = drawn(seed, 1, planes=True)
    lost = dice(*both, smooth=0.0)
    check(1 - iou(*both, smooth=0.0), (1 - lost) / (1 + lost))  # J = D / (2 - D)
    check(generalised_dice(*both), lost)


@pytest.mark.parametrize("planes", [False, True], ids=["labels", "planes"])
@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_losses_of_pixels_meet_in_cross_entropy(planes: bool, seed: int) -> None:
    both = drawn(seed, planes=planes)
    plain = cross_entropy(*both)
    check(focal(*both, gamma=0.0, alpha=None), plain)
    check(top_k(*both, share=1.0), plain)
    check(border_cross_entropy(*both, border_weight=0.0), plain)


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_contours_that_agree_add_nothing(seed: int) -> None:
    logits, labels = drawn(seed)
    valid = labels != 255
    right = logits + 100 * F.one_hot(labels.where(valid, 0), 3).movedim(-1, 1)
    check(shape_aware(right, labels, region="all"), cross_entropy(right, labels))


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_losses_of_planes_meet_in_binary_cross_entropy(seed: int) -> None:
    both = drawn(seed, planes=True)
    plain = binary_cross_entropy(*both)
    check(cross_entropy(*both), plain)
    check(focal(*both, gamma=0.0, alpha=0.5), plain / 2)
    check(combo(*both, alpha=1.0), plain / 2)  # beta one half
    check(combo(*both, alpha=0.0), dice(*both))


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_two_classes_are_one_plane(seed: int) -> None:
    logits, planes = drawn(seed, 1, planes=True)
    labels = planes[:, 0].long().where(planes[:, 0] >= 0, 255)
    as_two = torch.cat([-logits / 2, logits / 2], dim=1)
    check(cross_entropy(as_two, labels), cross_entropy(logits, planes))
    check(focal(as_two, labels), focal(logits, planes, alpha=None))
    check(combo(as_two, labels, alpha=1.0), combo(logits, planes, alpha=1.0))
    for loss in (dice, iou, tversky):
        check(loss(as_two, labels, include_background=False), loss(logits, planes))


def test_combo_keeps_the_digits_of_certain_classes() -> None:
    logits = torch.tensor([60.0, 0.0, 0.0]).view(1, 3, 1, 1)
    wrong = torch.ones(1, 1, 1, dtype=torch.long)
    # -[ln p_1 + ln(1 - p_0) + ln(1 - p_2)] / 3 / 2 with p_0 = 1 - 2e-26, which float32 rounds to one
    wanted = (60 + (60 - torch.tensor(2.0).log())) / 6
    torch.testing.assert_close(combo(logits, wrong, alpha=1.0), wanted)


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_lovasz_of_certain_predictions_is_what_iou_lacks_to_one(seed: int) -> None:
    logits, labels = drawn(seed)
    certain = 1e4 * F.one_hot(logits.argmax(1), 3).movedim(-1, 1).double()
    classes, valid = torch.arange(3).view(3, 1, 1, 1), labels != 255
    predicted, true = (logits.argmax(1) == classes) & valid, (labels == classes) & valid
    both, either = ((each).sum((1, 2, 3)).double() for each in (predicted & true, predicted | true))
    check(lovasz(certain, labels), (1 - both / either)[true.flatten(1).any(1)].mean())


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_certain_and_right_costs_nothing_structural(seed: int) -> None:
    _, planes = drawn(seed, planes=True)
    torch.testing.assert_close(ssim(1e4 * (planes * 2 - 1), planes), torch.zeros((), dtype=torch.float64))
