"""Scenes for the tests and the benchmark of the CRF: coloured regions, noise, and what a net might say."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Scene:
    """Images in whole grey levels 0..255, labels, and blurred, noisy probabilities; a batch of one each."""

    images: Tensor
    labels: Tensor
    probs: Tensor


def scene(seed: int, size: int = 48, num_classes: int = 2, noise: float = 8.0) -> Scene:
    """Regions of one colour each, 90 grey levels and more apart, with noise of that many levels."""
    chance = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance)

    labels = smooth(draw(1, num_classes, size, size), size / 8).argmax(1)
    colours = torch.zeros(num_classes, 3)
    while num_classes > 1 and torch.pdist(colours).min() < 90:
        colours = torch.randint(30, 226, (num_classes, 3), generator=chance).float()
    images = colours[labels].movedim(-1, 1) + noise * draw(1, 3, size, size)
    truth = F.one_hot(labels, num_classes).movedim(-1, 1).float()
    disturbance = smooth(draw(1, num_classes, size, size), 2)
    beliefs = smooth(truth, 4) + 0.2 * disturbance / disturbance.std()
    probs = beliefs.clamp(min=0.05)
    return Scene(images.round().clamp(0, 255), labels, probs / probs.sum(1, keepdim=True))


def smooth(planes: Tensor, sd: float) -> Tensor:
    """Gaussian blur of each plane, mirrored at the border."""
    reach = round(3 * sd)
    kernel = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sd**2))
    kernel = kernel / kernel.sum()
    flat = planes.flatten(0, 1)[:, None]
    flat = F.conv2d(F.pad(flat, (reach,) * 4, mode="reflect"), kernel[None, None, :, None])
    return F.conv2d(flat, kernel[None, None, None]).view_as(planes)


def mean_iou(probs: Tensor, labels: Tensor) -> float:
    """Of the classes that occur in truth or prediction."""
    predicted, classes = probs.argmax(1), range(probs.shape[1])
    pairs = [(predicted == k, labels == k) for k in classes]
    return torch.stack([(a & b).sum() / (a | b).sum() for a, b in pairs if (a | b).any()]).mean().item()


def boundary_f(probs: Tensor, labels: Tensor) -> float:
    """F measure of the pixels left of or above another class, one pixel of tolerance."""

    def boundary(classes: Tensor) -> Tensor:
        found = torch.zeros_like(classes, dtype=torch.bool)
        found[:, :-1] |= classes[:, :-1] != classes[:, 1:]
        found[:, :, :-1] |= classes[:, :, :-1] != classes[:, :, 1:]
        return found

    def share(of: Tensor, near: Tensor) -> Tensor:
        return (of & (F.max_pool2d(near.float(), 3, 1, 1) > 0)).sum() / of.sum()

    ours, true = boundary(probs.argmax(1)), boundary(labels)
    precision, recall = share(ours, true), share(true, ours)
    return (2 * precision * recall / (precision + recall)).item()
