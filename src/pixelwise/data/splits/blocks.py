"""Images on a map, cut into square blocks where there are too few groups to part."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from pixelwise.data.splits.known import Grouping
from pixelwise.data.splits.places import Footprint, near
from pixelwise.data.splits.spacing import Spacing, told

_STEPS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # sides of blocks that are tried, in images
_FEWEST, _MOST = 6, 1000  # blocks that are worth a try


def blocks(found: Grouping, spacing: Spacing) -> Iterator[Grouping]:
    """The images in blocks of several sizes, of which one may be chosen; of one size if that is asked for.

    Args:
        found: Images with footprints.
        spacing: Side of the blocks, and how far their images are to be apart.

    Raises:
        DataError: If lengths are in metres and footprints are not.
    """
    prints = found.prints or ()
    links = [*near(prints, spacing.reach(prints))]
    sides = _sides(prints) if spacing.block is None else [spacing.block.among(prints)]
    cuts = {side: in_blocks(prints, side) for side in sides}
    numbers = {side: len(set(groups)) for side, groups in cuts.items()}
    sensible = [side for side, number in numbers.items() if _FEWEST <= number <= _MOST] or sides[-1:]
    for side in sensible:
        apart = "touch" if spacing.buffer is None else f"lie within {told(spacing.reach(prints), prints)} of"
        reason = (
            f"{numbers[side]} blocks of {told(side, prints)}; images that {apart} another part are left out"
        )
        labels = [f"block {block}" for block in cuts[side]]
        yield replace(found, groups=cuts[side], labels=labels, rule="block", reason=reason, links=links)


def in_blocks(prints: Sequence[Footprint], side: float) -> list[int]:
    """Block of each image, by its centre: squares of one side, from the least corner of its grid on."""
    grids = {grid: number for number, grid in enumerate(dict.fromkeys(one.grid for one in prints))}
    keys = np.zeros((len(prints), 3), np.int64)
    keys[:, 0] = [grids[one.grid] for one in prints]
    bounds = np.array([one.bounds for one in prints]).reshape(-1, 4)
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    for grid in range(len(grids)):
        here = keys[:, 0] == grid
        keys[here, 1:] = (centres[here] - bounds[here, :2].min(0)) // side
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel().tolist()


def _sides(prints: Sequence[Footprint]) -> list[float]:
    """Sides worth a try: multiples of an image's, or of its share of the ground where images lie apart."""
    bounds = np.array([one.bounds for one in prints]).reshape(-1, 4)
    side = float(np.median((bounds[:, 2:] - bounds[:, :2]).max(1)))
    extents = [_extent(bounds[[one.grid == grid for one in prints]]) for grid in {p.grid for p in prints}]
    each = (sum(prod(extent) for extent in extents) / len(prints)) ** 0.5
    widest = max(max(extent) for extent in extents)
    unit = side * max(1, round(each / side))
    return [step * unit for step in _STEPS if step == _STEPS[0] or step * unit < widest]


def _extent(bounds: NDArray[np.float64]) -> tuple[float, float]:
    rows, columns = bounds[:, 2:].max(0) - bounds[:, :2].min(0)
    return float(rows), float(columns)
