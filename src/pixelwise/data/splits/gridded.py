"""What names tell of tiles: in which row and column of which raster each was cut out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.data.likeness import Look
from pixelwise.data.rasters.reading import describe
from pixelwise.data.splits.names import common_ending
from pixelwise.data.splits.places import Footprint
from pixelwise.data.threads import in_threads

_WORDS = {"row": "y", "r": "y", "y": "y", "column": "x", "col": "x", "c": "x", "x": "x"}
_WORD = "|".join(_WORDS)
_SAID = re.compile(
    rf"^(.*?)[\s_\-.]*(?<![a-z])({_WORD})[_\-]?(\d+)[\s_\-.]*({_WORD})[_\-]?(\d+)$", re.IGNORECASE
)
_BARE = re.compile(r"^(?:(.*?)[\s_\-.]+)?(\d+)[\s_\-.x]+(\d+)$")
_FEWEST = 3  # rows and columns at least, or two numbers are no grid
_FILLED = 0.5  # of the grid, at least
_PIXELS = 16  # a step so long is one of pixels; a shorter one counts tiles
_GO_ON = 0.65  # of the edges of neighbours are more alike than those of strangers; by chance half are


@dataclass(frozen=True, slots=True)
class _Cells:
    """Raster, row and column of each image."""

    rasters: list[str]
    at: NDArray[np.int64]  # [n 2]
    worded: bool


def by_grid(names: Sequence[str], looks: Sequence[Look], files: Sequence[Path]) -> list[Footprint] | None:
    """Where tiles lie in the rasters that their names tell; None where names tell no rows and columns.

    Names end with two numbers: «M34_r03_c12», «x512_y1024», «M34_0_512». Numbers with words are believed; so
    are bare ones that go up by 16 or more, which are pixels. Others might as well be patients and slices:
    they are rows and columns only if images go on where their neighbours end.

    Args:
        names: Of the images.
        looks: What they look like.
        files: Their files, which tell how large they are.

    Raises:
        DataError: If a file is damaged.
    """
    cells = _cells(names)
    if cells is None:
        return None
    step = _steps(cells)
    if step is None:
        return None
    pixels = min(step) >= _PIXELS
    if not cells.worded and not pixels:
        turned = _Cells(cells.rasters, cells.at[:, ::-1], worded=False)
        going = [_go_on(one, looks) for one in (cells, turned)]
        if max(going) < _GO_ON:
            return None
        cells = cells if going[0] >= going[1] else turned
    sizes = [raster.size for raster in in_threads(describe, files)]
    found: list[Footprint] = []
    for raster, (y, x), (rows, columns) in zip(cells.rasters, cells.at.tolist(), sizes, strict=True):
        top, left = (float(y), float(x)) if pixels else (float(y * rows), float(x * columns))
        found.append(Footprint(raster, (top, left, top + rows, left + columns), pixel=1.0))
    return found


def _cells(names: Sequence[str]) -> _Cells | None:
    ending = common_ending(names)
    keys = [name.removesuffix(ending) for name in names]
    said = [_SAID.match(key) for key in keys]
    found = [one for one in said if one is not None and _axis(one[2]) != _axis(one[4])]
    if keys and len(found) == len(keys):
        at = [(int(one[3]), int(one[5])) for one in found]
        at = [pair if _axis(one[2]) == "y" else pair[::-1] for one, pair in zip(found, at, strict=True)]
        return _Cells([one[1] for one in found], np.array(at, np.int64), worded=True)
    bare = [one for key in keys if (one := _BARE.match(key)) is not None and len(one[2] + one[3]) < 18]
    if not keys or len(bare) < len(keys):
        return None
    at = [(int(one[2]), int(one[3])) for one in bare]
    return _Cells([one[1] or "" for one in bare], np.array(at, np.int64), worded=False)


def _axis(word: str) -> str:
    return _WORDS[word.lower()]


def _steps(cells: _Cells) -> tuple[int, int] | None:
    """Least difference of rows and of columns where the numbers fill a grid; None where they do not."""
    names = np.array(cells.rasters)
    rows, columns = (np.unique(cells.at[:, axis]) for axis in (0, 1))
    if min(len(rows), len(columns)) < _FEWEST or len({*zip(names, *cells.at.T, strict=True)}) < len(names):
        return None
    of_raster = [cells.at[names == name] for name in np.unique(names)]
    room = sum(len(np.unique(at[:, 0])) * len(np.unique(at[:, 1])) for at in of_raster)
    return (int(np.diff(rows).min()), int(np.diff(columns).min())) if len(names) >= _FILLED * room else None


def _go_on(cells: _Cells, looks: Sequence[Look]) -> float:
    """How often an image goes on in the next, more than in one farther off; the less of both directions."""
    found = zip(cells.rasters, cells.at.tolist(), strict=True)
    places = {(name, y, x): n for n, (name, (y, x)) in enumerate(found)}
    return min(_onwards(places, looks, axis) for axis in (0, 1))


def _onwards(places: dict[tuple[str, int, int], int], looks: Sequence[Look], axis: int) -> float:
    """Share of neighbours along an axis whose touching edges are more alike than those of strangers."""
    won: list[bool] = []
    for (name, y, x), number in places.items():
        down, right = (1, 0) if axis == 0 else (0, 1)
        beside = places.get((name, y + down, x + right))
        others = [places.get((name, y + far * down, x + far * right)) for far in (-2, -1, 2, 3)]
        strangers = [other for other in others if other is not None]
        if beside is None or not strangers or looks[number].flat or looks[beside].flat:
            continue
        own = _seam(looks[number], looks[beside], axis)
        won += [own > _seam(looks[number], looks[other], axis) for other in strangers]
    return float(np.mean(won)) if won else 0.0


def _seam(before: Look, after: Look, axis: int) -> float:
    """Correlation of the last row (or column) of one thumbnail with the first of another."""
    last = before.thumbnail.take(-1, axis=axis + 1).astype(np.float32).ravel()
    first = after.thumbnail.take(0, axis=axis + 1).astype(np.float32).ravel()
    last, first = last - last.mean(), first - first.mean()
    return float(last @ first / max(1e-6, float(np.linalg.norm(last) * np.linalg.norm(first))))
