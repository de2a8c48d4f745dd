"""Things to cut out: drawn ones, and the cars of CamVid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.data.readers.camvid import camvid
from pixelwise.ops.components import components
from pixelwise.systems.grabcut.masks import Box

_SIZE = 96
_NOISE_SD = 0.08
_MARGIN = 0.1  # of an object's sides, around the box that a person would draw
_LEAST_PIXELS = 1500  # of a car worth cutting out


@dataclass(frozen=True, slots=True)
class Thing:
    """An object in an image.

    Attributes:
        image: In 0..1.
        mask: The object's pixels.
        counted: The pixels whose class is known.
        box: A little larger than the object: first row and column, and those behind the last.
        name: For tables and pictures.
    """

    image: Float[Tensor, "c h w"]
    mask: Bool[Tensor, "h w"]
    counted: Bool[Tensor, "h w"]
    box: Box
    name: str


def drawn(seed: int, number: int) -> list[Thing]:
    """Stars with soft dents, of two colours in waves, on a ground of two others; noise over all."""
    chance = Generator().manual_seed(seed)
    return [_drawn(chance, f"drawing {n}") for n in range(number)]


def cars(root: Path, number: int) -> list[Thing]:
    """Cars of the test images that are large enough, one an image, evenly chosen; each in its surroundings.

    A car is a connected part of class Car, so that cars which overlap are one.
    """
    reader = camvid(root=str(root))
    found: list[Thing] = []
    tests = reader.splits["test"]
    for place in tests[:: max(1, len(tests) // (2 * number))]:
        if len(found) < number:
            found += _cars(reader[place].image, reader[place].labels, reader.classes.names.index("Car"), place)
    return found


def box_of(mask: Bool[Tensor, "h w"], margin: float = _MARGIN) -> Box:
    """The smallest box around a mask, and a margin of its sides, inside the image."""
    sides: list[tuple[int, int]] = []
    for axis, length in ((1, mask.shape[0]), (0, mask.shape[1])):
        there = mask.any(axis).nonzero()[:, 0]
        first, last = int(there[0]), int(there[-1]) + 1
        room = max(2, round(margin * (last - first)))
        sides.append((max(0, first - room), min(length, last + room)))
    (top, bottom), (left, right) = sides
    return top, left, bottom, right
