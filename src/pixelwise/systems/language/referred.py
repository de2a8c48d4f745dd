"""Expressions about photographs: a data set of images, words, and masks of what the words mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import final

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.errors import DataError
from pixelwise.data.images import read_image
from pixelwise.systems.language.scenes import Expression


@dataclass(frozen=True, slots=True)
class Entry:
    """One expression, whose files are opened when they are needed.

    Attributes:
        image: The file.
        text: What is meant.
        mask: Where it is `[h w]`, at the size of the image.
        name: Unique in its data set.
        split: As the data set says: train, val, testA ...
    """

    image: Path
    text: str
    mask: Callable[[], Bool[np.ndarray, "h w"]]
    name: str
    split: str


@final
class Referred:
    """A data set of expressions; no `data.reader.Reader`, for its samples have words.

    Attributes:
        entries: In the order of the files.
        notes: What was found and should be known, one sentence each.
    """

    def __init__(self, entries: Sequence[Entry], notes: Sequence[str] = ()) -> None:
        self.entries, self.notes = tuple(entries), tuple(notes)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Expression:
        """An expression with its image and mask.

        Raises:
            DataError: If a file is damaged, or image and mask differ in size.
        """
        entry = self.entries[index]
        image, mask = read_image(entry.image, bands=3), entry.mask()
        if mask.shape != image.shape[1:]:
            raise DataError(
                f"{entry.name}: image and mask differ in size. Image is {tuple(image.shape[1:])}, mask is "
                f"{mask.shape} (rows, columns). Take the images that the data set was made for."
            )
        return Expression(image, entry.text, torch.from_numpy(mask), entry.name)

    @cached_property
    def splits(self) -> Mapping[str, Sequence[int]]:
        """Numbers of the expressions of each split."""
        found: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            found.setdefault(entry.split, []).append(number)
        return found


def fitted(image: Float[Tensor, "c h w"], size: int) -> tuple[Float[Tensor, "c n n"], float]:
    """An image scaled to fit a square, its top left corner in that of the square, zeros elsewhere.

    Returns:
        The square, and by how much the image was scaled.

    Reference:
        Hu, Rohrbach & Darrell, 2016, arXiv:1603.06180, section 4; they centre the image.
    """
    scale = size / max(image.shape[1:])
    rows, columns = (max(1, min(size, round(side * scale))) for side in image.shape[1:])
    scaled = F.interpolate(image[None], (rows, columns), mode="bilinear", antialias=True)[0]
    return F.pad(scaled, (0, size - columns, 0, size - rows)), scale


def squared(sample: Expression, size: int) -> Expression:
    """An expression whose image and mask fit a square; a pixel is meant if more than half of it was."""
    image, _ = fitted(sample.image, size)
    mask, _ = fitted(sample.mask[None].float(), size)
    return replace(sample, image=image, mask=mask[0] > 0.5)
