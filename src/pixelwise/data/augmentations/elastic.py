"""Images on rubber."""

from typing import Annotated

import torch
from annotated_types import Ge, Interval
from torch import Generator
from torch.nn import functional as nn_functional
from torchvision.transforms.v2 import functional as F

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import BILINEAR, NEAREST, happens, ignored, jointly


def elastic(
    sample: Sample,
    rng: Generator,
    *,
    pixels: Annotated[float, Ge(0)] = 10.0,
    grid: Annotated[int, Ge(2)] = 3,
    probability: Annotated[float, Interval(ge=0, le=1)] = 1.0,
) -> Sample:
    """Displace the pixels smoothly: random arrows on a coarse grid, bicubic in between.

    What is drawn in from outside the image is black, and its labels do not count.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        pixels: Standard deviation of the arrows, in pixels, along each axis.
        grid: Arrows along each side.
        probability: How often it happens at all.

    Reference:
        Ronneberger, Fischer & Brox, "U-Net", 2015, arXiv:1505.04597, section 3.1 (3×3 grid, 10 pixels).
    """
    rows, columns = sample.image.shape[-2:]
    arrows = torch.randn(1, 2, grid, grid, generator=rng) * pixels
    if not happens(rng, probability):
        return sample
    flow = nn_functional.interpolate(arrows, (rows, columns), mode="bicubic", align_corners=True)
    # torchvision counts displacements in half image sides, x before y.
    sides = torch.tensor([columns / 2, rows / 2])
    displacement = flow.movedim(1, -1) / sides
    nothing = ignored(sample)
    return jointly(
        sample,
        lambda image: F.elastic(image, displacement, BILINEAR, [0.0]),
        lambda labels: F.elastic(labels, displacement, NEAREST, [nothing]),
    )
