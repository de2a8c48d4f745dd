"""Scenes of two colours and the blurred, noisy scores that a coarse net might give: what a CRF is for."""

import math

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.engine.crf_search import Judged

_SIZE, _CLASSES = 48, 2
_BLUR, _UNSURE, _GRAIN = 4.0, 0.2, 2.0  # pixels; deviation of the noise in the scores, and how wide it is
_NOISE_SD, _APART = 8 / 255, 90 / 255  # of the colours


def blurred(seed: int, number: int) -> list[Judged]:
    """Scenes whose probabilities are the truth, blurred by four pixels, plus noise that is alike nearby."""
    chance = Generator().manual_seed(seed)
    return [_scene(chance) for _ in range(number)]


def smooth(planes: Float[Tensor, "k h w"], sd: float) -> Float[Tensor, "k h w"]:
    """Gaussian blur of each plane, mirrored at the border."""
    reach = math.ceil(3 * sd)
    kernel = (-(torch.arange(-reach, reach + 1) ** 2) / (2 * sd**2)).exp()
    kernel = kernel / kernel.sum()
    padded = F.pad(planes[:, None], (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None])[:, 0]


def _scene(chance: Generator) -> Judged:
    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance)

    labels = smooth(draw(_CLASSES, _SIZE, _SIZE), _SIZE / 8).argmax(0)
    colours = torch.zeros(_CLASSES, 3)
    while torch.pdist(colours).min() < _APART:
        colours = 0.1 + 0.8 * torch.rand(_CLASSES, 3, generator=chance)
    image = colours[labels].movedim(-1, 0) + _NOISE_SD * draw(3, _SIZE, _SIZE)
    truth = F.one_hot(labels, _CLASSES).movedim(-1, 0).float()
    noise = smooth(draw(_CLASSES, _SIZE, _SIZE), _GRAIN)
    beliefs = (smooth(truth, _BLUR) + _UNSURE * noise / noise.std()).clamp(min=0.05)
    return Judged(image.clamp(0, 1), beliefs / beliefs.sum(0), labels)
