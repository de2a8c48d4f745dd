"""Which classes may be where: the one form of all labels that tell less than a mask does.

A plane of a class is 1 where the class is possible and 0 where it is not; negative where the pixel does
not count. An image label says that its classes are possible anywhere, a box that its class is possible
inside, and a pixel that is known has one possible class.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX


def anywhere(labels: Int[Tensor, "h w"], num_classes: int) -> Float[Tensor, "k h w"]:
    """What an image label tells: each class of the image is possible in each of its pixels."""
    seen = torch.zeros(num_classes)
    seen[labels[labels != IGNORE_INDEX].unique()] = 1.0
    return seen[:, None, None].expand(-1, *labels.shape).clone()


def pointed(
    possible: Float[Tensor, "k h w"], labels: Int[Tensor, "h w"], mask: Bool[Tensor, "h w"]
) -> Float[Tensor, "k h w"]:
    """The same, but where the mask is True the one class that the labels tell; ignored ones are left."""
    chosen = mask & (labels != IGNORE_INDEX)
    classes = torch.arange(len(possible))[:, None, None]
    return torch.where(chosen, (labels == classes).to(possible), possible)


def known(possible: Float[Tensor, "b k h w"]) -> Int[Tensor, "b h w"]:
    """The class of the pixels that have but one possible class; `IGNORE_INDEX` elsewhere."""
    most, which = possible.max(1)
    return which.where((possible.clamp(min=0).sum(1) == 1) & (most > 0), IGNORE_INDEX)


def present(possible: Float[Tensor, "b k h w"]) -> Bool[Tensor, "b k"]:
    """Classes that are possible somewhere in the image."""
    return (possible > 0).flatten(2).any(2)


def image_level(
    logits: Float[Tensor, "b k h w"],
    there: Bool[Tensor, "b k"],
    *,
    presence: bool = True,
    absence: bool = True,
) -> Float[Tensor, " b"]:
    """What an image label costs each image, in nats: of each class, its most probable pixel is judged.

    The mean over the present classes of `-ln S`, plus the mean over the absent ones of `-ln(1 - S)`, S
    being the class's largest probability in the image. A mean over no class is zero.

    Args:
        logits: Scores before softmax.
        there: Which classes the image shows.
        presence: Whether present classes are asked for.
        absence: Whether absent ones are punished.

    Reference:
        Bearman et al., "What's the Point: Semantic Segmentation with Point Supervision", 2016,
        arXiv:1506.02106, equation 2; without the second term, multiple-instance learning as in Pathak
        et al., 2015, arXiv:1412.7144.
    """
    likely = logits.log_softmax(1).flatten(2).amax(2)
    costs = likely.new_zeros(len(likely))
    if presence:
        costs = costs - (likely * there).sum(1) / there.sum(1).clamp(min=1)
    if absence:
        never = torch.log1p(-likely.exp().clamp(max=1 - 1e-6))
        costs = costs - (never * ~there).sum(1) / (~there).sum(1).clamp(min=1)
    return costs
