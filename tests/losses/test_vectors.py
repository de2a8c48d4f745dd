"""The losses against numbers computed elsewhere: an independent NumPy script, by hand, scikit-learn."""

from math import log

import pytest
import torch
from sklearn.metrics import log_loss

from pixelwise.core.errors import ShapeError
from pixelwise.losses.balanced_cross_entropy import balanced_cross_entropy
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.losses.combo import combo
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.dice import dice
from pixelwise.losses.exponential_logarithmic import exponential_logarithmic
from pixelwise.losses.focal import focal
from pixelwise.losses.focal_tversky import focal_tversky
from pixelwise.losses.generalised_dice import generalised_dice
from pixelwise.losses.hausdorff import hausdorff
from pixelwise.losses.hausdorff_erosion import hausdorff_erosion
from pixelwise.losses.iou import iou
from pixelwise.losses.log_cosh_dice import log_cosh_dice
from pixelwise.losses.sensitivity_specificity import sensitivity_specificity
from pixelwise.losses.top_k import top_k
from pixelwise.losses.tversky import tversky

TRUTH = torch.tensor([[1.0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.float64)
PROBS = torch.tensor(
    [[0.9, 0.8, 0.3, 0.1], [0.7, 0.4, 0.2, 0.1], [0.6, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1]],
    dtype=torch.float64,
)
TRUTH, LOGITS = TRUTH[None, None], PROBS.logit()[None, None]
AS_TWO = torch.cat([-LOGITS / 2, LOGITS / 2], dim=1), TRUTH[:, 0].long()  # the same by softmax
SQUARE = torch.zeros(1, 1, 9, 9, dtype=torch.float64)
SQUARE[:, :, 2:7, 2:7] = 1
MISSED = torch.full_like(SQUARE, -1e3)

ROWS = [
    (binary_cross_entropy, {}, 0.2528639757),
    (binary_cross_entropy, {"positive_weight": 2.0}, 0.3529558346),
    (binary_cross_entropy, {"positive_weight": 0.25}, 0.1777950815),
    (binary_cross_entropy, {"positive_weight": 1 / 3}, 0.1861360697),
    (balanced_cross_entropy, {}, 0.1132619234),
    (focal, {}, 0.0236416492),
    (focal, {"alpha": None}, 0.0470198970),
    (dice, {"smooth": 0.0}, 0.3636363636),
    (dice, {"smooth": 1e-5}, 0.3636359504),
    (dice, {"smooth": 1.0}, 0.3265306122),
    (dice, {"smooth": 0.0, "squared": True}, 0.1616766467),
    (iou, {"smooth": 0.0}, 0.5333333333),
    (iou, {}, 0.4571428571),
    (tversky, {"smooth": 0.0}, 0.3396226415),
    (tversky, {}, 0.2748091603),
    (tversky, {"fp_weight": 0.7, "fn_weight": 0.3, "smooth": 0.0}, 0.3859649123),
    (tversky, {"fp_weight": 0.7, "fn_weight": 0.3}, 0.3165467626),
    (focal_tversky, {}, 0.3795538524),
    (focal_tversky, {"exponent": 4 / 3}, 0.1786658734),
    (focal_tversky, {"exponent": 2.0}, 0.0755200746),
    (sensitivity_specificity, {"sensitivity_weight": 1.0}, 0.125),
    (sensitivity_specificity, {"sensitivity_weight": 0.0}, 0.0483333333),
    (sensitivity_specificity, {}, 0.0521666667),
    (sensitivity_specificity, {"sensitivity_weight": 0.1}, 0.056),
    (sensitivity_specificity, {"sensitivity_weight": 0.5, "form": "one_minus"}, 0.2333333333),
    (log_cosh_dice, {}, 0.0523898550),
    (log_cosh_dice, {"smooth": 0.0}, 0.0647080090),
    (hausdorff, {}, 0.176875),
    (hausdorff, {"one_sided": True}, 0.086875),
    (hausdorff_erosion, {}, 0.0),
    (combo, {}, -0.2735186999 + 0.5),  # the paper's value, and what ours is larger by
]


@pytest.mark.parametrize(("loss", "options", "wanted"), ROWS)
def test_of_an_independent_script(loss, options, wanted) -> None:
    assert loss(LOGITS, TRUTH, **options).item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("loss", "options", "wanted"),
    [
        (hausdorff_erosion, {"rescale": True}, 1.0877897252),
        (hausdorff_erosion, {}, 0.1049382716),
        (hausdorff, {"one_sided": True}, 0.7037037037),
    ],
)
def test_of_a_square_that_is_missed(loss, options, wanted) -> None:
    assert loss(MISSED, SQUARE, **options).item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "wanted"), [((1.0, 0.0), 0.6567800462), ((0.0, 1.0), 0.8568126160), ((0.8, 0.2), 0.6967865601)]
)
def test_exponential_logarithmic_of_an_independent_script(parts, wanted) -> None:
    found = exponential_logarithmic(
        *AS_TWO, dice_weight=parts[0], cross_entropy_weight=parts[1], class_weights=((4 / 3) ** 0.5, 2.0)
    )
    assert found.item() == pytest.approx(wanted, abs=1e-9)


def test_generalised_dice_of_an_independent_script() -> None:
    assert generalised_dice(*AS_TWO).item() == pytest.approx(0.3125, abs=1e-9)


def test_cross_entropy_is_scikit_learns_log_loss() -> None:
    logits, labels = torch.randn(2, 4, 5, 6), torch.randint(4, (2, 5, 6))
    probs = logits.softmax(1).movedim(1, -1).reshape(-1, 4).double()
    probs = probs / probs.sum(1, keepdim=True)
    wanted = log_loss(labels.flatten(), probs, labels=[0, 1, 2, 3])
    assert cross_entropy(logits, labels).item() == pytest.approx(wanted, rel=1e-5)


def test_weights_by_hand() -> None:
    labels, logits = torch.tensor([[[0, 1]]]), torch.zeros(1, 2, 1, 2)  # every pixel costs ln 2
    ln2 = torch.tensor(2.0).log()
    torch.testing.assert_close(cross_entropy(logits, labels, class_weights=(1.0, 3.0)), ln2)
    by_pixels = cross_entropy(logits, labels, class_weights=(1.0, 3.0), normalise="pixels")
    torch.testing.assert_close(by_pixels, 2 * ln2)  # (1 + 3) / 2 pixels
    assert cross_entropy(logits, labels, class_weights=(0.0, 0.0)) == 0
    with pytest.raises(ShapeError, match="3 class weights for 2 classes"):
        cross_entropy(logits, labels, class_weights=(1.0, 1.0, 1.0))


def test_balance_is_of_the_batch_or_of_each_image() -> None:
    planes = torch.zeros(2, 1, 1, 4)
    planes[0, 0, 0, 0] = 1  # one of eight in the batch; one of four in the first image, none in the second
    logits = torch.zeros(2, 1, 1, 4)  # every pixel costs ln 2
    whole = (7 / 8 * 1 + 1 / 8 * 7) * log(2) / 8
    assert balanced_cross_entropy(logits, planes).item() == pytest.approx(whole, rel=1e-6)
    each = (3 / 4 * 1 + 1 / 4 * 3 + 0 * 4) * log(2) / 8
    assert balanced_cross_entropy(logits, planes, per_image=True).item() == pytest.approx(each, rel=1e-6)


def test_focal_of_classes_by_hand() -> None:
    labels, logits = torch.tensor([[[0, 1]]]), torch.zeros(1, 4, 1, 2)  # p = 1/4 everywhere
    wanted = (3 / 4) ** 2 * log(4)
    assert focal(logits, labels).item() == pytest.approx(wanted, rel=1e-6)
    weighted = focal(logits, labels, class_weights=(1.0, 3.0, 1.0, 1.0))
    assert weighted.item() == pytest.approx(2 * wanted, rel=1e-6)


def test_top_k_by_hand() -> None:
    logits = torch.tensor([[[[0.0, 1.0, 2.0, -3.0, 9.0]]]])
    planes = torch.tensor([[[[1.0, 0.0, 0.0, 0.0, -1.0]]]])  # the last one does not count
    costs = [log(1 + 2.718281828459045**z) for z in (1.0, 2.0)]  # the two worst of four
    assert top_k(logits, planes, share=0.5).item() == pytest.approx(sum(costs) / 2, rel=1e-6)
    assert top_k(logits, planes, share=0.01).item() == pytest.approx(costs[1], rel=1e-6)


def test_dice_by_hand() -> None:
    labels = torch.tensor([[[0, 1]]])
    logits = torch.zeros(1, 2, 1, 2)  # p = 1/2 everywhere
    torch.testing.assert_close(dice(logits, labels, smooth=0.0), torch.tensor(0.5))


def test_dice_leaves_an_absent_class_out_without_smoothing() -> None:
    labels = torch.zeros(1, 2, 2, dtype=torch.long)
    logits = torch.tensor([200.0, -200.0, -200.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    assert dice(logits, labels, smooth=0.0).item() == 0


def test_dice_of_images_is_their_mean() -> None:
    logits, labels = torch.randn(3, 2, 4, 4), torch.randint(2, (3, 4, 4))
    each = torch.stack([dice(logits[i : i + 1], labels[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(dice(logits, labels, per_image=True), each.mean())


def test_classes_of_choice_take_part_in_dice() -> None:
    labels = torch.tensor([[[0, 1]]])
    logits = torch.zeros(1, 4, 1, 2)  # p = 1/4: one half of 3/2 for those that are true, nothing for the rest
    absent = 1 - 1 / (1 / 2 + 1)
    here = 1 - (1 / 2 + 1) / (1 / 2 + 1 + 1)
    assert dice(logits, labels).item() == pytest.approx((2 * here + 2 * absent) / 4)
    assert dice(logits, labels, include_absent=False).item() == pytest.approx(here)
    assert dice(logits, labels, include_background=False).item() == pytest.approx((here + 2 * absent) / 3)


def test_generalised_dice_weighs_an_absent_class_like_the_rarest() -> None:
    labels = torch.tensor([[[0, 0, 0, 1]]])
    logits = torch.zeros(1, 3, 1, 4)  # p = 1/3: sizes 4/3; weights 1/9, 1 and, for the absent, 1
    above = 1 / 9 * 1 + 1 * 1 / 3
    below = 1 / 9 * (3 + 4 / 3) + (1 + 4 / 3) + 4 / 3
    assert generalised_dice(logits, labels).item() == pytest.approx(1 - 2 * above / below, rel=1e-6)
