"""What a model makes of images: labels, and how sure it is of each."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pixelwise.engine.predict import OVERLAP
from pixelwise.metrics.confusion import winners
from pixelwise.ops.tiles import feather, starts
from pixelwise.workflows.trained import Trained


@dataclass(frozen=True, slots=True)
class Seen:
    """Labels of one image.

    Attributes:
        labels: As `Trained.label` returns them.
        sure: Probability `[h w]` of the class that shows; of none, where that shows.
    """

    labels: Tensor
    sure: Tensor


def see(trained: Trained, images: Tensor) -> list[Seen]:
    """Labels of images `[b c h w]` that fit through the model at once."""
    scores = trained.scores(images)
    labels, sure = _decided(scores, scores.new_ones(()), trained.classes.exclusive)
    return [Seen(*each) for each in zip(labels, sure, strict=True)]


def see_large(trained: Trained, image: Tensor, wanted: Callable[[], bool]) -> Seen:
    """Labels of an image `[c h w]` of any size, seen through the windows of `Trained.label`.

    They are the same labels; the scores are kept long enough to tell how sure they are.

    Args:
        trained: The model.
        image: The image.
        wanted: Asked before each window; work ends when it says no.

    Raises:
        InterruptedError: If the image is wanted no more.
    """
    rows, tile = image.shape[-2], trained.tile
    window = (tile, tile) if isinstance(tile, int) else tile
    margin = min(OVERLAP, min(window) // 2)
    tops = starts(rows, window[0], margin)
    done: list[tuple[Tensor, Tensor]] = []
    band: Tensor | None = None
    for top, following in zip(tops, [*tops[1:], rows], strict=True):
        fresh = _band(trained, image[:, top : top + window[0]], window[1], margin, wanted)
        if band is not None:
            fresh[:, : band.shape[1]] += band
        ready, band = fresh[:, : following - top], fresh[:, following - top :]
        done.append(_decided(ready[:-1], ready[-1], trained.classes.exclusive))
    labels, sure = zip(*done, strict=True)
    return Seen(torch.cat(labels, dim=-2), torch.cat(sure, dim=-2))


def _band(trained: Trained, image: Tensor, tile: int, overlap: int, wanted: Callable[[], bool]) -> Tensor:
    """Weighted sums of the scores in one row of windows, and of the weights as one plane more."""
    total: Tensor | None = None
    for left in starts(image.shape[-1], tile, overlap):
        if not wanted():
            raise InterruptedError("nobody waits for this image any more")
        part = image[..., left : left + tile]
        scores = trained.scores(part[None])[0]
        if total is None:
            total = scores.new_zeros(scores.shape[0] + 1, *image.shape[-2:])
        worth = feather(part.shape[-2], part.shape[-1], overlap).to(scores.device)
        total[:-1, :, left : left + tile] += scores * worth
        total[-1, :, left : left + tile] += worth
    if total is None:
        raise ValueError("the image has no columns")
    return total


def _decided(sums: Tensor, worth: Tensor, exclusive: bool) -> tuple[Tensor, Tensor]:
    """Labels by the sums `[... k h w]`, which no division could change, and probabilities by their means."""
    scores = sums / worth
    if exclusive:
        return winners(sums).cpu(), scores.softmax(-3).amax(-3).cpu()
    on, probs = sums > 0, scores.sigmoid()
    top = sums.shape[-3] - 1 - on.flip(-3).int().argmax(-3, keepdim=True)
    sure = probs.gather(-3, top).squeeze(-3).where(on.any(-3), 1 - probs.amax(-3))
    return on.float().cpu(), sure.cpu()
