"""The fully connected CRF against the program most people use, pydensecrf (pydensecrf2 1.1, which needs g++).

Its numbers below were written by `python -m tests.ops.test_crf_oracle` in an environment that has it.
"""

import numpy as np
import pytest
import torch
from torch import Tensor

from pixelwise.ops.crf import crf
from tests.ops.crf_scenes import scene

pytestmark = pytest.mark.oracle

SEEDS = (0, 1, 2)
SETTINGS = {  # bilateral weight, position, colour, spatial weight, spatial sd
    "readme": (10.0, 80.0, 13.0, 3.0, 3.0),
    "weak": (2.0, 30.0, 20.0, 1.0, 2.0),
}
TOLD = {
    "readme": [
        [
            0.5069,
            0.0,
            0.0,
            0.7708,
            0.1805,
            0.0,
            0.0,
            0.3402,
            0.6529,
            0.3195,
            0.25,
            0.2707,
            1.0,
            1.0,
            1.0,
            1.0,
        ],
        [0.0, 0.0, 0.2916, 0.1177, 0.0, 0.0, 0.7987, 0.3611, 0.0, 0.0, 0.3334, 0.1528, 0.1387, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0208, 0.0, 0.0, 0.0, 0.5694, 0.0764, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ],
    "weak": [
        [
            0.3844,
            0.0071,
            0.0163,
            0.7248,
            0.1478,
            0.0258,
            0.0241,
            0.301,
            0.7108,
            0.348,
            0.2978,
            0.2045,
            0.9831,
            0.9872,
            0.9846,
            0.9778,
        ],
        [
            0.006,
            0.0084,
            0.296,
            0.1289,
            0.0094,
            0.0152,
            0.8185,
            0.3443,
            0.0038,
            0.0073,
            0.3429,
            0.157,
            0.0495,
            0.008,
            0.0132,
            0.0045,
        ],
        [
            0.0049,
            0.0205,
            0.0058,
            0.0034,
            0.0306,
            0.0046,
            0.0062,
            0.0061,
            0.5278,
            0.1033,
            0.0034,
            0.0047,
            0.006,
            0.0074,
            0.0104,
            0.0132,
        ],
    ],
}


def theirs(images: Tensor, probs: Tensor, *settings: float, steps: int = 10) -> Tensor:
    """Probabilities of pydensecrf for one image of whole grey levels, `[1 k h w]`."""
    from pydensecrf.densecrf import DenseCRF2D
    from pydensecrf.utils import unary_from_softmax

    weight, position, colour, spatial_weight, spatial_sd = settings
    classes, rows, columns = probs.shape[1:]
    field = DenseCRF2D(columns, rows, classes)
    field.setUnaryEnergy(unary_from_softmax(probs[0].numpy()))
    field.addPairwiseGaussian(sxy=spatial_sd, compat=spatial_weight)
    picture = np.ascontiguousarray(images[0].byte().permute(1, 2, 0).numpy())
    field.addPairwiseBilateral(sxy=position, srgb=colour, rgbim=picture, compat=weight)
    return torch.tensor(np.array(field.inference(steps))).view(1, classes, rows, columns)


def ours(images: Tensor, probs: Tensor, *settings: float, steps: int = 10, **options: int) -> Tensor:
    """The same by our function."""
    weight, position, colour, spatial_weight, spatial_sd = settings
    return crf(
        probs,
        images,
        bilateral_weight=weight,
        position_sd=position,
        colour_sd=colour,
        spatial_weight=spatial_weight,
        spatial_sd=spatial_sd,
        steps=steps,
        **options,
    )


def summary(probs: Tensor) -> list[float]:
    """Means of the last class over 16 blocks of the image."""
    return torch.nn.functional.adaptive_avg_pool2d(probs[:, -1:], 4).flatten().tolist()


@pytest.mark.parametrize("options", [{}, {"exact_pixels": 0}, {"exact_pixels": 0, "fineness": 1}])
@pytest.mark.parametrize("name", SETTINGS)
def test_as_the_numbers_they_once_told(name, options) -> None:
    for seed, told in zip(SEEDS, TOLD[name], strict=True):
        drawn = scene(seed, num_classes=3)
        found = summary(ours(drawn.images, drawn.probs, *SETTINGS[name], **options))
        assert found == pytest.approx(told, abs=0.005)


@pytest.mark.parametrize("name", SETTINGS)
def test_as_they_tell_now(name) -> None:
    pytest.importorskip("pydensecrf", reason="install pydensecrf2 to run this test")
    for seed in SEEDS:
        drawn = scene(seed, num_classes=3)
        told = theirs(drawn.images, drawn.probs, *SETTINGS[name])
        found = ours(drawn.images, drawn.probs, *SETTINGS[name], exact_pixels=0, fineness=1)
        assert (found - told).abs().mean() < 0.01
        assert (found.argmax(1) == told.argmax(1)).float().mean() > 0.995


if __name__ == "__main__":
    for setting, numbers in SETTINGS.items():
        drawn_scenes = [scene(seed, num_classes=3) for seed in SEEDS]
        rows = [summary(theirs(drawn.images, drawn.probs, *numbers)) for drawn in drawn_scenes]
        print(setting, [[round(value, 4) for value in row] for row in rows])  # noqa: T201
