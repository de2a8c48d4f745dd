"""Things to cut out: drawn ones, and the cars of CamVid."""

from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.readers.camvid import camvid
from pixelwise.ops.components import components
from pixelwise.systems.grabcut.masks import Box

Mask = Bool[Tensor, "h w"]

_SIZE = 96
_NOISE_SD = 0.08
_MARGIN = 0.1  # of an object's sides, around the box that a person would draw
_AROUND = 0.4  # of a car's sides: what is kept around it
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
    mask: Mask
    counted: Mask
    box: Box
    name: str


def drawn(seed: int, number: int) -> list[Thing]:
    """Stars with soft dents, of two colours in waves, on a ground of two others; noise over all."""
    chance = Generator().manual_seed(seed)
    return [_drawn(chance, f"drawing {n}") for n in range(number)]


def cars(root: Path, seed: int, number: int) -> list[Thing]:
    """Cars of CamVid's test images, the largest of each image, cut out with their surroundings.

    A car is a connected part of class Car: cars that overlap are one. Seeds that follow one another give
    different images.

    Raises:
        DataError: If the data set is not there.
    """
    reader = camvid(root)
    car, tests = reader.classes.names.index("Car"), reader.splits["test"]
    step = max(1, len(tests) // (3 * number))
    found: list[Thing] = []
    for turn in range(len(tests)):
        sample = reader[tests[(seed * (step // 3 + 1) + turn * step) % len(tests)]]
        if len(found) == number or sample.labels is None:
            break
        mask = _largest(sample.labels == car)
        if mask.sum() >= _LEAST_PIXELS:
            found.append(_with_surroundings(sample.image, sample.labels, mask, sample.name))
    return found


def box_of(mask: Mask, margin: float = _MARGIN) -> Box:
    """The smallest box around a mask, and a margin of its sides, inside the image."""
    sides: list[tuple[int, int]] = []
    for axis, length in ((1, mask.shape[0]), (0, mask.shape[1])):
        there = mask.any(axis).nonzero()[:, 0]
        first, last = int(there[0]), int(there[-1]) + 1
        room = max(2, round(margin * (last - first)))
        sides.append((max(0, first - room), min(length, last + room)))
    (top, bottom), (left, right) = sides
    return top, left, bottom, right


def _drawn(chance: Generator, name: str) -> Thing:
    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=chance))

    rows, columns = torch.meshgrid(torch.arange(_SIZE) + 0.5, torch.arange(_SIZE) + 0.5, indexing="ij")
    down, across = rows - between(40, 56), columns - between(40, 56)
    angle, far = torch.atan2(down, across), torch.hypot(down, across)
    dents = 1 + between(0.1, 0.25) * torch.cos(round(between(3, 6)) * angle + between(0, 6.3))
    mask = far < between(18, 26) * dents
    waves = torch.sin(rows / between(2, 5) + columns / between(2, 5))
    colours = torch.rand(4, 3, generator=chance)
    while torch.cdist(colours[:2], colours[2:]).min() < 0.35:
        colours = torch.rand(4, 3, generator=chance)
    one, other = (torch.where(waves > edge, 1, 0) for edge in (0.0, 0.3))
    image = torch.where(mask[..., None], colours[:2][one], colours[2:][other]).movedim(-1, 0)
    image = F.avg_pool2d(F.pad(image[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
    image = (image + _NOISE_SD * torch.randn(image.shape, generator=chance)).clamp(0, 1)
    return Thing(image, mask, torch.ones_like(mask), box_of(mask), name)


def _largest(mask: Mask) -> Mask:
    """The connected part of most pixels."""
    parts = components(mask)
    return parts == parts[mask].bincount().argmax() if mask.any() else mask


def _with_surroundings(image: Tensor, labels: Tensor, mask: Tensor, name: str) -> Thing:
    top, left, bottom, right = box_of(mask, _AROUND)
    part = (slice(top, bottom), slice(left, right))
    own = mask[part]
    return Thing(image[:, *part], own, labels[part] != IGNORE_INDEX, box_of(own), name)
