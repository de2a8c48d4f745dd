"""What is learned from points: four terms, each of which can be left out."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.engine.train import LossFunction
from pixelwise.losses._likelihood import log_contrary
from pixelwise.ops.heads import Said, logits_of
from pixelwise.ops.possible import image_level, known, present


@dataclass(frozen=True, slots=True)
class Terms:
    """Which terms take part.

    Attributes:
        presence: Each class of the image is somewhere.
        absence: No other class is anywhere.
        clicks: Clicked pixels are what they are said to be.
        objectness: Other pixels are things as probably as the prior says.
    """

    presence: bool = True
    absence: bool = True
    clicks: bool = True
    objectness: bool = True


def supervised(terms: Terms) -> LossFunction:
    """The loss of what a network says and of labels as `told` makes them: possible planes and the prior."""

    def loss(said: Said, labels: Tensor) -> Tensor:
        return point_loss(logits_of(said), labels[:, :-1], labels[:, -1], terms)

    return loss


def point_loss(
    logits: Float[Tensor, "b k h w"],
    possible: Float[Tensor, "b k h w"],
    prior: Float[Tensor, "b h w"],
    terms: Terms,
    *,
    weights: Float[Tensor, "b h w"] | None = None,
) -> Float[Tensor, ""]:
    """The sum of the terms, each normalised in its image, averaged over the images; in nats.

    Args:
        logits: Scores before softmax; class 0 is the background where the prior takes part.
        possible: The classes of the image, anywhere; a clicked pixel has but its own.
        prior: Probability of each pixel to be of any thing, above 0 and below 1.
        terms: Which of them.
        weights: Of each click, as where later ones are trusted less; all the same if left out.

    Reference:
        Bearman, Russakovsky, Ferrari & Fei-Fei, "What's the Point: Semantic Segmentation with Point
        Supervision", 2016, arXiv:1506.02106, equations 2 to 5; as the authors' GPU layer has it, where
        clicks are divided by the sum of their weights.
    """
    costs = image_level(logits, present(possible), presence=terms.presence, absence=terms.absence)
    told = known(possible)
    clicked = told != IGNORE_INDEX
    if terms.clicks:
        costs = costs + _of_clicks(logits, told, clicked, weights)
    if terms.objectness:
        costs = costs + _of_prior(logits, prior, ~clicked)
    return costs.mean()


def _of_clicks(
    logits: Tensor, told: Tensor, clicked: Bool[Tensor, "b h w"], weights: Tensor | None
) -> Float[Tensor, " b"]:
    """The weighted mean over an image's clicks of what each costs; zero where there is none."""
    trusted = clicked.to(logits) if weights is None else weights * clicked
    likely = logits.log_softmax(1).gather(1, told.where(clicked, 0)[:, None])[:, 0]
    return -(trusted * likely).sum((1, 2)) / trusted.sum((1, 2)).clamp(min=1e-12)


def _of_prior(logits: Tensor, prior: Tensor, unknown: Bool[Tensor, "b h w"]) -> Float[Tensor, " b"]:
    """The cross entropy of being any thing, under the prior, mean over the pixels without a click."""
    ground = torch.zeros_like(logits[:, :1], dtype=torch.int64)
    no_thing, thing = logits.log_softmax(1)[:, 0], log_contrary(logits, ground)[:, 0]
    costs = -(prior * thing + (1 - prior) * no_thing)
    return (costs * unknown).sum((1, 2)) / unknown.sum((1, 2)).clamp(min=1)
