"""Negative log-likelihoods and log-probabilities, for exclusive and independent classes alike."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.ops.planes import Labels, counted, exclusive


def exact(logits: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """The same scores in float32 at least."""
    return logits.float() if logits.dtype.itemsize < 4 else logits


def nats(
    logits: Float[Tensor, "b k h w"], labels: Labels, ignore_index: int
) -> tuple[Float[Tensor, "b *k h w"], Bool[Tensor, "b *k h w"]]:
    """What each pixel (each plane's pixel) costs, and which ones count; zero where one does not.

    The cost is minus the logarithm of the probability of what is true, by softmax or sigmoid; of soft
    truth, its mean.
    """
    logits, valid = exact(logits), counted(labels, ignore_index)
    if exclusive(labels):
        return F.cross_entropy(logits, labels.long(), ignore_index=ignore_index, reduction="none"), valid
    truth = labels.clamp(min=0).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * valid, valid


def log_probs(
    logits: Float[Tensor, "b k h w"], labels: Labels
) -> tuple[Float[Tensor, "b k h w"], Float[Tensor, "b k h w"]]:
    """Logarithms of the probability of each class and of its contrary; exact where either is nearly zero.

    Args:
        logits: Scores before softmax or sigmoid.
        labels: Only asked which of the two.
    """
    logits = exact(logits)
    if not exclusive(labels):
        return F.logsigmoid(logits), F.logsigmoid(-logits)
    likely, first = logits.log_softmax(1), logits.argmax(1, keepdim=True)
    others = torch.log1p(-likely.exp().scatter(1, first, 0.0))  # none of them is above one half
    return likely, others.scatter(1, first, log_contrary(logits, first))


def log_contrary(logits: Float[Tensor, "b k h w"], index: Int[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
    """Logarithm of one minus the softmax probability of one class of each pixel, exact near zero."""
    others = logits.scatter(1, index, torch.finfo(logits.dtype).min / 4)
    return others.logsumexp(1, keepdim=True) - logits.logsumexp(1, keepdim=True)


def mean_over(values: Float[Tensor, "*n"], valid: Bool[Tensor, "*n"]) -> Float[Tensor, ""]:
    """The mean of the values that count; zero where none does."""
    return (values * valid).sum() / valid.sum().clamp(min=1)
