"""The variants of the experiment: what each is told about the scenes, and what it learns from that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Generator, Tensor

from pixelwise.core.errors import DataError
from pixelwise.core.sample import Batch, Sample
from pixelwise.data.texture_scenes import CLASSES
from pixelwise.engine.train import LossFunction
from pixelwise.ops.possible import anywhere
from pixelwise.systems.weak.boxes import Box, boxes_of, inside, rectangles, segments
from pixelwise.systems.weak.expectation import adapted, adapted_inside, fixed
from pixelwise.systems.weak.objectives import best_pixels, maximising, pooled, set_likelihood
from pixelwise.workflows.teach import MASKS

Label = Callable[[Sample], Tensor]

K = len(CLASSES)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to learn.

    Attributes:
        told: What of a sample's labels may be seen.
        loss: What is learned from it.
        scenes: How many are told of, the first ones; None for all.
    """

    told: Label
    loss: LossFunction
    scenes: int | None = None


def image_labels(sample: Sample) -> Tensor:
    """Each class of the scene, anywhere."""
    return anywhere(labels_of(sample), K)


def in_boxes(sample: Sample) -> Tensor:
    """Each class of the scene in its boxes, the background anywhere."""
    return inside(_boxes(sample), K, size_of(sample))


def masks(sample: Sample) -> Tensor:
    """Everything: one possible class a pixel."""
    return torch.nn.functional.one_hot(labels_of(sample), K).permute(2, 0, 1).float()


def variants(seed: int) -> Mapping[str, Variant]:
    """All that start from the pretrained network, by name."""
    rng = Generator().manual_seed(seed)
    return {
        "masks": Variant(labels_of, MASKS),
        "four masks": Variant(labels_of, MASKS, scenes=4),
        "Bbox-Rect": Variant(lambda sample: rectangles(_boxes(sample), size_of(sample)), MASKS),
        "Bbox-Seg": Variant(lambda sample: segments(sample.image, _boxes(sample)), MASKS),
        "Bbox-EM-Fixed": Variant(in_boxes, maximising(partial(fixed, confined=True))),
        "Bbox-EM-Adapt": Variant(in_boxes, maximising(partial(adapted_inside, rng=rng))),
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


def labels_of(sample: Sample) -> Tensor:
    """The labels of a sample that has some.

    Raises:
        DataError: If it has none.
    """
    if sample.labels is None:
        raise DataError(f"{sample.name} has no labels. Less is made of a mask. Give labelled samples.")
    return sample.labels


def size_of(sample: Sample) -> tuple[int, int]:
    """Its rows and columns."""
    return sample.image.shape[1], sample.image.shape[2]


def _boxes(sample: Sample) -> list[Box]:
    return boxes_of(labels_of(sample), K)
