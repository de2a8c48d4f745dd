"""Darker and brighter images."""

from typing import Annotated

from annotated_types import Interval
from torch import Generator

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import uniform


def brightness(
    sample: Sample, rng: Generator, *, amount: Annotated[float, Interval(ge=0, le=1)] = 0.2
) -> Sample:
    """Multiply the image by a factor drawn evenly from 1 ± `amount`; labels stay.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        amount: Largest change of the factor.

    Reference:
        Howard, "Some improvements on deep CNN based image classification", 2013, arXiv:1312.5402, section 2.
    """
    return Sample(sample.image * uniform(rng, 1 - amount, 1 + amount), sample.labels, sample.name)
