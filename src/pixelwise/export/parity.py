"""Whether an exported model says the same as the one it came from."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou, plane_counts

_NOTHING = float("nan")

Label = Callable[[Tensor], Tensor]  # one image [c h w] of any size to its labels


@dataclass(frozen=True, slots=True)
class ImageParity:
    """How two models agree on one image.

    Attributes:
        name: Of the image.
        agreement: Share of the pixels that both give the same label.
    """

    name: str
    agreement: float


@dataclass(frozen=True, slots=True)
class Parity:
    """How an exported model compares with its original.

    Attributes:
        agreement: Share of all pixels that both give the same label.
        worst: The image they agree on least.
        images: How many were compared.
        mean_iou: Of the original and of the export against the true labels; NaN where there are none.
        seconds: Of an image, the middle one, for the original and for the export.
        bytes: Of the weights file of the original, and of the export.
        faults: Why it is not good enough; empty if it is.
    """

    agreement: float
    worst: ImageParity
    images: int
    mean_iou: tuple[float, float]
    seconds: tuple[float, float]
    bytes: tuple[int, int]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Counts of a comparison, before anything is judged.

    Attributes:
        images: How the models agree on each.
        pixels: Pixels of each.
        counts: Of the original and of the export against the true labels; None where there are none.
        seconds: Of each image, for the original and for the export.
    """

    images: Sequence[ImageParity]
    pixels: Sequence[int]
    counts: Tensor | None
    seconds: Sequence[tuple[float, float]]


def compare(
    samples: Iterable[tuple[str, Float[Tensor, "c h w"], Tensor | None]],
    original: Label,
    export: Label,
    classes: Classes,
) -> Compared:
    """Label every sample with both models; each is timed on each image, after a first one that is not.

    Args:
        samples: Name, image and, if known, true labels.
        original: The model that was trained.
        export: The model that was written.
        classes: What the labels mean.
    """
    images: list[ImageParity] = []
    pixels: list[int] = []
    seconds: list[tuple[float, float]] = []
    counts: Tensor | None = None
    for name, image, labels in samples:
        if not images:
            for label in (original, export):
                label(image)  # the first pass through a network prepares it
        (first, slow), (second, fast) = _timed(original, image), _timed(export, image)
        same = first == second if classes.exclusive else (first == second).all(0)
        images.append(ImageParity(name, float(same.float().mean())))
        pixels.append(same.numel())
        seconds.append((slow, fast))
        if labels is not None:
            found = torch.stack([_counts(each, labels, classes) for each in (first, second)])
            counts = found if counts is None else counts + found
    return Compared(images, pixels, counts, seconds)


def _counts(predicted: Tensor, labels: Tensor, classes: Classes) -> Tensor:
    if classes.exclusive:
        return confusion_counts(predicted[None], labels[None], len(classes))[0]
    return plane_counts(predicted[None] > 0.5, labels[None])[0]


def judged(found: Compared, sizes: tuple[int, int], *, agree: float, lose: float) -> Parity:
    """The verdict on a comparison.

    Args:
        found: What was counted.
        sizes: Bytes of the original's weights, and of the export.
        agree: Share of the pixels that must agree, 0..1.
        lose: Mean IoU that may be lost, 0..1.
    """
    weighted = [image.agreement * pixels for image, pixels in zip(found.images, found.pixels, strict=True)]
    agreement = sum(weighted) / sum(found.pixels)
    before, after = (_NOTHING, _NOTHING) if found.counts is None else map(_score, found.counts)
    slow, fast = (median(each) for each in zip(*found.seconds, strict=True))
    faults: list[str] = []
    if agreement < agree:
        faults.append(f"{agreement:.3%} of the pixels agree, and {agree:.3%} must.")
    if before - after > lose:
        faults.append(f"mean IoU falls by {before - after:.4f}, and at most {lose:.4f} may be lost.")
    worst = min(found.images, key=lambda image: image.agreement)
    number = len(found.images)
    return Parity(agreement, worst, number, (before, after), (slow, fast), sizes, tuple(faults))


def _score(counts: Tensor) -> float:
    return float(mean_iou(Tally(counts)))


def _timed(label: Label, image: Tensor) -> tuple[Tensor, float]:
    began = time.perf_counter()
    found = label(image)
    return found, time.perf_counter() - began


def spread(number: int, most: int) -> list[int]:
    """Up to `most` numbers below `number`, evenly spaced."""
    kept = min(number, most)
    return [i * number // kept for i in range(kept)] if kept else []
