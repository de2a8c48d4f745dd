"""Structural similarity of probabilities and truth."""

from typing import Annotated

import torch
from annotated_types import Gt
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.losses._likelihood import mean_over
from pixelwise.ops.planes import planes

_MEANS, _SPREADS = 0.01**2, 0.03**2  # the constants of the paper, for values in 0..1


def ssim(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    radius: Annotated[int, Gt(0)] = 5,
    sigma: Annotated[float, Gt(0)] = 1.5,
) -> Float[Tensor, ""]:
    """One minus the mean structural similarity of the planes of probability and of truth.

    Around each pixel, means, spreads and their common course are compared under a Gaussian window; at
    borders between classes it notices what pixel by pixel costs little. Windows see only pixels that
    count, those of the image's edge and of its holes being worth more instead. Alone it is a poor
    teacher; the papers below add it to cross entropy and IoU.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        radius: Pixels the window reaches to each side of its own; five makes it 11 by 11.
        sigma: Standard deviation of the window, in pixels.

    Returns:
        The loss, in [0, 2]; zero, with zero gradient, when no pixel counts.

    Reference:
        Wang, Bovik, Sheikh & Simoncelli, "Image quality assessment: from error visibility to
        structural similarity", 2004, equation 13; as a loss in Qin et al., "BASNet", 2019, equation 4,
        and Huang et al., "UNet 3+", 2020, arXiv:2004.08790, section 2.3 (there over several scales).
    """
    told = planes(logits, labels, ignore_index)
    valid = told.valid.to(told.probs.dtype)
    probs, truth = told.probs * valid, told.truth
    maps = torch.stack([valid, probs, truth, probs * probs, truth * truth, probs * truth])
    seen, *sums = _blurred(maps, radius, sigma)
    mean, true_mean, square, true_square, product = (each / seen.clamp(min=1e-12) for each in sums)
    spread, true_spread = square - mean * mean, true_square - true_mean * true_mean
    common = product - mean * true_mean
    brightness = (2 * mean * true_mean + _MEANS) / (mean * mean + true_mean * true_mean + _MEANS)
    course = (2 * common + _SPREADS) / (spread.clamp(min=0) + true_spread.clamp(min=0) + _SPREADS)
    return mean_over(1 - brightness * course, told.valid)


def _blurred(maps: Float[Tensor, "n b k h w"], radius: int, sigma: float) -> Float[Tensor, "n b k h w"]:
    """Sums under a Gaussian window that adds up to one; nothing lies beyond the image."""
    steps = torch.arange(-radius, radius + 1, dtype=maps.dtype, device=maps.device)
    weights = torch.exp(-(steps**2) / (2 * sigma**2))
    each = maps.reshape(1, -1, *maps.shape[-2:])  # a channel each: depthwise kernels keep all digits
    number = each.shape[1]
    kernels = (weights / weights.sum()).expand(number, 1, -1)
    down = F.conv2d(each, kernels[..., None], padding=(radius, 0), groups=number)
    return F.conv2d(down, kernels[:, :, None], padding=(0, radius), groups=number).reshape(maps.shape)
