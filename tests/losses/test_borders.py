"""Losses that look at distances and windows: by hand, and against SciPy and plain loops."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from pixelwise.losses.border_cross_entropy import border_cross_entropy
from pixelwise.losses.boundary import boundary
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.losses.hausdorff import hausdorff
from pixelwise.losses.hausdorff_erosion import hausdorff_erosion
from pixelwise.losses.shape_aware import shape_aware
from pixelwise.losses.ssim import ssim

LINE = torch.tensor([[[[1.0, 0, 0, 0, 0]]]])  # the first pixel of five is true
ON_THE_FOURTH = torch.tensor([[[[-2.0, -2, -2, 2, -2]]]])
NOWHERE = torch.full_like(LINE, -2.0)
LOW, HIGH = (float(np.log1p(np.exp(z))) for z in (-2.0, 2.0))  # what right and wrong pixels cost
LOW_10, HIGH_10 = (float(np.log1p(np.exp(z))) for z in (-10.0, 10.0))


def close(found: torch.Tensor, wanted: float) -> None:
    assert found.item() == pytest.approx(wanted, rel=1e-5)


def test_shape_aware_by_hand() -> None:
    far = 3  # from the predicted contour, one pixel, to the true one
    close(shape_aware(ON_THE_FOURTH, LINE), (2 * (1 + far) * HIGH + 3 * LOW) / 5)
    close(shape_aware(ON_THE_FOURTH, LINE, region="all"), (1 + far) * (2 * HIGH + 3 * LOW) / 5)
    far = 3 / 26**0.5
    close(shape_aware(ON_THE_FOURTH, LINE, normalise=True), (2 * (1 + far) * HIGH + 3 * LOW) / 5)


def test_one_empty_mask_is_a_diagonal_away_and_two_are_no_distance() -> None:
    diagonal = 26**0.5
    close(shape_aware(NOWHERE, LINE), ((1 + diagonal) * HIGH + 4 * LOW) / 5)
    close(shape_aware(ON_THE_FOURTH, torch.zeros_like(LINE)), ((1 + diagonal) * HIGH + 4 * LOW) / 5)
    close(shape_aware(NOWHERE, torch.zeros_like(LINE)), LOW)


def test_contours_of_classes_are_averaged_over_those_that_are_shown() -> None:
    labels = torch.tensor([[[1, 0, 0, 0, 0]]])
    logits = torch.zeros(1, 3, 1, 5)
    logits[:, 1] = ON_THE_FOURTH[:, 0] * 5  # class 1 on the fourth, class 0 elsewhere, class 2 nowhere
    costs = [2 * HIGH_10, 3 * LOW_10]
    # class 1 is 3 away; of class 0 (a line: all contour) the first pixel is 1 away from it: 1/4
    far = (3 + 1 / 4) / 2
    logits[:, 2] = -50
    close(shape_aware(logits, labels), ((1 + far) * costs[0] + costs[1]) / 5)


def test_contours_take_no_gradient_through_their_distance() -> None:
    logits = ON_THE_FOURTH.clone().requires_grad_()
    shape_aware(logits, LINE, region="all").backward()
    plain = ON_THE_FOURTH.clone().requires_grad_()
    (4 * cross_entropy(plain, LINE)).backward()
    torch.testing.assert_close(logits.grad, plain.grad)


def test_hausdorff_by_hand() -> None:
    certain = 1e3 * ON_THE_FOURTH
    field_true, field_predicted = [1, 1, 2, 3, 4], [3, 2, 1, 1, 1]
    wanted = (field_true[0] ** 2 + field_predicted[0] ** 2 + field_true[3] ** 2 + field_predicted[3] ** 2) / 5
    close(hausdorff(certain, LINE), wanted)
    close(hausdorff(certain, LINE, log=True), float(np.log1p(wanted)))
    close(hausdorff(certain, LINE, alpha=1.0), (1 + 3 + 3 + 1) / 5)
    close(hausdorff(certain, LINE, one_sided=True), (1 + 9) / 5)


@pytest.mark.parametrize("value", [0.0, 1.0], ids=["empty", "full"])
def test_masks_without_boundary_are_at_no_distance(value: float) -> None:
    truth = torch.full((1, 1, 4, 4), value)
    logits = torch.zeros(1, 1, 4, 4, requires_grad=True)  # nothing above one half: empty as well
    found = hausdorff(logits, truth) + boundary(logits, truth)
    found.backward()
    assert found == 0 and logits.grad.isfinite().all()


def test_erosions_by_hand() -> None:
    missed = torch.zeros(1, 1, 3, 3)
    cross = torch.zeros(1, 1, 3, 3)
    cross[..., 1, :] = cross[..., :, 1] = 1
    # the centre keeps 5/5 - 1/2, then 1/10 - 1/2; the arms 2/5 - 1/2; the corners too
    close(hausdorff_erosion(missed - 1e3, cross), 0.5 / 9)
    close(hausdorff_erosion(missed - 1e3, cross, rescale=True), 1 / 9)
    assert hausdorff_erosion(missed - 1e3, cross * torch.eye(3)) == 0  # too thin


def test_erosions_teach() -> None:
    logits = torch.zeros(1, 1, 9, 9, requires_grad=True)
    truth = torch.zeros(1, 1, 9, 9)
    truth[..., 2:7, 2:7] = 1
    (hausdorff_erosion(logits - 3, truth) + hausdorff_erosion(logits - 3, truth, rescale=True)).backward()
    assert (logits.grad[..., 3:6, 3:6] < 0).all()  # more score inside costs less
    assert (logits.grad[truth == 0] >= 0).all()  # and outside, beside it, more


def test_boundary_by_hand() -> None:
    logits = torch.zeros(1, 1, 1, 5)
    close(boundary(logits, LINE), 0.5 * (-1 + 1 + 2 + 3 + 4) / 5)
    close(boundary(1e3 * (2 * LINE - 1), LINE), -1 / 5)  # all right


def test_border_weights_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((2, 20, 24)) < 0.15).astype(np.int64)
    labels[0, :3] = 255
    logits = torch.from_numpy(rng.normal(size=(2, 2, 20, 24)))
    total = 0.0
    for image, costs in zip(labels, logits.log_softmax(1).numpy(), strict=True):
        cells, number = ndimage.label(image == 1)
        far = np.sort([ndimage.distance_transform_edt(cells != n) for n in range(1, number + 1)], axis=0)
        weights = (
            0.5 * (image == 0) + 2.0 * (image == 1) + 10 * np.exp(-((far[0] + far[1]) ** 2) / (2 * 3.0**2))
        )
        of_truth = np.take_along_axis(costs, np.clip(image, 0, 1)[None], axis=0)[0]
        total -= (weights * of_truth)[image != 255].sum()
    found = border_cross_entropy(logits, torch.from_numpy(labels), class_weights=(0.5, 2.0), sigma=3.0)
    assert found.item() == pytest.approx(total / (labels != 255).sum(), rel=1e-4)  # cells beyond 5 sigma


def test_a_lone_cell_has_no_border() -> None:
    labels = torch.zeros(1, 8, 8, dtype=torch.long)
    labels[:, 2:5, 2:5] = 3
    logits = torch.randn(1, 4, 8, 8)
    torch.testing.assert_close(border_cross_entropy(logits, labels), cross_entropy(logits, labels))


def test_similarity_is_that_of_plain_loops() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((9, 8)) < 0.5).astype(float)
    truth[2:4, 5:] = -1
    logits = rng.normal(size=(9, 8)) * 2
    probs, valid, found = 1 / (1 + np.exp(-logits)), truth >= 0, []
    for row, column in np.argwhere(valid):
        y, x = np.indices(truth.shape)
        window = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * 1.5**2))
        window *= valid & (abs(y - row) <= 2) & (abs(x - column) <= 2)
        window /= window.sum()
        means = [(window * each).sum() for each in (probs, truth)]
        spreads = [(window * (e - m) ** 2).sum() for e, m in zip((probs, truth), means, strict=True)]
        common = (window * (probs - means[0]) * (truth - means[1])).sum()
        above = (2 * means[0] * means[1] + 1e-4) * (2 * common + 9e-4)
        found.append(above / ((means[0] ** 2 + means[1] ** 2 + 1e-4) * (sum(spreads) + 9e-4)))
    ours = ssim(torch.from_numpy(logits)[None, None], torch.from_numpy(truth)[None, None], radius=2)
    assert ours.item() == pytest.approx(1 - np.mean(found), rel=1e-9)
