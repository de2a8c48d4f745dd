"""Discs, squares and triangles of any size and colour: what they are shows in their outlines alone."""

from collections.abc import Iterator

import torch
from jaxtyping import Bool
from torch import Generator, Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Batch, Sample

CLASSES = Classes(("background", "disc", "square", "triangle"))
SIZE = 48
_RADII = (4.0, 18.0)
_NOISE_SD, _WAVES = 0.05, 0.04
_APART = 0.45  # of colours


def shapes(seed: int, number: int) -> list[Sample]:
    """Scenes of one to three shapes on grey waves; no colour belongs to a class."""
    chance = Generator().manual_seed(seed)
    return [_scene(chance, f"scene {n}") for n in range(number)]


def batches(samples: list[Sample], batch_size: int, seed: int) -> Iterator[Batch]:
    """Endless batches of samples picked by chance, all of them mirrored or none."""
    chance = Generator().manual_seed(seed)
    images = torch.stack([sample.image for sample in samples])
    labels = torch.stack([sample.labels for sample in samples if sample.labels is not None])
    while True:
        picked = torch.randint(len(samples), (batch_size,), generator=chance)
        seen, true = images[picked], labels[picked]
        if torch.rand((), generator=chance) < 0.5:
            seen, true = seen.flip(3), true.flip(2)
        yield Batch(seen, true, tuple(samples[int(number)].name for number in picked))


def _scene(chance: Generator, name: str) -> Sample:
    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=chance))

    rows, columns = torch.meshgrid(torch.arange(SIZE) + 0.5, torch.arange(SIZE) + 0.5, indexing="ij")
    ground = 0.3 + 0.4 * torch.rand(3, generator=chance)
    waves = _WAVES * torch.sin(rows / between(1, 4) + columns / between(1, 4))
    image = ground[:, None, None] + waves
    labels = torch.zeros(SIZE, SIZE, dtype=torch.long)
    for _ in range(1 + int(between(0, 3))):
        radius = between(*_RADII)
        room = min(radius, SIZE / 2 - 1)
        down, across = rows - between(room, SIZE - room), columns - between(room, SIZE - room)
        kind = 1 + int(between(0, 3))
        mask = _inside(kind, down / radius, across / radius)
        colour = torch.rand(3, generator=chance)
        while (colour - ground).norm() < _APART:
            colour = torch.rand(3, generator=chance)
        image = torch.where(mask, colour[:, None, None], image)
        labels = labels.masked_fill(mask, kind)
    image = image + _NOISE_SD * torch.randn(image.shape, generator=chance)
    return Sample(image.clamp(0, 1), labels, name)


def _inside(kind: int, down: Tensor, across: Tensor) -> Bool[Tensor, "h w"]:
    """A disc, a square that stands on a side, or a triangle that stands on one."""
    if kind == 1:
        return down.square() + across.square() < 0.9**2
    if kind == 2:
        return torch.maximum(down.abs(), across.abs()) < 0.8
    return (down < 0.7) & (across.abs() < (down + 1.0) * 0.6)
