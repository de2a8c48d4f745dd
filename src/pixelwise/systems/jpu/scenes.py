"""Scenes that coarse features cannot resolve: thin lines, small discs and small squares."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Sample

CLASSES = Classes(("background", "line", "disc", "square"))

_SIZE = 96
_NOISE_SD = 0.08
_TINTS = ((0.5, 0.5, 0.5), (0.75, 0.62, 0.3), (0.7, 0.4, 0.42), (0.4, 0.5, 0.72))
_TINT_SD = 0.08  # of each thing's own colour
_THIN = (1.0, 1.8)  # half the width of a line
_SMALL = (3.5, 6.0)  # radius of a disc, half the side of a square
Plane = Float[np.ndarray, "h w"]


class FineScenes:
    """Scenes of two or three lines, and six to nine discs and squares; a function of seed and number alone.

    Args:
        train: Scenes to learn from; they come first.
        test: Scenes to be judged on.
        seed: Of all of them.
    """

    def __init__(self, train: int, test: int, *, seed: int) -> None:
        self._numbers, self._seed = (train, test), seed

    @property
    def classes(self) -> Classes:
        """Background and three kinds of things."""
        return CLASSES

    @property
    def splits(self) -> Mapping[str, Sequence[int]]:
        """Which scenes are to learn from and to be judged on."""
        train, test = self._numbers
        return {"train": range(train), "test": range(train, train + test)}

    @property
    def notes(self) -> Sequence[str]:
        """Nothing was inferred."""
        return ()

    def __len__(self) -> int:
        return sum(self._numbers)

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < len(self):
            raise IndexError(f"scene {index} of {len(self)}")
        chance = np.random.default_rng((self._seed, index))
        rows, columns = np.mgrid[:_SIZE, :_SIZE].astype(np.float32)
        labels = np.zeros((_SIZE, _SIZE), np.int64)
        image = np.empty((3, _SIZE, _SIZE), np.float32)
        image[:] = np.array(_TINTS[0], np.float32)[:, None, None]
        kinds = [1] * int(chance.integers(2, 4)) + chance.integers(2, 4, int(chance.integers(6, 10))).tolist()
        for kind in kinds:
            mask = _mask(kind, rows, columns, chance)
            tint = np.array(_TINTS[kind]) + _TINT_SD * chance.standard_normal(3)
            image[:, mask] = tint.astype(np.float32)[:, None]
            labels[mask] = kind
        lit = np.float32(chance.uniform(0.8, 1.2)) * image
        lit += _NOISE_SD * chance.standard_normal(image.shape, np.float32)
        return Sample(torch.from_numpy(lit.clip(0, 1)), torch.from_numpy(labels), f"scene-{index:05d}")


def _mask(kind: int, rows: Plane, columns: Plane, chance: np.random.Generator) -> Bool[np.ndarray, "h w"]:
    """The pixels of a line through the scene, of a disc, or of a square."""
    y, x = chance.uniform(8, _SIZE - 8, 2)
    down, across = rows - y, columns - x
    if kind == 1:
        angle = chance.uniform(0, np.pi)
        return np.abs(down * np.cos(angle) - across * np.sin(angle)) <= chance.uniform(*_THIN)
    radius = chance.uniform(*_SMALL)
    if kind == 2:
        return down**2 + across**2 <= radius**2
    return np.maximum(np.abs(down), np.abs(across)) <= 0.89 * radius
