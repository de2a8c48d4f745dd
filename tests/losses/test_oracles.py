"""The losses against other libraries, where their definitions agree.

The golden numbers were computed once by MONAI 1.6.1 and segmentation_models_pytorch 0.6.0 (which computes
in float32) on what `drawn` draws. Left out where they define something else: smp smooths Dice and IoU below
the fraction only, and torchmetrics' structural similarity leaves out the frame of the image.
"""

import pytest
import torch
from torch.nn import functional as F
from torchmetrics.functional.segmentation import dice_score
from torchvision.ops import sigmoid_focal_loss

from pixelwise.losses.dice import dice
from pixelwise.losses.focal import focal
from pixelwise.losses.generalised_dice import generalised_dice
from pixelwise.losses.hausdorff import hausdorff
from pixelwise.losses.lovasz import lovasz
from pixelwise.losses.tversky import tversky

pytestmark = pytest.mark.oracle


def drawn() -> tuple[torch.Tensor, torch.Tensor]:
    """Two images with a square of each of two classes, and wavy scores."""
    labels = torch.zeros(2, 16, 16, dtype=torch.long)
    labels[:, 3:9, 2:8], labels[:, 9:15, 8:14] = 1, 2
    labels[1] = labels[1].T.flip(0)
    logits = 3 * torch.sin(torch.arange(2 * 3 * 16 * 16, dtype=torch.float64) ** 1.1).view(2, 3, 16, 16)
    return logits, labels


@pytest.mark.parametrize(
    ("loss", "options", "wanted"),
    [
        (generalised_dice, {}, 0.7988113046727885),  # GeneralizedDiceLoss(batch=True, smooth 0)
        (generalised_dice, {"per_image": True}, 0.7988121888172466),
        (hausdorff, {}, 6.286598892220702),  # HausdorffDTLoss
        (hausdorff, {"include_background": True}, 5.96928493145307),
        (hausdorff, {"log": True}, 1.9860368928779282),  # LogHausdorffDTLoss
        (tversky, {}, 0.710000355391637),  # TverskyLoss(alpha=0.3, beta=0.7, batch=True, smooth 1)
        (dice, {"include_background": False, "per_image": True}, 0.8032973470534447),  # DiceLoss, smooth 1
    ],
)
def test_regions_and_distances_are_those_of_monai(loss, options, wanted) -> None:
    assert loss(*drawn(), **options).item() == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(("per_image", "wanted"), [(False, 0.7912842631340027), (True, 0.7911577224731445)])
def test_lovasz_softmax_is_that_of_smp(per_image: bool, wanted: float) -> None:
    assert lovasz(*drawn(), per_image=per_image).item() == pytest.approx(wanted, rel=3e-7)


@pytest.mark.parametrize(("per_image", "wanted"), [(False, 3.1039113998413086), (True, 3.1036763191223145)])
def test_lovasz_hinge_is_that_of_smp(per_image: bool, wanted: float) -> None:
    logits, labels = drawn()
    planes = (labels == 1).double()[:, None]
    assert lovasz(logits[:, :1], planes, per_image=per_image).item() == pytest.approx(wanted, rel=3e-7)


@pytest.mark.parametrize(("gamma", "alpha"), [(2.0, 0.25), (0.5, 0.9), (0.0, 0.5), (3.0, None)])
def test_focal_of_planes_is_that_of_torchvision(gamma: float, alpha: float | None) -> None:
    logits, planes = 4 * torch.randn(2, 3, 8, 8), (torch.rand(2, 3, 8, 8) < 0.3).float()
    wanted = sigmoid_focal_loss(logits, planes, -1 if alpha is None else alpha, gamma, reduction="mean")
    torch.testing.assert_close(focal(logits, planes, gamma=gamma, alpha=alpha), wanted)


def test_dice_of_certain_predictions_is_that_of_torchmetrics() -> None:
    logits, labels = drawn()
    predicted, truth = (F.one_hot(each, 3).movedim(-1, 1) for each in (logits.argmax(1), labels))
    wanted = dice_score(predicted, truth, 3, average="macro", input_format="one-hot").mean()
    found = dice(1e4 * predicted.double(), labels, smooth=0.0, per_image=True)
    assert found.item() == pytest.approx(1 - wanted.item(), rel=1e-6)
