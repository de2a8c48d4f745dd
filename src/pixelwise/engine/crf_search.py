"""Which parameters of the CRF serve a model best: tried on labelled images, coarse to fine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.metrics.boundary import boundary_f
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou, winners
from pixelwise.ops.crf import crf

_FINER = 2**0.5  # factor between two neighbours of the fine round
_KEYS = ("bilateral_weight", "position_sd", "colour_sd")


@dataclass(frozen=True, slots=True)
class Setting:
    """Parameters of `ops.crf.crf`, by its names; deviations are in pixels, and in the images' unit."""

    bilateral_weight: float = 10.0
    position_sd: float = 80.0
    colour_sd: float = 13 / 255
    spatial_weight: float = 3.0
    spatial_sd: float = 3.0
    steps: int = 10
    exact_pixels: int = 64 * 64


@dataclass(frozen=True, slots=True)
class Grid:
    """What the coarse round tries: every combination.

    Attributes:
        bilateral_weights: Weights of the kernel of place and colour.
        position_sds: Its deviations in pixels.
        colour_sds: Its deviations in colour, in the images' unit.
    """

    bilateral_weights: tuple[float, ...] = (2.0, 4.0, 8.0)
    position_sds: tuple[float, ...] = (20.0, 40.0, 80.0)
    colour_sds: tuple[float, ...] = (4 / 255, 8 / 255, 16 / 255)


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled image and what a model says of it.

    Attributes:
        image: As the model saw it.
        probs: Of exclusive classes.
        labels: True classes; what is none of them does not count.
    """

    image: Float[Tensor, "c h w"]
    probs: Float[Tensor, "k h w"]
    labels: Int[Tensor, "h w"]


@dataclass(frozen=True, slots=True)
class Scores:
    """Of predictions on a set of images.

    Attributes:
        mean_iou: On the whole set.
        boundary_f: Mean over images of that of their classes.
    """

    mean_iou: float
    boundary_f: float


def refined(judged: Judged, setting: Setting) -> Float[Tensor, "k h w"]:
    """The probabilities after the CRF."""
    return crf(
        judged.probs[None],
        judged.image[None],
        bilateral_weight=setting.bilateral_weight,
        position_sd=setting.position_sd,
        colour_sd=setting.colour_sd,
        spatial_weight=setting.spatial_weight,
        spatial_sd=setting.spatial_sd,
        steps=setting.steps,
        exact_pixels=setting.exact_pixels,
    )[0]


def mean_iou_with(judged: Sequence[Judged], setting: Setting | None) -> float:
    """Mean IoU over all the images, after the CRF, or without one."""
    return _mean_iou(judged, [_winners(each, setting) for each in judged])


def scores_with(
    judged: Sequence[Judged], setting: Setting | None, *, tolerance: float | None = None
) -> Scores:
    """Both scores over all the images, after the CRF, or without one.

    Args:
        judged: The images.
        setting: Of the CRF; None leaves it out.
        tolerance: Of outlines, in pixels; None as `boundary_f`.
    """
    found = [_winners(each, setting) for each in judged]
    outlines = [_outlines(one, each, tolerance) for one, each in zip(found, judged, strict=True)]
    return Scores(_mean_iou(judged, found), float(torch.stack(outlines).nanmean()))


def search(
    judged: Sequence[Judged],
    *,
    grid: Grid | None = None,
    start: Setting | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[Setting, float]:
    """The setting of the highest mean IoU, and that mean IoU.

    A coarse round over the grid, then a fine one over the neighbours of its best, half an octave away in
    each parameter. The spatial kernel and all else are kept: they matter little, and a grid over all of
    them would take days.

    Args:
        judged: Images that the model did not learn from.
        grid: What is tried first.
        start: Where all else comes from.
        advance: Told how many more settings were tried; `tries` of them in all.

    Reference:
        Chen, Papandreou, Kokkinos, Murphy & Yuille, "Semantic Image Segmentation with Deep Convolutional
        Nets and Fully Connected CRFs", 2015, arXiv:1412.7062, section 5; what the rounds try is ours.
    """
    grid, start = grid or Grid(), start or Setting()
    values = product(grid.bilateral_weights, grid.position_sds, grid.colour_sds)
    coarse = [_with(start, value) for value in values]
    best, score = _best(judged, coarse, None, advance)
    around = product(*[(1 / _FINER, 1.0, _FINER)] * len(_KEYS))
    centre = [float(getattr(best, key)) for key in _KEYS]
    fine = [
        _with(start, [value * factor for value, factor in zip(centre, factors, strict=True)])
        for factors in around
        if set(factors) != {1.0}
    ]
    return _best(judged, fine, (best, score), advance)


def tries(grid: Grid | None = None) -> int:
    """How many settings a search tries."""
    grid = grid or Grid()
    coarse = len(grid.bilateral_weights) * len(grid.position_sds) * len(grid.colour_sds)
    return coarse + 3 ** len(_KEYS) - 1


def _with(start: Setting, values: Sequence[float]) -> Setting:
    return replace(start, **dict(zip(_KEYS, values, strict=True)))


def _best(
    judged: Sequence[Judged],
    settings: Sequence[Setting],
    known: tuple[Setting, float] | None,
    advance: Callable[[int], None] | None,
) -> tuple[Setting, float]:
    """The best of the settings and of what is known; of equals the first."""
    found = [known] if known else []
    for setting in settings:
        found.append((setting, mean_iou_with(judged, setting)))
        if advance is not None:
            advance(1)
    return max(found, key=lambda one: one[1])


def _mean_iou(judged: Sequence[Judged], found: Sequence[Int[Tensor, "h w"]]) -> float:
    counts = [
        confusion_counts(one[None], each.labels[None], len(each.probs))[0]
        for one, each in zip(found, judged, strict=True)
    ]
    return float(mean_iou(Tally(torch.stack(counts).sum(0))))


def _outlines(found: Int[Tensor, "h w"], judged: Judged, tolerance: float | None) -> Float[Tensor, ""]:
    """Boundary F-score of one image, the mean of the classes that have an outline in it."""
    classes = torch.arange(len(judged.probs))[:, None, None]
    predicted, true = found == classes, judged.labels == classes
    valid = (judged.labels < len(classes)).expand_as(true)
    return boundary_f(predicted, true, valid, tolerance=tolerance).nanmean()


def _winners(judged: Judged, setting: Setting | None) -> Int[Tensor, "h w"]:
    return winners(judged.probs if setting is None else refined(judged, setting))
