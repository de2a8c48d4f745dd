"""What a model makes of images: labels, and how sure it is of each."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pixelwise.engine.predict import score_rows
from pixelwise.metrics.confusion import winners
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

    def score(part: Tensor) -> Tensor:
        if not wanted():
            raise InterruptedError("nobody waits for this image any more")
        return trained.scores(part[None])[0]

    rows = score_rows(score, image, tile=trained.tile)
    done = [_decided(sums, weights, trained.classes.exclusive) for sums, weights in rows]
    labels, sure = zip(*done, strict=True)
    return Seen(torch.cat(labels, dim=-2), torch.cat(sure, dim=-2))


def _decided(sums: Tensor, worth: Tensor, exclusive: bool) -> tuple[Tensor, Tensor]:
    """Labels by the sums `[... k h w]`, which no division could change, and probabilities by their means."""
    scores = sums / worth
    if exclusive:
        return winners(sums).cpu(), scores.softmax(-3).amax(-3).cpu()
    on, probs = sums > 0, scores.sigmoid()
    top = sums.shape[-3] - 1 - on.flip(-3).int().argmax(-3, keepdim=True)
    sure = probs.gather(-3, top).squeeze(-3).where(on.any(-3), 1 - probs.amax(-3))
    return on.float().cpu(), sure.cpu()
