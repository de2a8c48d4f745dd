"""One note for each error of public loss code that we met, so that none of them comes in here."""

import pytest
import torch

from pixelwise.losses.asymmetric import asymmetric
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.losses.combo import combo
from pixelwise.losses.dice import dice
from pixelwise.losses.exponential_logarithmic import exponential_logarithmic
from pixelwise.losses.focal import focal
from pixelwise.losses.focal_tversky import focal_tversky
from pixelwise.losses.hausdorff import hausdorff
from pixelwise.losses.hausdorff_erosion import hausdorff_erosion
from pixelwise.losses.iou import iou
from pixelwise.losses.sensitivity_specificity import sensitivity_specificity
from pixelwise.losses.shape_aware import shape_aware
from pixelwise.losses.tversky import tversky

HALF = torch.zeros(1, 1, 1, 4)  # p = 1/2 everywhere
ONE_OF_FOUR = torch.tensor([[[[1.0, 0, 0, 0]]]])
NONE_OF_FOUR = torch.zeros(1, 1, 1, 4)
CERTAINLY_NONE = torch.full((1, 1, 1, 4), -1e3)


@pytest.mark.parametrize("loss", [dice, iou, tversky, asymmetric])
def test_regions_are_lost_not_won(loss) -> None:
    """Public code returns minus the coefficient; a loss is least, and zero, when all is right."""
    assert loss(1e3 * (2 * ONE_OF_FOUR - 1), ONE_OF_FOUR) == 0
    assert loss(1e3 * (1 - 2 * ONE_OF_FOUR), ONE_OF_FOUR) > 0.5


@pytest.mark.parametrize("smooth", [0.0, 1e-7, 1.0])
@pytest.mark.parametrize("loss", [dice, iou, tversky, asymmetric, focal_tversky])
def test_empty_and_predicted_empty_loses_nothing(loss, smooth) -> None:
    """Public code divides zero by zero, or (Keras) calls it a whole loss."""
    logits = CERTAINLY_NONE.clone().requires_grad_()
    found = loss(logits, NONE_OF_FOUR, smooth=smooth)
    found.backward()
    assert found == 0 and logits.grad.isfinite().all()


def test_the_weight_of_positives_is_the_one_given() -> None:
    """Public code hands its library beta / (1 - beta), so that 0.25 becomes one third."""
    found = binary_cross_entropy(HALF, ONE_OF_FOUR, positive_weight=0.25) / torch.tensor(2.0).log()
    assert found.item() == pytest.approx((0.25 + 3) / 4)


def test_focal_adds_nothing_to_the_probability() -> None:
    """Public code adds 1e-5 to p, so what is certain and wrong costs at most 11.5 nats."""
    assert focal(torch.full((1, 1, 1, 1), -80.0), torch.ones(1, 1, 1, 1), alpha=None).item() == pytest.approx(
        80
    )


def test_misses_weigh_by_the_weight_of_misses() -> None:
    """Alpha and beta are exchanged between sources."""
    missed, invented = -HALF - 1e3, HALF + 1e3
    assert tversky(missed, ONE_OF_FOUR, fn_weight=1.0, fp_weight=0.0, smooth=1.0).item() == pytest.approx(
        1 / 2
    )
    assert tversky(missed, ONE_OF_FOUR, fn_weight=0.0, fp_weight=1.0, smooth=1.0) == 0
    assert tversky(invented, NONE_OF_FOUR, fn_weight=0.0, fp_weight=1.0, smooth=1.0).item() == pytest.approx(
        0.8
    )
    assert asymmetric(missed, ONE_OF_FOUR).item() > asymmetric(missed, ONE_OF_FOUR, beta=0.5).item()


def test_the_exponent_is_used_as_given_and_of_each_class() -> None:
    """Texts print gamma where the paper has 1/gamma; public code takes the power after the mean."""
    labels = torch.tensor([[[0, 0, 0, 1]]])
    logits = torch.zeros(1, 2, 1, 4)
    each = [
        1 - (1.5 + 1) / (1.5 + 0.3 * 0.5 + 0.7 * 1.5 + 1),
        1 - (0.5 + 1) / (0.5 + 0.3 * 1.5 + 0.7 * 0.5 + 1),
    ]
    for exponent in (0.75, 4 / 3):
        wanted = (each[0] ** exponent + each[1] ** exponent) / 2
        assert focal_tversky(logits, labels, exponent=exponent).item() == pytest.approx(wanted)


def test_sensitivity_is_of_what_is_true() -> None:
    """Public code exchanges the names; and the survey prints the score, which grows with what is right."""
    missed = CERTAINLY_NONE
    for form in ("squared_error", "one_minus"):
        assert sensitivity_specificity(missed, ONE_OF_FOUR, sensitivity_weight=1.0, form=form) == 1
        assert sensitivity_specificity(missed, ONE_OF_FOUR, sensitivity_weight=0.0, form=form) == 0


def test_both_terms_of_shape_awareness_are_costs() -> None:
    """The survey prints a minus before logarithms that have one."""
    far = torch.tensor([[[[-2.0, -2, -2, 2]]]])
    assert shape_aware(far, ONE_OF_FOUR) > binary_cross_entropy(far, ONE_OF_FOUR)


def test_erosions_have_a_gradient() -> None:
    """Public code computes them in numpy, outside of all gradients."""
    logits = torch.full((1, 1, 5, 5), -3.0, requires_grad=True)
    hausdorff_erosion(logits, torch.ones(1, 1, 5, 5)).backward()
    assert logits.grad is not None and logits.grad.abs().sum() > 0


def test_a_full_mask_is_no_distance_from_anything() -> None:
    """Public code skips only empty masks, and gives a full one distances to nothing."""
    assert hausdorff(HALF, torch.ones(1, 1, 1, 4)) == 0


def test_combo_multiplies_truth_and_logarithm() -> None:
    """The survey prints y minus the logarithm; the value is then not zero when all is right."""
    assert combo(1e3 * (2 * ONE_OF_FOUR - 1), ONE_OF_FOUR) == 0


def test_logarithms_are_raised_class_by_class_and_pixel_by_pixel() -> None:
    """Public code raises the mean of Dice, and the likelihood not at all."""
    labels, logits = torch.tensor([[[0, 0, 0, 1]]]), torch.zeros(1, 2, 1, 4)
    logits[0, 0, 0, 0] = 3.0
    probs = logits.softmax(1)
    dices = [
        (2 * probs[0, k][labels[0] == k].sum() + 1) / (probs[0, k].sum() + (labels == k).sum() + 1)
        for k in range(2)
    ]
    regions = sum((-value.log()) ** 0.3 for value in dices) / 2
    pixels = ((-probs.gather(1, labels[:, None]).log()) ** 0.3).mean()
    torch.testing.assert_close(exponential_logarithmic(logits, labels), 0.8 * regions + 0.2 * pixels)
