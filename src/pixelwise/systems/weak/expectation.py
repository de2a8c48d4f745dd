"""The E-step: what the pixels most probably are, given the scores of now and labels that tell less."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from pixelwise.metrics.confusion import winners
from pixelwise.ops.possible import present

EStep = Callable[[Tensor, Tensor], Tensor]  # of scores and what is possible, to class indices


def fixed(
    scores: Float[Tensor, "b k h w"],
    possible: Float[Tensor, "b k h w"],
    *,
    background: float = 3.0,
    foreground: float = 5.0,
    confined: bool = False,
) -> Int[Tensor, "b h w"]:
    """EM-Fixed: the best class after a constant is added to the score of each possible one.

    Args:
        scores: Of the network, before softmax.
        possible: Where which class may be; class 0 is the background.
        background: Added to class 0.
        foreground: Added to the others. The paper's two numbers suit the scores of a pretrained network.
        confined: Whether a class that is not possible cannot win; in the paper's layer it can.

    Reference:
        Papandreou, Chen, Murphy & Yuille, 2015, arXiv:1502.02734, algorithm 1 and section 3.2.
    """
    bias = torch.full((scores.shape[1], 1, 1), foreground)
    bias[0] = background
    raised = scores + bias.to(scores) * (possible > 0)
    return winners(raised.masked_fill(possible <= 0, -torch.inf) if confined else raised)


def adapted(
    scores: Float[Tensor, "b k h w"],
    possible: Float[Tensor, "b k h w"],
    *,
    rng: Generator,
    background: float = 0.4,
    foreground: float = 0.2,
    swaps: int = 5,
    suppress: bool = True,
) -> Int[Tensor, "b h w"]:
    """EM-Adapt: the best class after each image's own constants give every present class its portion.

    Args:
        scores: Of the network, before softmax.
        possible: Where which class may be; only asked which classes are there at all.
        rng: Of the order in which the others follow the background.
        background: Share of the pixels that class 0 wins at least, about.
        foreground: Share that every other present class wins at least, about.
        swaps: Times that the classes are gone through.
        suppress: Whether absent classes are put below all present ones.

    Reference:
        Papandreou, Chen, Murphy & Yuille, 2015, arXiv:1502.02734, section 3.2; the procedure is that of
        the authors' Caffe layer `AdaptiveBiasChannel`.
    """
    there = present(possible)
    raised = suppressed(scores, there) if suppress else scores.clone()
    for image, seen in zip(raised, there, strict=True):
        labels = seen.nonzero().flatten().tolist()
        portions = [background if label == 0 else foreground for label in labels]
        shifts = balanced(image[labels].flatten(1), portions, rng=rng, swaps=swaps, ground=labels[:1] == [0])
        image[labels] += shifts[:, None, None]
    return winners(raised)


def adapted_inside(
    scores: Float[Tensor, "b k h w"],
    possible: Float[Tensor, "b k h w"],
    *,
    rng: Generator,
    background: float = 0.2,
    foreground: float = 0.4,
    swaps: int = 5,
) -> Int[Tensor, "b h w"]:
    """Bbox-EM-Adapt: inside a class's boxes, it and the background each win their portion; outside, never.

    Args:
        scores: Of the network, before softmax.
        possible: Where which class may be; the background, class 0, anywhere.
        rng: As in `adapted`.
        background: Share of a class's boxes that the background wins at least.
        foreground: Share that the class wins at least.
        swaps: As in `adapted`.
    """
    raised = scores.masked_fill(possible <= 0, -torch.inf)
    for image, planes, where in zip(raised, scores, possible > 0, strict=True):
        for label in range(1, len(where)):
            pair = planes[[0, label]][:, where[label]]
            if pair.shape[1]:
                ground, thing = balanced(pair, (background, foreground), rng=rng, swaps=swaps)
                image[label] += thing - ground
    return winners(raised)


def suppressed(
    scores: Float[Tensor, "b k h w"], there: Bool[Tensor, "b k"], *, margin: float = 1e-5
) -> Float[Tensor, "b k h w"]:
    """The scores, those of absent classes lowered beneath every present one's where they are above it."""
    absent = ~there[:, :, None, None]
    least = scores.masked_fill(absent, torch.inf).amin(1, keepdim=True)
    return torch.where(absent & (scores > least), least - margin, scores)


def balanced(
    scores: Float[Tensor, "m n"],
    portions: Sequence[float],
    *,
    rng: Generator,
    swaps: int = 5,
    ground: bool = True,
) -> Float[Tensor, " m"]:
    """What to add to each class's scores so that each wins about its portion of the pixels, or more.

    A class that is visited is raised until it is the best of `portion * n` pixels, if it is not yet; that
    takes pixels from the others, so they are visited again. The last one visited has its portion exactly.

    Args:
        scores: Of the present classes at some pixels.
        portions: Share of the pixels for each of them.
        rng: Of the order of the visits.
        swaps: Times that each is visited.
        ground: Whether the first one is visited first each time; else all in any order.
    """
    shifts, best = torch.zeros_like(scores[:, 0]), scores.amax(0)
    for _ in range(swaps):
        order = torch.randperm(len(scores) - ground, generator=rng) + int(ground)
        for label in [*range(ground), *order.tolist()]:
            own = scores[label] + shifts[label]
            nth = min(int(portions[label] * own.numel()), own.numel() - 1)
            shift = (best - own).kthvalue(nth + 1).values
            shifts[label] += shift
            best = torch.maximum(best, own + shift)
    return shifts
