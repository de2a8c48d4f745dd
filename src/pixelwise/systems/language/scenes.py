"""Drawn scenes: coloured shapes, and expressions that mean exactly one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

SIZE = 48
COLOURS = {
    "red": (0.9, 0.2, 0.2),
    "green": (0.2, 0.75, 0.25),
    "blue": (0.2, 0.35, 0.95),
    "yellow": (0.9, 0.85, 0.2),
}
SHAPES = ("circle", "square", "triangle")
HELD_OUT = frozenset({("red", "square"), ("blue", "triangle")})  # drawn in training, and never called so

Kind = Literal["colour", "side", "size", "half"]
KINDS: tuple[Kind, ...] = ("colour", "side", "size")

_SMALL, _BIG = (4.0, 5.0), (7.5, 9.0)
_NOISE, _LIGHT = 0.05, (0.8, 1.2)
_APART = 4  # columns between what is left and what is right of it


@dataclass(frozen=True, slots=True)
class Expression:
    """An image, words that mean one thing in it, and where that is.

    Attributes:
        image: Bands, rows, columns, in 0..1.
        text: What is meant, in words.
        mask: The pixels of what is meant.
        name: Unique in its data set.
        kind: What tells it apart, of drawn scenes: its colour, its side, its size, its half of the image.
    """

    image: Float[Tensor, "c h w"]
    text: str
    mask: Bool[Tensor, "h w"]
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Thing:
    colour: str
    shape: str
    big: bool
    radius: float
    y: float
    x: float

    @property
    def called(self) -> str:
        return f"{self.colour} {self.shape}"


def draw(
    number: int, seed: int, *, kinds: Sequence[Kind] = KINDS, held_out: bool = False
) -> list[Expression]:
    """Scenes of 48×48 pixels with two to four shapes and one expression each, which means one of them.

    `colour` ("red circle") names a pair that is there once; `side` ("left square", "square on the left")
    the first or last of several from the left; `size` ("big blue triangle", "small circle") the only big or
    small one of its name; `half` ("square on the left") the only one in that half of the image.

    Args:
        number: How many.
        seed: Of everything that is drawn.
        kinds: What the expressions go by, in turn.
        held_out: Whether expressions name a pair of `HELD_OUT`, or never do.
    """
    rng = np.random.default_rng(seed)
    return [_scene(rng, kinds[index % len(kinds)], held_out, f"{seed}-{index}") for index in range(number)]


def _scene(rng: np.random.Generator, kind: Kind, held_out: bool, name: str) -> Expression:
    while True:
        things = _placed(rng, int(rng.integers(2, 5)))
        meant = [(text, thing) for text, thing in _meanings(things, kind) if held_out == _is_held_out(text)]
        if meant:
            text, thing = meant[rng.integers(len(meant))]
            image, masks = _painted(rng, things)
            return Expression(image, text, masks[things.index(thing)], name, kind)


def _meanings(things: Sequence[_Thing], kind: Kind) -> list[tuple[str, _Thing]]:
    """Every expression of a kind that means exactly one of the things, and which."""
    if kind == "colour":
        return [(t.called, t) for t in things if sum(t.called == other.called for other in things) == 1]
    shapes = {shape: [t for t in things if t.shape == shape] for shape in SHAPES}
    several = {shape: sorted(group, key=lambda t: t.x) for shape, group in shapes.items() if len(group) > 1}
    found: list[tuple[str, _Thing]] = []
    if kind == "size":
        found = _sized(several)
        for called in {t.called for t in things}:
            group = [t for t in things if t.called == called]
            found += _sized({called: group}) if len(group) > 1 else []
        return found
    for shape, group in several.items():
        for side, end, beside in (("left", group[0], group[1]), ("right", group[-1], group[-2])):
            apart = abs(end.x - beside.x) > _APART
            halves = (
                min(end.x, beside.x) < SIZE / 2 - _APART / 2 and max(end.x, beside.x) > SIZE / 2 + _APART / 2
            )
            if kind == "side" and apart:
                found += [(f"{side} {shape}", end), (f"{shape} on the {side}", end)]
            elif kind == "half" and halves:
                found.append((f"{shape} on the {side}", end))
    return found


def _sized(groups: dict[str, list[_Thing]]) -> list[tuple[str, _Thing]]:
    """The only big, or the only small one of each group."""
    found: list[tuple[str, _Thing]] = []
    for called, group in groups.items():
        for size, alike in (("big", [t for t in group if t.big]), ("small", [t for t in group if not t.big])):
            found += [(f"{size} {called}", alike[0])] if len(alike) == 1 else []
    return found


def _is_held_out(text: str) -> bool:
    return any(text.endswith(f"{colour} {shape}") for colour, shape in HELD_OUT)


def _placed(rng: np.random.Generator, number: int) -> list[_Thing]:
    """Things that do not touch."""
    placed: list[_Thing] = []
    while len(placed) < number:
        big = bool(rng.integers(2))
        radius = float(rng.uniform(*(_BIG if big else _SMALL)))
        y, x = rng.uniform(radius + 1, SIZE - 1 - radius, 2).tolist()
        if all(np.hypot(y - t.y, x - t.x) > 1.1 * (radius + t.radius) for t in placed):
            colour, shape = [*COLOURS][rng.integers(len(COLOURS))], SHAPES[rng.integers(len(SHAPES))]
            placed.append(_Thing(colour, shape, big, radius, y, x))
    return placed


def _painted(rng: np.random.Generator, things: Sequence[_Thing]) -> tuple[Tensor, list[Tensor]]:
    """The image, and the mask of each thing."""
    image = np.full((3, SIZE, SIZE), rng.uniform(0.35, 0.6))
    masks = [_mask(thing) for thing in things]
    for thing, mask in zip(things, masks, strict=True):
        image[:, mask] = np.array(COLOURS[thing.colour])[:, None] + rng.normal(0, 0.04, (3, 1))
    image = image * rng.uniform(*_LIGHT) + rng.normal(0, _NOISE, image.shape)
    return torch.from_numpy(image.clip(0, 1).astype(np.float32)), [torch.from_numpy(mask) for mask in masks]


def _mask(thing: _Thing) -> np.ndarray:
    rows, columns = np.ogrid[:SIZE, :SIZE]
    y, x = rows + 0.5 - thing.y, columns + 0.5 - thing.x
    if thing.shape == "circle":
        return np.hypot(y, x) <= thing.radius
    if thing.shape == "square":
        return np.maximum(np.abs(y), np.abs(x)) <= 0.87 * thing.radius
    return (y <= 0.8 * thing.radius) & (2 * np.abs(x) <= y + thing.radius)
