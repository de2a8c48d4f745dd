"""Drawn scenes: coloured shapes, and expressions that mean exactly one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

SIZE = 48
COLOURS = {"red": (0.9, 0.2, 0.2), "green": (0.2, 0.75, 0.25), "blue": (0.2, 0.35, 0.95), "yellow": (0.9, 0.85, 0.2)}
SHAPES = ("circle", "square", "triangle")
HELD_OUT = frozenset({("red", "square"), ("blue", "triangle")})  # drawn in training, and never called so

Kind = Literal["colour", "side", "size", "half"]
KINDS: tuple[Kind, ...] = ("colour", "side", "size")

_SMALL, _BIG = (4.0, 5.0), (7.5, 9.0)
_NOISE, _LIGHT = 0.05, (0.8, 1.2)
_TRIES = 60


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
    radius: float
    y: float = 0.0
    x: float = 0.0


def draw(number: int, seed: int, *, kinds: Sequence[Kind] = KINDS, held_out: bool = False) -> list[Expression]:
    """Scenes of 48×48 pixels with two to four shapes and one expression each.

    `colour` ("red circle") names the only shape of its colour; `side` ("left square", "square on the
    left") and `size` ("big blue triangle") tell shapes of one name apart; `half` ("square on the left")
    is told by the half of the image alone, for the two squares are the same but for their place.

    Args:
        number: How many.
        seed: Of everything that is drawn.
        kinds: What the expressions go by, in turn.
        held_out: Whether expressions name a pair of `HELD_OUT`, or never do.
    """
    rng = np.random.default_rng(seed)
    return [
        _scene(rng, kinds[index % len(kinds)], held_out, f"{seed}-{index}") for index in range(number)
    ]


def _scene(rng: np.random.Generator, kind: Kind, held_out: bool, name: str) -> Expression:
    while True:
        text, meant, others = _plot(rng, kind, held_out)
        placed = _placed(rng, [meant, *others], kind)
        if placed is not None and _means_first(kind, text, placed):
            image, mask = _painted(rng, placed)
            return Expression(image, text, mask, name, kind)


def _plot(rng: np.random.Generator, kind: Kind, held_out: bool) -> tuple[str, _Thing, list[_Thing]]:
    """An expression, what it means, and what else is there; places come later."""
    pairs = [(colour, shape) for colour in COLOURS for shape in SHAPES]
    pairs = [pair for pair in pairs if (pair in HELD_OUT) == held_out]
    colour, shape = pairs[rng.integers(len(pairs))]
    big = bool(rng.integers(2))
    meant = _Thing(colour, shape, _radius(rng, big))
    others = [_any(rng) for _ in range(rng.integers(1, 4))]
    if kind == "colour":
        others[0] = _Thing(_other(rng, COLOURS, colour), shape, others[0].radius)  # the shape is not enough
        return f"{colour} {shape}", meant, [o for o in others if (o.colour, o.shape) != (colour, shape)]
    others = [other for other in others[1:] if other.shape != shape]
    if kind == "size":
        named = bool(rng.integers(2))
        twin = _Thing(colour if named else _other(rng, COLOURS, colour), shape, _radius(rng, not big))
        words = ["big" if big else "small", *([colour] if named else []), shape]
        return " ".join(words), meant, [twin, *others]
    side = ("left", "right")[rng.integers(2)]
    same = kind == "half"
    twin = _Thing(colour, shape, meant.radius) if same else _Thing(_any(rng).colour, shape, _any(rng).radius)
    text = f"{shape} on the {side}" if same or rng.integers(2) else f"{side} {shape}"
    return text, meant, [twin, *others]


def _means_first(kind: Kind, text: str, things: Sequence[_Thing]) -> bool:
    """Whether the expression means the first thing: of side and half, it must lie there."""
    if kind not in {"side", "half"}:
        return True
    sign = -1 if "left" in text else 1
    meant, twin = things[0], things[1]
    if kind == "half":
        return sign * (meant.x - SIZE / 2) > 4 and sign * (twin.x - SIZE / 2) < -4
    return sign * (meant.x - twin.x) > 4


def _placed(rng: np.random.Generator, things: Sequence[_Thing], kind: Kind) -> list[_Thing] | None:
    """The things where they do not touch; None if there is no room."""
    placed: list[_Thing] = []
    for thing in things:
        for _ in range(_TRIES):
            y, x = rng.uniform(thing.radius + 1, SIZE - 1 - thing.radius, 2)
            if all(np.hypot(y - t.y, x - t.x) > 1.2 * (thing.radius + t.radius) for t in placed):
                placed.append(_Thing(thing.colour, thing.shape, thing.radius, float(y), float(x)))
                break
        else:
            return None
    return placed


def _painted(rng: np.random.Generator, things: Sequence[_Thing]) -> tuple[Tensor, Tensor]:
    """The image, and the mask of the first thing."""
    image = np.full((3, SIZE, SIZE), rng.uniform(0.35, 0.6))
    masks = [_mask(thing) for thing in things]
    for thing, mask in zip(things, masks, strict=True):
        image[:, mask] = np.array(COLOURS[thing.colour])[:, None] + rng.normal(0, 0.04, (3, 1))
    image = image * rng.uniform(*_LIGHT) + rng.normal(0, _NOISE, image.shape)
    return torch.from_numpy(image.clip(0, 1).astype(np.float32)), torch.from_numpy(masks[0])


def _mask(thing: _Thing) -> np.ndarray:
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    y, x = rows - thing.y, columns - thing.x
    if thing.shape == "circle":
        return np.hypot(y, x) <= thing.radius
    if thing.shape == "square":
        return np.maximum(np.abs(y), np.abs(x)) <= 0.87 * thing.radius
    return (y <= 0.8 * thing.radius) & (2 * np.abs(x) <= y + thing.radius)


def _any(rng: np.random.Generator) -> _Thing:
    colour, shape = [*COLOURS][rng.integers(len(COLOURS))], SHAPES[rng.integers(len(SHAPES))]
    return _Thing(colour, shape, _radius(rng, bool(rng.integers(2))))


def _other(rng: np.random.Generator, among: Sequence[str] | dict[str, tuple[float, float, float]], than: str) -> str:
    rest = [name for name in among if name != than]
    return rest[rng.integers(len(rest))]


def _radius(rng: np.random.Generator, big: bool) -> float:
    return float(rng.uniform(*(_BIG if big else _SMALL)))
