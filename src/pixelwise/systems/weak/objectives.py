"""What is learned from weak labels: expectation maximisation, and the baselines it is measured against."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.engine.train import LossFunction
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.ops.heads import Said, logits_of
from pixelwise.ops.planes import counted
from pixelwise.ops.possible import image_level, known, present
from pixelwise.systems.weak.expectation import EStep


def maximising(expect: EStep) -> LossFunction:
    """The M-step: cross entropy against what the E-step takes the pixels for, in the same forward pass.

    Pixels with but one possible class are that class, whatever the E-step says; so images with masks and
    images without share a batch.
    """

    def loss(said: Said, possible: Tensor) -> Tensor:
        logits = logits_of(said)
        hidden = expect(logits.detach(), possible)
        told = known(possible)
        labels = told.where(told != IGNORE_INDEX, hidden)
        return cross_entropy(logits, labels.masked_fill(~counted(possible).any(1), IGNORE_INDEX))

    return loss


def pooled(said: Said, possible: Tensor) -> Float[Tensor, ""]:
    """A classifier of images: the mean of each class's scores tells whether the class is there."""
    means = logits_of(said).mean((2, 3))
    return F.binary_cross_entropy_with_logits(means, present(possible).to(means))


def best_pixels(said: Said, possible: Tensor) -> Float[Tensor, ""]:
    """Multiple instances: each class's most probable pixel must show it, or must not."""
    return image_level(logits_of(said), present(possible)).mean()


def set_likelihood(said: Said, possible: Tensor) -> Float[Tensor, ""]:
    """Minus the logarithm of the probability that a pixel is any of its possible classes, on average."""
    likely = logits_of(said).log_softmax(1)
    costs = -likely.masked_fill(possible <= 0, float("-inf")).logsumexp(1)
    counting = counted(possible).any(1)
    return costs.where(counting, 0.0).sum() / counting.sum().clamp(min=1)
