"""Parts of images."""

from typing import Annotated

import torch
from annotated_types import Ge
from torch import Generator
from torchvision.transforms.v2 import functional as F

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import ignored, jointly


def crop(
    sample: Sample,
    rng: Generator,
    *,
    size: tuple[Annotated[int, Ge(1)], Annotated[int, Ge(1)]],
) -> Sample:
    """A window of `size` (rows, columns) from a random place.

    Where the image is smaller than the window it lies at a random place of it, with black around
    and labels that do not count.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        size: Rows and columns of the window.

    Reference:
        Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep CNNs", 2012, section 4.1.
    """
    rows, columns = size
    height, width = sample.image.shape[-2:]
    top, left = _place(rng, height, rows), _place(rng, width, columns)
    box = [max(0, top), max(0, left), min(rows, height), min(columns, width)]
    # Padding as (left, top, right, bottom), where the image is the smaller one.
    margins = [max(0, -left), max(0, -top)]
    margins += [max(0, columns - width - margins[0]), max(0, rows - height - margins[1])]
    nothing = ignored(sample)
    return jointly(
        sample,
        lambda image: F.pad(F.crop(image, *box), margins, fill=0.0),
        lambda labels: F.pad(F.crop(labels, *box), margins, fill=nothing),
    )


def _place(rng: Generator, have: int, want: int) -> int:
    """First row of the window in the image; negative: how far inside the window the image begins."""
    spare = have - want
    drawn = int(torch.randint(abs(spare) + 1, (), generator=rng))
    return drawn if spare >= 0 else -drawn
