"""Flatter and harder images."""

from typing import Annotated

from annotated_types import Interval
from torch import Generator

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import uniform


def contrast(
    sample: Sample, rng: Generator, *, amount: Annotated[float, Interval(ge=0, le=1)] = 0.2
) -> Sample:
    """Stretch each band about its mean by a factor drawn evenly from 1 ± `amount`; labels stay.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        amount: Largest change of the factor.

    Reference:
        Keras 3.15, `keras.layers.RandomContrast`: (x - mean of the band) × factor + mean.
    """
    factor = uniform(rng, 1 - amount, 1 + amount)
    mean = sample.image.mean((1, 2), keepdim=True)
    return Sample((sample.image - mean) * factor + mean, sample.labels, sample.name)
