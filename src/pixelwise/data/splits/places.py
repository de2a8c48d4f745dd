"""What places tell: images that overlap or touch on Earth, or in the mosaic that they were cut from."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians
from pathlib import Path
from typing import Any, cast

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.rasters.files import GROUPS, TIFF
from pixelwise.data.rasters.reading import describe
from pixelwise.data.rasters.writing import sidecar
from pixelwise.data.threads import in_threads

_WORLD = "EPSG:4326"
_DEGREES = 0.0  # stands for the unit of such a system
_DEGREE_M = 111_320.0  # of latitude
_WORLD_FILES = (".pgw", ".jgw", ".wld", ".tfw", ".bpw")

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where an image lies.

    Attributes:
        grid: What its bounds are measured in: a reference system, or the name of a mosaic.
        bounds: Least and greatest of both coordinates: `(y0, x0, y1, x1)`.
        pixel: Side of a pixel, in the same units.
        metres: Whether these are metres; else they are pixels, or what a system does not say.
        down: Whether the first coordinate grows downwards, as in images, and not to the north.
    """

    grid: str
    bounds: Bounds
    pixel: float
    metres: bool = False
    down: bool = True

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, `(y, x)`."""
        y0, x0, y1, x1 = self.bounds
        return (y0 + y1) / 2, (x0 + x1) / 2


def footprints(files: Sequence[Path]) -> list[Footprint] | None:
    """Where images lie on Earth, in metres where their systems tell; None unless all say it.

    Degrees become metres as on a sphere, at the mean latitude of all; so does what several systems tell.

    Raises:
        DataError: If a file is damaged.
    """
    if not all(_may_lie(file) for file in files):
        return None
    rasters = in_threads(describe, files)
    known = [(raster.place, raster.size) for raster in rasters if raster.place is not None]
    if len(known) < len(files):
        return None
    units = {system: _unit(system) for system in {place.crs for place, _ in known}}
    if len(units) > 1:
        units = {system: None if unit is None else _DEGREES for system, unit in units.items()}
    found = [_footprint(place, size, units[place.crs]) for place, size in known]
    return _from_degrees(found) if _DEGREES in units.values() else found


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


def near(prints: Sequence[Footprint], reach: float = 0.0) -> list[tuple[int, int]]:
    """Pairs of images no farther apart than `reach`; those that overlap or touch, corners included, are 0."""
    pairs: list[tuple[int, int]] = []
    by_grid: dict[str, list[int]] = {}
    for number, one in enumerate(prints):
        by_grid.setdefault(one.grid, []).append(number)
    for numbers in by_grid.values():
        members = np.array(sorted(numbers, key=lambda number: prints[number].bounds[0]))
        y0, x0, y1, x1 = np.array([prints[number].bounds for number in members]).T
        most = reach + np.array([prints[number].pixel for number in members]) / 2
        ends = np.searchsorted(y0, y1 + most, "right")
        for row, end in enumerate(ends):
            later = slice(row + 1, int(end))
            down = np.maximum(0, y0[later] - y1[row])
            right = np.maximum(0, np.maximum(x0[later] - x1[row], x0[row] - x1[later]))
            close = np.hypot(down, right) <= most[row]
            pairs += [(int(members[row]), int(other)) for other in members[later][close]]
    return pairs


def _may_lie(file: Path) -> bool:
    """Whether a file, or one beside it, could say where it lies: pictures are not opened to find out."""
    beside = (file.with_suffix(suffix) for suffix in _WORLD_FILES)
    return file.suffix.lower() in TIFF or sidecar(file).exists() or any(path.exists() for path in beside)


def _unit(system: str) -> float | None:
    """Metres in a unit of a reference system; `_DEGREES`; None where nothing is known."""
    if not system:
        return None
    found = cast("Any", CRS.from_wkt(system))
    if found.is_geographic:
        return _DEGREES
    return float(found.linear_units_factor[1]) if found.is_projected else None


def _footprint(place: Place, size: tuple[int, int], unit: float | None) -> Footprint:
    a, b, c, d, e, f = place.transform
    corners = [(y, x) for y in (0, size[0]) for x in (0, size[1])]
    xs = [a * x + b * y + c for y, x in corners]
    ys = [d * x + e * y + f for y, x in corners]
    if unit == _DEGREES:
        west, south, east, north = cast("Any", transform_bounds)(
            place.crs, _WORLD, min(xs), min(ys), max(xs), max(ys)
        )
        return Footprint(_WORLD, (south, west, north, east), (north - south) / size[0], True, down=False)
    scale = 1.0 if unit is None else unit
    y0, x0, y1, x1 = (scale * limit for limit in (min(ys), min(xs), max(ys), max(xs)))
    pixel = scale * max(place.pixel_size())
    return Footprint(place.crs, (y0, x0, y1, x1), pixel, unit is not None, down=False)


def _from_degrees(prints: Sequence[Footprint]) -> list[Footprint]:
    """Bounds in degrees as metres; others as they are."""
    latitudes = [one.centre[0] for one in prints if one.grid == _WORLD]
    narrow = cos(radians(sum(latitudes) / len(latitudes)))

    def in_metres(one: Footprint) -> Footprint:
        if one.grid != _WORLD:
            return one
        y0, x0, y1, x1 = (_DEGREE_M * limit for limit in one.bounds)
        return replace(one, bounds=(y0, x0 * narrow, y1, x1 * narrow), pixel=_DEGREE_M * one.pixel)

    return [in_metres(one) for one in prints]


def _window(row: Mapping[str, str | None], path: Path) -> Footprint | None:
    """The window of a line, if it has one."""
    told = [row.get(name) for name in ("top", "left", "rows", "columns")]
    if not all(told):
        return None
    try:
        top, left, rows, columns = (float(text or "") for text in told)
    except ValueError:
        raise DataError(f"{path}: {row.get('name')}: {told} are no numbers. Leave them out.") from None
    return Footprint(str(row["group"]), (top, left, top + rows, left + columns), pixel=1.0)
