"""The variants of the experiment: what each is told about the scenes, and what it learns from that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Generator, Tensor

from pixelwise.core.sample import Batch, Sample
from pixelwise.data.texture_scenes import CLASSES
from pixelwise.engine.train import LossFunction
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.ops.possible import anywhere
from pixelwise.systems.weak.boxes import Box, boxes_of, inside, rectangles, segments
from pixelwise.systems.weak.expectation import adapted, adapted_inside, fixed
from pixelwise.systems.weak.objectives import best_pixels, maximising, pooled, set_likelihood

Label = Callable[[Sample], Tensor]

K = len(CLASSES)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to learn.

    Attributes:
        told: What of a sample's labels may be seen.
        loss: What is learned from it.
    """

    told: Label
    loss: LossFunction


def image_labels(sample: Sample) -> Tensor:
    """Each class of the scene, anywhere."""
    return anywhere(_labels(sample), K)


def masks(sample: Sample) -> Tensor:
    """Everything: one possible class a pixel."""
    return torch.nn.functional.one_hot(_labels(sample), K).permute(2, 0, 1).float()


def variants(seed: int) -> Mapping[str, Variant]:
    """All that start from the pretrained network, by name; those with image labels alone come last."""
    rng = Generator().manual_seed(seed)
    told_boxes: Label = lambda sample: inside(_boxes(sample), K, _size(sample))  # noqa: E731
    return {
        "masks": Variant(_labels, cross_entropy),
        "Bbox-Rect": Variant(lambda sample: rectangles(_boxes(sample), _size(sample)), cross_entropy),
        "Bbox-Seg": Variant(lambda sample: segments(sample.image, _boxes(sample)), cross_entropy),
        "Bbox-EM-Fixed": Variant(told_boxes, maximising(partial(fixed, confined=True))),
        "Bbox-EM-Adapt": Variant(told_boxes, maximising(partial(adapted_inside, rng=rng))),
        "EM-Fixed": Variant(image_labels, maximising(fixed)),
        "EM-Adapt": Variant(image_labels, maximising(partial(adapted, rng=rng))),
        "EM-Adapt, true shares": Variant(
            image_labels, maximising(partial(adapted, rng=rng, background=0.8, foreground=0.08))
        ),
        "pooled classifier": Variant(image_labels, pooled),
        "best pixels (MIL)": Variant(image_labels, best_pixels),
        "set likelihood": Variant(image_labels, set_likelihood),
    }


def mixtures(seed: int) -> Mapping[str, LossFunction]:
    """What is learned from one mask and image labels together, by name."""
    rng = Generator().manual_seed(seed)
    return {
        "one mask + possible": maximising(partial(fixed, background=0.0, foreground=0.0, confined=True)),
        "one mask + EM-Adapt": maximising(partial(adapted, rng=rng, background=0.5, foreground=0.05)),
        "one mask + EM-Fixed": maximising(fixed),
    }


def half_and_half(strong: Iterator[Batch], weak: Iterator[Batch]) -> Iterator[Batch]:
    """Batches of samples with masks and samples without, as many of each as the two streams give."""
    while True:
        one, other = next(strong), next(weak)
        yield Batch(
            torch.cat([one.images, other.images]),
            torch.cat([one.labels, other.labels]),
            (*one.names, *other.names),
        )


def _boxes(sample: Sample) -> list[Box]:
    return boxes_of(_labels(sample), K)


def _size(sample: Sample) -> tuple[int, int]:
    return sample.image.shape[1], sample.image.shape[2]


def _labels(sample: Sample) -> Tensor:
    if sample.labels is None:
        raise ValueError(f"{sample.name} has no labels")
    return sample.labels
