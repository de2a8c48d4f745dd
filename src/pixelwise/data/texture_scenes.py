"""Scenes drawn by code: textured things on a grey noisy ground, for experiments that last minutes."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Sample

CLASSES = Classes(("background", "disc", "square", "triangle"))

_TINTS = ((0.8, 0.36, 0.32), (0.34, 0.76, 0.34), (0.32, 0.4, 0.82))  # of disc, square, triangle
_WAVES = ((0.0, 1.6), (1.6, 0.0), (0.9, 0.9))  # radians a row and a column: stripes lying, standing, slanting
_WAVE, _GROUND, _NOISE = 0.12, 0.5, 0.08
_RADII = (6.0, 9.0)


class TextureScenes:
    """Scenes of one or two things of three classes; each class has its shape, its tint and its stripes.

    A scene is a function of the seed and its number alone. A reader, so it can be stored and streamed.

    Args:
        train: Scenes to learn from; they come first.
        test: Scenes to be judged on.
        seed: Of all of them.
        size: Rows and columns.
    """

    def __init__(self, train: int, test: int, *, seed: int, size: int = 40) -> None:
        self._numbers = (train, test)
        self._seed, self._size = seed, size

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
        random = np.random.default_rng((self._seed, index))
        size = self._size
        rows, columns = np.mgrid[:size, :size].astype(np.float32)
        image = np.full((3, size, size), _GROUND, np.float32)
        labels = np.zeros((size, size), np.int64)
        for _ in range(random.integers(1, 3)):
            kind, radius = int(random.integers(3)), random.uniform(*_RADII)
            y, x = random.uniform(radius, size - 1 - radius, 2)
            mask = _shape(kind, rows - y, columns - x, radius)
            down, across = _WAVES[kind]
            stripes = _WAVE * np.sin(down * rows + across * columns + random.uniform(0, 2 * np.pi))
            image[:, mask] = np.array(_TINTS[kind], np.float32)[:, None] + stripes[mask]
            labels[mask] = kind + 1
        noise = _NOISE * random.standard_normal(image.shape, np.float32)
        lit = np.clip(np.float32(random.uniform(0.8, 1.2)) * image + noise, 0, 1)
        return Sample(torch.from_numpy(lit), torch.from_numpy(labels), f"scene-{index:05d}")


def _shape(
    kind: int, down: Float[np.ndarray, "h w"], across: Float[np.ndarray, "h w"], radius: float
) -> Bool[np.ndarray, "h w"]:
    """Pixels of a disc, a square or a triangle, told by their way from its middle."""
    if kind == 0:
        return down**2 + across**2 <= radius**2
    if kind == 1:
        return np.maximum(np.abs(down), np.abs(across)) <= 0.85 * radius
    return (np.abs(across) <= (down + radius) / 2) & (down <= radius)
