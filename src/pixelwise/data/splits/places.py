"""What places tell: images that overlap or touch on Earth, or in the mosaic that they were cut from."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from rasterio.warp import transform_bounds

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.rasters.files import GROUPS, TIFF
from pixelwise.data.rasters.reading import describe
from pixelwise.data.rasters.writing import sidecar
from pixelwise.data.threads import in_threads

_WORLD = "EPSG:4326"
_WORLD_FILES = (".pgw", ".jgw", ".wld", ".tfw", ".bpw")


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where an image lies.

    Attributes:
        grid: What its bounds are measured in: a reference system, or the name of a mosaic.
        bounds: Least and greatest of both coordinates: `(y0, x0, y1, x1)`.
        slack: Bounds nearer than this touch: half a pixel.
    """

    grid: str
    bounds: tuple[float, float, float, float]
    slack: float


def footprints(files: Sequence[Path]) -> list[Footprint] | None:
    """Where images lie on Earth; None unless all say it.

    Raises:
        DataError: If a file is damaged.
    """
    if not all(_may_lie(file) for file in files):
        return None
    rasters = in_threads(describe, files)
    places = [raster.place for raster in rasters]
    if any(place is None for place in places):
        return None
    known = [place for place in places if place is not None]
    several = len({place.crs for place in known}) > 1
    return [_footprint(place, raster.size, several) for place, raster in zip(known, rasters, strict=True)]


def listed(root: Path) -> dict[str, tuple[str, Footprint | None]] | None:
    """Group of each image by name, and where in it the image lies, from groups.csv; None without the file.

    Layout:
        A line an image; the last four columns may be left out::

            name,group,top,left,rows,columns
            M-34_0,M-34,0,0,512,512

    Raises:
        DataError: If the file has no columns `name` and `group`, or names an image twice.
    """
    path = root / GROUPS
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read. {error}. Write name,group in lines of text.") from None
    if not rows or not {"name", "group"} <= set(rows[0]):
        raise DataError(f"{path} has no columns name and group. Begin it with the line name,group.")
    found = {str(row["name"]): (str(row["group"]), _window(row, path)) for row in rows}
    if len(found) < len(rows):
        raise DataError(f"{path} names {len(rows) - len(found)} images more than once. Keep one line each.")
    return found


def touching(prints: Sequence[Footprint]) -> list[tuple[int, int]]:
    """Pairs of images that overlap or touch, corners included."""
    pairs: list[tuple[int, int]] = []
    by_grid: dict[str, list[int]] = {}
    for number, one in enumerate(prints):
        by_grid.setdefault(one.grid, []).append(number)
    for numbers in by_grid.values():
        members = np.array(sorted(numbers, key=lambda number: prints[number].bounds[0]))
        bounds = np.array([prints[number].bounds for number in members])
        slack = np.array([prints[number].slack for number in members])
        ends = np.searchsorted(bounds[:, 0], bounds[:, 2] + slack, "right")
        for row, end in enumerate(ends):
            later = slice(row + 1, int(end))
            near = (bounds[later, 1] <= bounds[row, 3] + slack[row]) & (
                bounds[later, 3] >= bounds[row, 1] - slack[row]
            )
            pairs += [(int(members[row]), int(other)) for other in members[later][near]]
    return pairs


def along(prints: Sequence[Footprint]) -> list[float]:
    """Where each image's centre lies along the longer side of all images of its grid."""
    centres = np.array([((p.bounds[0] + p.bounds[2]) / 2, (p.bounds[1] + p.bounds[3]) / 2) for p in prints])
    grids = np.array([one.grid for one in prints])
    found = np.zeros(len(prints))
    for grid in np.unique(grids):
        here = grids == grid
        extent = np.ptp(centres[here], axis=0)
        found[here] = centres[here, int(extent[1] > extent[0])]
    return found.tolist()


def _may_lie(file: Path) -> bool:
    """Whether a file, or one beside it, could say where it lies: pictures are not opened to find out."""
    beside = (file.with_suffix(suffix) for suffix in _WORLD_FILES)
    return file.suffix.lower() in TIFF or sidecar(file).exists() or any(path.exists() for path in beside)


def _footprint(place: Place, size: tuple[int, int], to_world: bool) -> Footprint:
    a, b, c, d, e, f = place.transform
    corners = [(y, x) for y in (0, size[0]) for x in (0, size[1])]
    xs = [a * x + b * y + c for y, x in corners]
    ys = [d * x + e * y + f for y, x in corners]
    slack = max(place.pixel_size()) / 2
    if not to_world or not place.crs:
        return Footprint(place.crs, (min(ys), min(xs), max(ys), max(xs)), slack)
    west, south, east, north = cast("Any", transform_bounds)(
        place.crs, _WORLD, min(xs), min(ys), max(xs), max(ys)
    )
    return Footprint(_WORLD, (south, west, north, east), (north - south) / size[0] / 2)


def _window(row: Mapping[str, str | None], path: Path) -> Footprint | None:
    """The window of a line, if it has one."""
    told = [row.get(name) for name in ("top", "left", "rows", "columns")]
    if not all(told):
        return None
    try:
        top, left, rows, columns = (float(text or "") for text in told)
    except ValueError:
        raise DataError(f"{path}: {row.get('name')}: {told} are no numbers. Leave them out.") from None
    return Footprint(str(row["group"]), (top, left, top + rows, left + columns), 0.5)
