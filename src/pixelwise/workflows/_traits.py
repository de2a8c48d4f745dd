"""What labelled images are like, as far as a plan must know: sizes, classes, how rare, how thin."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.core.sample import Sample
from pixelwise.data.reader import Reader
from pixelwise.ops.components import components
from pixelwise.recipe.rules import Traits

_LOOKED_AT = 40  # images, evenly spaced
_DRAWN_APART = 0.7  # share that is learnt from where the data bring no splits
_SPECK = 25  # pixels up to which a part is no object


@dataclass
class _Sums:
    """What was counted so far, of each class."""

    pixels: Float[Tensor, " k"]
    counted: Float[Tensor, " k"]
    sides: Float[Tensor, " k"]
    areas: list[list[int]]


def traits_of(reader: Reader) -> Traits:
    """Look at up to forty samples, evenly spaced.

    Raises:
        DataError: If one of them cannot be read.
    """
    k = len(reader.classes)
    number = min(len(reader), _LOOKED_AT)
    sums = _Sums(torch.zeros(k), torch.zeros(k), torch.zeros(k), [[] for _ in range(k)])
    sizes: list[tuple[int, int]] = []
    bands, placed = 0, False
    for i in range(number):
        sample = reader[i * len(reader) // number]
        sizes.append((sample.image.shape[1], sample.image.shape[2]))
        bands, placed = sample.image.shape[0], placed or sample.place is not None
        _count(sample, sums)
    learnt = len(reader.splits.get("train", ())) or round(_DRAWN_APART * len(reader))
    shares = (sums.pixels / sums.counted.clamp(min=1)).tolist()
    thickness = (2 * sums.pixels / sums.sides.clamp(min=1)).tolist()
    return Traits(
        images=max(1, learnt),
        rows=int(median(rows for rows, _ in sizes)),
        columns=int(median(columns for _, columns in sizes)),
        alike=len(set(sizes)) == 1,
        bands=bands,
        classes=tuple(reader.classes.names),
        exclusive=reader.classes.exclusive,
        shares=tuple(shares),
        thickness=tuple(thickness),
        objects=tuple(_typical(areas) for areas in sums.areas),
        placed=placed,
    )


def _count(sample: Sample, sums: _Sums) -> None:
    if sample.labels is None:
        return
    for index, (mask, valid) in enumerate(_masks(sample.labels, len(sums.areas))):
        sums.pixels[index] += mask.sum()
        sums.counted[index] += valid.sum()
        if not mask.any():
            continue
        across = (mask[:, 1:] != mask[:, :-1]) & valid[:, 1:] & valid[:, :-1]
        down = (mask[1:] != mask[:-1]) & valid[1:] & valid[:-1]
        sums.sides[index] += across.sum() + down.sum()
        sizes = torch.bincount(components(mask).flatten())[1:]
        sums.areas[index] += sizes[sizes > _SPECK].tolist()


def _masks(labels: Tensor, k: int) -> Sequence[tuple[Bool[Tensor, "h w"], Bool[Tensor, "h w"]]]:
    """Of each class, where it is and where it could be."""
    if labels.is_floating_point():
        return [(plane > 0.5, plane >= 0) for plane in labels]
    valid = (labels >= 0) & (labels < k)
    return [(labels == index, valid) for index in range(k)]


def _typical(areas: list[int]) -> float | None:
    return None if not areas else median(areas) ** 0.5
