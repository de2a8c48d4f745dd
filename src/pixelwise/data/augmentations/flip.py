"""Mirror images."""

from typing import Annotated

from annotated_types import Interval
from torch import Generator
from torchvision.transforms.v2 import functional as F

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import happens, moved


def flip(
    sample: Sample,
    rng: Generator,
    *,
    horizontal: Annotated[float, Interval(ge=0, le=1)] = 0.5,
    vertical: Annotated[float, Interval(ge=0, le=1)] = 0.0,
) -> Sample:
    """Mirror the sample left to right, top to bottom, or both.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        horizontal: Probability of exchanging left and right.
        vertical: Probability of exchanging top and bottom: for images without an up, as from above.

    Reference:
        Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep CNNs", 2012, section 4.1.
    """
    if happens(rng, horizontal):
        sample = moved(sample, F.horizontal_flip, F.horizontal_flip)
    if happens(rng, vertical):
        sample = moved(sample, F.vertical_flip, F.vertical_flip)
    return sample
