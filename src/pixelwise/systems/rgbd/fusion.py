"""What several views say of one keyframe, made one."""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Way = Literal["bayesian", "average", "max"]

WAYS: tuple[Way, ...] = ("bayesian", "average", "max")


def fused(
    logits: Float[Tensor, "v b k h w"], seen: Bool[Tensor, "v b h w"], way: Way
) -> Float[Tensor, "b k h w"]:
    """Logits of what the views that see a pixel say of it together.

    Args:
        logits: Of each view, where the keyframe's pixels lie in it.
        seen: Which views see a pixel; at least one sees each.
        way: `bayesian`: the product of their probabilities, as if each erred on its own, which makes it too
            sure; `average`: their mean probability; `max`: the highest score of each class.

    Reference:
        Ma, Stückler, Kerl & Cremers, "Multi-View Deep Learning for Consistent Semantic Mapping with RGB-D
        Cameras", 2017, arXiv:1703.08866, section III-C.
    """
    there = seen[:, :, None]
    if way == "max":
        return logits.masked_fill(~there, -torch.inf).amax(0)
    told = logits.log_softmax(2)
    if way == "bayesian":
        return (told * there).sum(0).log_softmax(1)
    return told.masked_fill(~there, -torch.inf).logsumexp(0).log_softmax(1)
