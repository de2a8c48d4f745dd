"""Parts of images, larger and smaller."""

import math
from typing import Annotated

import torch
from annotated_types import Ge, Gt
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import ignored, moved, uniform
from pixelwise.data.resize import resize

Side = Annotated[int, Ge(1)]
Factor = Annotated[float, Gt(0)]


def crop(
    sample: Sample,
    rng: Generator,
    *,
    size: tuple[Side, Side],
    zoom: tuple[Factor, Factor] = (1.0, 1.0),
) -> Sample:
    """A window of `size` (rows, columns) from a random place, shown larger or smaller by a random factor.

    The factor is drawn evenly in its logarithm. Only what the window shows is resized, so this costs
    less than scaling the image and cropping then. Where the image is smaller than the window it
    lies at a random place of it, with black around and labels that do not count.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        size: Rows and columns of the result.
        zoom: Smallest and largest factor; (1, 1) leaves the pixels as they are.

    Raises:
        RecipeError: If the smallest factor is above the largest.

    Reference:
        Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep CNNs", 2012, section 4.1;
        random scales as Chen et al., "DeepLab", 2016, arXiv:1606.00915, section 4.1.2.
    """
    low, high = zoom
    if low > high:
        raise RecipeError(f"augmentation 'crop': zoom {low} to {high} goes down. Exchange the two.")
    factor = low * (high / low) ** uniform(rng, 0.0, 1.0)
    window = (max(1, math.ceil(size[0] / factor)), max(1, math.ceil(size[1] / factor)))
    cut = _window(sample, rng, window)
    return cut if window == tuple(size) else resize(cut, size)


def _window(sample: Sample, rng: Generator, window: tuple[int, int]) -> Sample:
    rows, columns = window
    height, width = sample.image.shape[-2:]
    top, left = _place(rng, height, rows), _place(rng, width, columns)
    first, last = max(0, top), max(0, top) + min(rows, height)
    left_most, right_most = max(0, left), max(0, left) + min(columns, width)
    above, before = max(0, -top), max(0, -left)  # where the image is the smaller one
    margins = [before, max(0, columns - width - before), above, max(0, rows - height - above)]

    def cut(values: Tensor, fill: float) -> Tensor:
        inside = values[..., first:last, left_most:right_most]
        return F.pad(inside, margins, value=fill) if any(margins) else inside

    return moved(sample, lambda image: cut(image, 0.0), lambda labels: cut(labels, ignored(sample)))


def _place(rng: Generator, have: int, want: int) -> int:
    """First row of the window in the image; negative: how far inside the window the image begins."""
    spare = have - want
    drawn = int(torch.randint(abs(spare) + 1, (), generator=rng))
    return drawn if spare >= 0 else -drawn
