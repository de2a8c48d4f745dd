"""What the scenes of digits are made of and by which rules, and how one is painted."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Integer, UInt8
from torch import Tensor

SIDE = 28  # rows and columns of a digit
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Pool:
    """Digits to choose from, in 0..255, and which digit each is."""

    images: UInt8[np.ndarray, "n 28 28"]
    labels: Integer[np.ndarray, " n"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What all scenes of a data set have in common; `digits` says what each means."""

    size: tuple[int, int]
    min_digits: int
    max_digits: int
    num_classes: int
    max_overlap: float
    overlap: Literal["sum", "iou"]
    target: Literal["grey", "binary", "box"]
    exclusive: bool
    keep_erasing: bool


class Placed(NamedTuple):
    """One digit of a scene: its number in the pool, and the left and upper edge of its patch."""

    digit: int
    x: int
    y: int


def paint(
    scene: list[Placed], pool: Pool, rules: Rules
) -> tuple[Float[Tensor, "1 h w"], Float[Tensor, "k h w"]]:
    """The image of a scene and one plane per class, both in 0..1.

    Grey levels are added up as whole numbers, which float32 holds exactly, and clipped once at the end.
    That is the same as the original's clipping after each digit, because nothing is ever subtracted, and
    the same as its sums of float64 after rounding to float32.
    """
    columns = rules.size[1]
    canvas = np.zeros((1 + rules.num_classes, *rules.size), np.float32)
    flat = canvas.reshape(len(canvas), -1)
    # A digit's rows with zeros between them, as they lie on the canvas: one run, added four times as fast.
    rows = np.zeros((SIDE, columns), np.float32)
    run = rows.reshape(-1)[: (SIDE - 1) * columns + SIDE]
    claimed = np.zeros(rules.size, np.bool_) if rules.exclusive and rules.keep_erasing else None
    brightest = 0
    for number, x, y in scene:
        digit, plane = pool.images[number], 1 + int(pool.labels[number])
        rows[:, :SIDE] = digit
        under = slice(y * columns + x, y * columns + x + len(run))
        image, truth = flat[0, under], flat[plane, under]
        image += run
        if rules.target == "box":
            canvas[plane, y : y + SIDE, x : x + SIDE] = _WHITE
        else:
            truth += run
            brightest = max(brightest, digit.max()) if brightest < _WHITE else brightest
        if claimed is not None:
            canvas[plane][claimed] = 0
            claimed |= canvas[plane] > 0
        elif rules.exclusive:
            _give_way(canvas[1:, y : y + SIDE, x : x + SIDE], plane - 1)
    return _finished(canvas, rules.target, int(brightest))


def _give_way(patches: Float32[np.ndarray, "k 28 28"], label: int) -> None:
    """Clear a class where another one came first."""
    others = patches.sum(0) - patches[label]
    patches[label][others > 0] = 0


def _finished(
    canvas: Float32[np.ndarray, "planes h w"], target: str, brightest: int
) -> tuple[Float[Tensor, "1 h w"], Float[Tensor, "k h w"]]:
    """Clipped and in 0..1. Grey planes are clipped to the brightest pixel of the scene's digits."""
    planes = canvas[1:]
    canvas[canvas > _WHITE] = _WHITE  # faster than np.minimum, and without the threads of torch.clamp
    if target != "box" and brightest < _WHITE:
        planes[planes > brightest] = brightest
    if target == "binary":
        planes[:] = (planes > _WHITE / 2) * _WHITE
    canvas /= _WHITE
    painted = torch.from_numpy(canvas)
    return painted[:1], painted[1:]


def tight_edges(digit: UInt8[np.ndarray, "28 28"]) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of what is drawn of a digit; the whole patch if nothing is."""
    rows, columns = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
    if not len(rows):
        return 0, 0, SIDE, SIDE
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
