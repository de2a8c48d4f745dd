"""Scenes whose things are known: digits drawn by code, and the sets of labelling tools."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.digit_scenes.layouts import OneByOne
from pixelwise.data.digit_scenes.pool import drawn_pools
from pixelwise.data.digit_scenes.scene import SIDE, Placed, Pool, Rules, paint
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.drawings.paint import parts
from pixelwise.data.drawings.shapes import Drawing
from pixelwise.systems.instances.found import Instances, known

DIGITS = ("background", "0", "1", "2")

_RULES = Rules((64, 64), 2, 4, 3, 0.1, "sum", "grey", exclusive=False, keep_erasing=False)
_INK = 0.3  # grey above which a pixel is of the digit


@dataclass(frozen=True, slots=True)
class Scene:
    """An image and the things in it.

    Attributes:
        image: RGB in 0..1.
        things: With tight boxes; their scores are 1.
        name: Unique in its set.
    """

    image: Float[Tensor, "3 h w"]
    things: Instances
    name: str


def digit_scenes(number: int, seed: int, *, held_out: bool = False) -> list[Scene]:
    """Two to four digits of three classes on 64×64 pixels, hardly overlapping.

    Args:
        number: How many scenes.
        seed: Of the scenes.
        held_out: Of digits that the other scenes do not show.
    """
    pools = drawn_pools()
    layouts = OneByOne(pools, _RULES, seed)
    split = int(held_out)
    return [
        _painted(layouts.scene(split, each), pools[split], f"{split}-{each:05d}") for each in range(number)
    ]


class DrawnScenes(Sequence[Scene]):
    """The scenes of a set of drawings, such as COCO's, painted when asked for; one thing each instance.

    Crowds and labels that do not count are left out.

    Args:
        drawn: What a reader of drawings found.
        numbers: Which of its samples.
    """

    def __init__(self, drawn: Drawn, numbers: Sequence[int]) -> None:
        self._drawn, self._numbers = drawn, numbers
        first = () if drawn.classes.names[0] == "background" else ("background",)
        self.names = (*first, *drawn.classes.names)
        self._shift = len(first)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Scene:  # pyright: ignore[reportIncompatibleMethodOverride] no slices
        number = self._numbers[index]
        image, _, _ = self._drawn.image_of(self._drawn.drawings[number], 3)
        things = self._things(self._drawn.drawings[number])
        return Scene(image, things, self._drawn.names[number])

    def _things(self, drawing: Drawing) -> Instances:
        masks: dict[tuple[int, str], np.ndarray] = {}
        for place, shape in enumerate(drawing.shapes):
            index = self._drawn.rules.indices[shape.label]
            if shape.crowd or index == IGNORE_INDEX:
                continue
            thing = (index + self._shift, shape.instance or f"shape {place}")
            mask = masks.setdefault(thing, np.zeros(drawing.size, np.bool_))
            for part in parts(shape, drawing.size, self._drawn.rules.fill):
                rows, columns = part.mask.shape
                mask[part.top : part.top + rows, part.left : part.left + columns] |= part.mask
        stacked = np.stack(list(masks.values())) if masks else np.zeros((0, *drawing.size), np.bool_)
        return known(
            torch.from_numpy(stacked), torch.tensor([label for label, _ in masks], dtype=torch.int64)
        )


def _painted(placed: Sequence[Placed], pool: Pool, name: str) -> Scene:
    image, _ = paint(list(placed), pool, _RULES)
    masks = torch.zeros(len(placed), *_RULES.size, dtype=torch.bool)
    for mask, (digit, x, y) in zip(masks, placed, strict=True):
        ink = torch.from_numpy(pool.images[digit] > _INK * 255)
        mask[y : y + SIDE, x : x + SIDE] = ink
    labels = torch.tensor([int(pool.labels[digit]) + 1 for digit, _, _ in placed])
    return Scene(image.expand(3, -1, -1).contiguous(), known(masks, labels), name)
