"""Drawn scenes: vessels with something in them, of which one is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.core.classes import Classes

SIZE = 48
CLASSES = Classes(("background", "empty", "liquid", "solid"))
LIQUID, SOLID = 2, 3

Kind = Literal["plain", "one", "tagged"]

_NOISE, _LIGHT = 0.08, (0.8, 1.2)
_GLASS, _GREY = 0.15, 0.75
_TAG = (6, 12)  # rows and columns


@dataclass(frozen=True, slots=True)
class Scene:
    """An image of vessels, the region of the one that is meant, and what that one holds.

    Attributes:
        image: Bands, rows, columns, in 0..1.
        region: The pixels of the vessel, walls and contents alike.
        labels: Class of each pixel: background everywhere but in that vessel; 255 does not count.
        name: Unique in its data set.
    """

    image: Float[Tensor, "c h w"]
    region: Bool[Tensor, "h w"]
    labels: Int[Tensor, "h w"]
    name: str


@dataclass(frozen=True, slots=True)
class _Vessel:
    top: int
    left: int
    rows: int
    columns: int
    surface: int  # rows above the contents
    holds: int

    @property
    def box(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.rows), slice(self.left, self.left + self.columns)

    @property
    def contents(self) -> tuple[slice, slice]:
        return (
            slice(self.top + self.surface, self.top + self.rows - 1),
            slice(self.left + 1, self.left + self.columns - 1),
        )


def draw(number: int, seed: int, *, kind: Kind = "plain") -> list[Scene]:
    """Scenes of 48×48 pixels.

    `plain` has two or three open vessels, each with a liquid or a solid in it, one of which is meant; the
    same materials lie around as well. `one` has a single vessel among them. In `tagged` scenes two vessels
    hold the same grey, and only a label of 6×12 pixels above each tells what it is.

    Args:
        number: How many.
        seed: Of everything that is drawn.
        kind: Which.
    """
    rng = np.random.default_rng(seed)
    return [_scene(rng, kind, f"{kind}-{seed}-{index}") for index in range(number)]


def _scene(rng: np.random.Generator, kind: Kind, name: str) -> Scene:
    image = np.full((3, SIZE, SIZE), rng.uniform(0.4, 0.5))
    vessels = (
        _tagged_row(rng) if kind == "tagged" else _row(rng, 1 if kind == "one" else int(rng.integers(2, 4)))
    )
    if kind != "tagged":
        _scatter(rng, image, vessels)
    for vessel in vessels:
        _paint(rng, image, vessel, tagged=kind == "tagged")
    meant = vessels[rng.integers(len(vessels))]
    region = np.zeros((SIZE, SIZE), np.bool_)
    region[meant.box] = True
    labels = region.astype(np.int64)
    labels[meant.contents] = meant.holds
    image = image * rng.uniform(*_LIGHT) + rng.normal(0, _NOISE, image.shape)
    pixels = torch.from_numpy(image.clip(0, 1).astype(np.float32))
    return Scene(pixels, torch.from_numpy(region), torch.from_numpy(labels), name)


def _row(rng: np.random.Generator, number: int) -> list[_Vessel]:
    """Vessels side by side, each somewhere in its share of the width."""
    share = SIZE // number if number > 1 else SIZE
    found: list[_Vessel] = []
    for place in range(number):
        columns = int(rng.integers(10, min(share - 2, 20)))
        rows = int(rng.integers(16, 31))
        left = place * share + int(rng.integers(1, share - columns))
        found.append(_filled(rng, int(rng.integers(2, SIZE - rows - 1)), left, rows, columns))
    return found


def _tagged_row(rng: np.random.Generator) -> list[_Vessel]:
    """Two vessels of 10 to 13 rows, with room for a label above each."""
    found: list[_Vessel] = []
    for place in range(2):
        rows, high = int(rng.integers(10, 14)), _TAG[0]
        left = place * SIZE // 2 + int(rng.integers(2, SIZE // 2 - _TAG[1] - 1))
        found.append(_filled(rng, int(rng.integers(high + 2, SIZE - rows - 1)), left, rows, _TAG[1]))
    return found


def _filled(rng: np.random.Generator, top: int, left: int, rows: int, columns: int) -> _Vessel:
    surface = int(rng.integers(2, max(3, 2 * rows // 3)))
    return _Vessel(top, left, rows, columns, surface, (LIQUID, SOLID)[rng.integers(2)])


def _scatter(rng: np.random.Generator, image: np.ndarray, vessels: Sequence[_Vessel]) -> None:
    """Pieces of the same materials, where no vessel is."""
    taken = np.zeros((SIZE, SIZE), np.bool_)
    for vessel in vessels:
        taken[vessel.box] = True
    for material in (LIQUID, SOLID, LIQUID, SOLID):
        top, left = rng.integers(0, SIZE - 8, 2)
        piece = (slice(top, top + int(rng.integers(6, 13))), slice(left, left + int(rng.integers(6, 13))))
        free = ~taken[piece]
        image[:, *piece] = np.where(free, _texture(rng, material)[:, *piece], image[:, *piece])


def _paint(rng: np.random.Generator, image: np.ndarray, vessel: _Vessel, *, tagged: bool) -> None:
    rows, columns = vessel.box
    image[:, rows, columns.start] = image[:, rows, columns.stop - 1] = _GLASS
    image[:, rows.stop - 1, columns] = _GLASS
    texture = _texture(rng, vessel.holds)
    image[:, *vessel.contents] = _GREY if tagged else texture[:, *vessel.contents]
    if tagged:
        tag = (slice(rows.start - _TAG[0], rows.start), columns)
        image[:, *tag] = texture[:, *tag]


def _texture(rng: np.random.Generator, material: int) -> np.ndarray:
    """Level waves, bluish, for liquids; a reddish checker for solids."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    phase = rng.uniform(0, 2 * np.pi, 2)
    if material == LIQUID:
        waves, tint = np.sin(2 * np.pi * rows / 4 + phase[0]), (-0.15, 0.0, 0.2)
    else:
        waves = np.sin(2 * np.pi * rows / 5 + phase[0]) * np.sin(2 * np.pi * columns / 5 + phase[1])
        tint = (0.2, 0.0, -0.15)
    return 0.5 + 0.25 * waves + np.array(tint)[:, None, None]
