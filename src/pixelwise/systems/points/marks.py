"""Clicks and strokes as an annotator makes them, a prior of where things are, and what all that costs."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.core.sample import Sample
from pixelwise.ops.components import components
from pixelwise.ops.possible import anywhere, pointed

# Seconds of an annotator: to say that a class is absent, for the first click on a class and for each
# further one, to draw a stroke on a class, to draw one thing's outline (Bearman et al. 2016, section 4).
ABSENT_S, CLICK_S, FURTHER_S, STROKE_S, OUTLINE_S = 1.0, 2.4, 0.9, 10.9, 79.0

_SPREAD, _ROUGHNESS, _LEAST, _MOST = 4.0, 0.15, 0.05, 0.85


def told(
    labels: Int[Tensor, "h w"],
    num_classes: int,
    marked: Bool[Tensor, "h w"] | None = None,
    prior: Float[Tensor, "h w"] | None = None,
) -> Float[Tensor, "k+1 h w"]:
    """Labels as the loss of `objective` takes them: what is possible where, and last the prior."""
    possible = anywhere(labels, num_classes)
    if marked is not None:
        possible = pointed(possible, labels, marked)
    last = torch.full(labels.shape, 0.5) if prior is None else prior
    return torch.cat([possible, last[None]])


def labels_in(sample: Sample) -> Int[Tensor, "h w"]:
    """The labels of a sample that has some.

    Raises:
        DataError: If it has none.
    """
    if sample.labels is None:
        raise DataError(f"{sample.name} has no labels. Marks are made of a mask. Give labelled samples.")
    return sample.labels


def clicks(
    labels: Int[Tensor, "h w"], rng: Generator, *, number: int = 1, first: int = 1
) -> Bool[Tensor, "h w"]:
    """Some pixels of each class that the image shows, drawn at random.

    Args:
        labels: Class index of each pixel.
        rng: Where chance comes from.
        number: Clicks per class; fewer where a class has fewer pixels.
        first: The first class that is clicked; below are backgrounds.
    """
    marked = torch.zeros_like(labels, dtype=torch.bool)
    for label in _classes(labels, first):
        where = (labels == label).nonzero()
        rows, columns = where[torch.randperm(len(where), generator=rng)[:number]].T
        marked[rows, columns] = True
    return marked


def strokes(
    labels: Int[Tensor, "h w"], rng: Generator, *, length: int = 15, first: int = 1
) -> Bool[Tensor, "h w"]:
    """One wandering line on each class that the image shows, never leaving it: squiggles, or scribbles.

    Args:
        labels: Class index of each pixel.
        rng: Where chance comes from.
        length: Steps of one pixel; a step that would leave the class is turned elsewhere.
        first: The first class with a line: 1 leaves the background without (squiggles), 0 does not
            (scribbles).
    """
    marked = torch.zeros_like(labels, dtype=torch.bool)
    rows, columns = labels.shape
    for label in _classes(labels, first):
        inside = labels == label
        where = inside.nonzero()
        y, x = where[torch.randint(len(where), (), generator=rng)].tolist()
        angle = 0.0
        for turn in torch.randn(length, generator=rng).tolist():
            marked[y, x] = True
            angle += turn
            way = torch.tensor(angle)
            down, across = round(float(way.sin())), round(float(way.cos()))
            below, right = y + down, x + across
            if 0 <= below < rows and 0 <= right < columns and inside[below, right]:
                y, x = below, right
            else:
                angle += torch.pi / 2
    return marked


def objectness(labels: Int[Tensor, "h w"], rng: Generator) -> Float[Tensor, "h w"]:
    """A rough guess of where things are, made of the truth: blurred, disturbed, never sure.

    It stands for a detector of things in general, as Alexe, Deselaers & Ferrari's (2012), which is taught
    on other data and knows no classes.
    """
    things = ((labels > 0) & (labels != IGNORE_INDEX)).float()
    disturbance = _blurred(torch.randn(labels.shape, generator=rng))
    rough = _blurred(things) + _ROUGHNESS * disturbance / disturbance.std().clamp(min=1e-6)
    return _LEAST + (_MOST - _LEAST) * rough.clamp(0, 1)


def seconds_of(all_labels: Sequence[Int[Tensor, "h w"]], num_classes: int, *, number: int) -> float:
    """Mean seconds an image: clicks on the classes that are there, a word for each that is not.

    Args:
        all_labels: Of the images.
        num_classes: How many classes an annotator is asked for.
        number: Clicks per class that is there.

    Reference:
        Bearman et al., 2016, section 4: 1 s, 2.4 s and 0.9 s.
    """
    there = [len(_classes(labels, 0)) for labels in all_labels]
    each = [(num_classes - n) * ABSENT_S + n * (CLICK_S + (number - 1) * FURTHER_S) for n in there]
    return sum(each) / len(each)


def outline_seconds(all_labels: Sequence[Int[Tensor, "h w"]], num_classes: int, *, least: int = 20) -> float:
    """Mean seconds an image to outline every connected part, at 79 s each as the paper has it.

    Args:
        all_labels: Of the images.
        num_classes: How many classes an annotator is asked for.
        least: Pixels below which a part is not outlined.
    """
    total = 0.0
    for labels in all_labels:
        there = _classes(labels, 0)
        parts = components(labels == torch.tensor(there)[:, None, None])
        sizes = parts[parts > 0].unique(return_counts=True)[1]
        total += (num_classes - len(there)) * ABSENT_S + int((sizes >= least).sum()) * OUTLINE_S
    return total / len(all_labels)


def _classes(labels: Tensor, first: int) -> list[int]:
    return [label for label in labels.unique().tolist() if first <= label != IGNORE_INDEX]


def _blurred(values: Float[Tensor, "h w"]) -> Float[Tensor, "h w"]:
    """Smoothed by a Gaussian of four pixels, the edge repeated."""
    reach = int(3 * _SPREAD)
    kernel = (-((torch.arange(-reach, reach + 1) / _SPREAD) ** 2) / 2).exp()
    kernel = kernel / kernel.sum()
    padded = F.pad(values[None, None], (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None])[0, 0]
