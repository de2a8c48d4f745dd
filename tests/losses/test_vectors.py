"""The losses against numbers computed elsewhere: an independent NumPy script, by hand, scikit-learn."""

import pytest
import torch
from sklearn.metrics import log_loss

from pixelwise.core.errors import ShapeError
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.dice import dice

TRUTH = torch.tensor([[1.0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.float64)
PROBS = torch.tensor(
    [[0.9, 0.8, 0.3, 0.1], [0.7, 0.4, 0.2, 0.1], [0.6, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1]],
    dtype=torch.float64,
)
TRUTH, LOGITS = TRUTH[None, None], PROBS.logit()[None, None]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (binary_cross_entropy(LOGITS, TRUTH), 0.2528639757),
        (binary_cross_entropy(LOGITS, TRUTH, positive_weight=2.0), 0.3529558346),
        (binary_cross_entropy(LOGITS, TRUTH, positive_weight=0.25), 0.1777950815),
        (dice(LOGITS, TRUTH, smooth=0.0), 0.3636363636),
        (dice(LOGITS, TRUTH, smooth=1e-5), 0.3636359504),
        (dice(LOGITS, TRUTH, smooth=1.0), 0.3265306122),
        (dice(LOGITS, TRUTH, smooth=0.0, squared=True), 0.1616766467),
    ],
)
def test_of_an_independent_script(value, wanted) -> None:
    assert value.item() == pytest.approx(wanted, abs=1e-9)


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


def test_cross_entropy_of_planes_is_binary() -> None:
    logits, planes = torch.randn(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    torch.testing.assert_close(cross_entropy(logits, planes), binary_cross_entropy(logits, planes))
