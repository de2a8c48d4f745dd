"""Masks drawn by formula, so that numbers of other libraries can be kept beside them."""

import torch
from torch import Tensor


def disc(row, column, radius, size=(40, 50)) -> Tensor:
    rows, columns = (torch.arange(length) for length in size)
    return (rows[:, None] - row) ** 2 + (columns - column) ** 2 <= radius**2


def box(top, bottom, left, right, size=(40, 50)) -> Tensor:
    mask = torch.zeros(size, dtype=torch.bool)
    mask[top:bottom, left:right] = True
    return mask


PAIRS = [
    (disc(18, 20, 9), disc(20, 24, 11)),
    (box(0, 12, 0, 20), box(3, 16, 0, 14)),
    (disc(10, 10, 5) | disc(30, 40, 4), disc(11, 10, 6)),
    (box(5, 35, 5, 45) & ~disc(20, 25, 7), box(5, 35, 5, 45)),
]


def blobs(rng, *shape: int) -> Tensor:
    """Random masks of about half the pixels with outlines that are neither straight nor noise."""
    noise = torch.rand(*shape, generator=rng)
    for axis in (-1, -2):
        noise = noise + noise.roll(1, axis) + noise.roll(2, axis)
    return noise > noise.mean()
