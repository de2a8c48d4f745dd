"""Images in another light."""

from typing import Annotated

import torch
from annotated_types import Interval
from torch import Generator

from pixelwise.core.sample import Sample


def tint(sample: Sample, rng: Generator, *, amount: Annotated[float, Interval(ge=0, le=1)] = 0.1) -> Sample:
    """Multiply each band by a factor of its own, drawn evenly from 1 ± `amount`; labels stay.

    Another white balance, another lamp, another batch of stain.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        amount: Largest change of a factor.

    Reference:
        Howard, "Some improvements on deep CNN based image classification", 2013, arXiv:1312.5402, section 2.
    """
    drawn = torch.rand(sample.image.shape[0], 1, 1, generator=rng)
    return Sample(sample.image * (1 + amount * (2 * drawn - 1)), sample.labels, sample.name)
