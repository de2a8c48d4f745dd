"""Larger and smaller images."""

from typing import Annotated

from annotated_types import Gt
from torch import Generator

from pixelwise.core.errors import RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import uniform
from pixelwise.data.resize import resize


def scale(
    sample: Sample,
    rng: Generator,
    *,
    low: Annotated[float, Gt(0)] = 0.75,
    high: Annotated[float, Gt(0)] = 1.5,
) -> Sample:
    """Resize the sample by a factor drawn evenly in its logarithm; follow it with a crop.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        low: Smallest factor.
        high: Largest factor.

    Raises:
        RecipeError: If `low` is above `high`.

    Reference:
        Chen et al., "DeepLab", 2016, arXiv:1606.00915, section 4.1.2 (random scales 0.5 to 1.5).
    """
    if low > high:
        raise RecipeError(f"augmentation 'scale': low={low} is above high={high}. Exchange them.")
    factor = low * (high / low) ** uniform(rng, 0.0, 1.0)
    rows, columns = (max(1, round(side * factor)) for side in sample.image.shape[-2:])
    return resize(sample, (rows, columns))
