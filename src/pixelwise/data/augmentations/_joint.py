"""One geometric change for image and labels alike; labels are only ever picked, never mixed."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torchvision.transforms.v2 import InterpolationMode

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.sample import Sample

BILINEAR, NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST
NEAREST_EXACT = InterpolationMode.NEAREST_EXACT  # samples where bilinear does; plain nearest is shifted


def uniform(rng: Generator, low: float, high: float) -> float:
    """One number between two."""
    return low + (high - low) * torch.rand((), generator=rng).item()


def happens(rng: Generator, probability: float) -> bool:
    """Whether a thing of this probability happens; always draws, so what follows does not shift."""
    return torch.rand((), generator=rng).item() < probability


def jointly(sample: Sample, image: Callable[[Tensor], Tensor], labels: Callable[[Tensor], Tensor]) -> Sample:
    """The sample with its image and its labels changed, each by its own function.

    `labels` is given planes `[n h w]` of float32, exact for every class index.
    """
    if sample.labels is None or sample.labels.is_floating_point():
        return moved(sample, image, labels)
    changed = labels(sample.labels[None].float())[0]
    return Sample(image(sample.image), changed.to(sample.labels.dtype), sample.name)


def moved(sample: Sample, image: Callable[[Tensor], Tensor], labels: Callable[[Tensor], Tensor]) -> Sample:
    """As `jointly`, for changes that only put pixels elsewhere: class indices are given as they are."""
    if sample.labels is None:
        return Sample(image(sample.image), None, sample.name)
    return Sample(image(sample.image), labels(sample.labels), sample.name)


def ignored(sample: Sample) -> float:
    """What fills the labels where there is nothing: the value that does not count."""
    planes = sample.labels is not None and sample.labels.is_floating_point()
    return -1.0 if planes else float(IGNORE_INDEX)
