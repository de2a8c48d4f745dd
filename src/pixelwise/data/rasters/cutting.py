"""Rasters to tiles: which there are, and how strips of them are read once, cut and written."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
import rasterio
from numpy.typing import NDArray

from pixelwise.core.errors import StorageError
from pixelwise.data.rasters.reading import Raster, Window, windows_of
from pixelwise.data.rasters.writing import (
    Format,
    write_jpg,
    write_png,
    write_sidecar,
    write_tif,
)
from pixelwise.ops.grids import Edge, grid, window

Pixels = NDArray[Any]
Fate = Literal["written", "kept", "empty"]

_CACHE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Manner:
    """How to cut.

    Attributes:
        size: Rows and columns of a tile.
        stride: Rows and columns from one tile to the next.
        partial: What becomes of tiles that reach beyond the image; see `ops.grids.window`.
        form: Format of the tiles' images; masks are PNG beside JPEG.
        quality: Of JPEG.
        ignore: What masks are padded with.
        skip_empty: Leave out tiles in which nothing was measured.
        side_by_side: Images and masks of one name in folders of their own, instead of a suffix `_m`.
    """

    size: int
    stride: int
    partial: Edge = "drop"
    form: Format = "png"
    quality: int = 95
    ignore: int = 0
    skip_empty: bool = False
    side_by_side: bool = False

    def paths(self, out: Path, name: str) -> tuple[Path, Path]:
        """Where image and mask of a tile go."""
        mask = "tif" if self.form == "tif" else "png"
        if self.side_by_side:
            return out / "images" / f"{name}.{self.form}", out / "masks" / f"{name}.{mask}"
        return out / f"{name}.{self.form}", out / f"{name}_m.{mask}"


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A raster to cut, its mask if it has one, and the split it belongs to."""

    name: str
    image: Raster
    mask: Raster | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its name, and the window of the mosaic that it shows."""

    name: str
    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Neighbouring tiles of one row, read together."""

    tiles: tuple[Tile, ...]

    @property
    def window(self) -> tuple[int, int, int, int]:
        """First row and column, rows and columns."""
        first, last = self.tiles[0], self.tiles[-1]
        return first.top, first.left, first.rows, last.left + last.columns - first.left


def positions(mosaic: Mosaic, manner: Manner) -> int:
    """Tiles of the whole grid, dropped ones included."""
    rows, columns = mosaic.image.size
    return len(grid(rows, manner.size, manner.stride)) * len(grid(columns, manner.size, manner.stride))


def strips(mosaic: Mosaic, manner: Manner, most_bytes: int) -> list[Strip]:
    """The tiles of a mosaic in strips of no more than so many bytes, though never less than one tile.

    Tiles are numbered along the rows, and dropped ones have their number too.
    """
    (rows, columns), size, stride = mosaic.image.size, manner.size, manner.stride
    lefts = grid(columns, size, stride)
    pixel = mosaic.image.bands * mosaic.image.dtype.itemsize
    together = max(1, most_bytes // (size * pixel) // stride)
    found: list[Strip] = []
    for first in range(0, len(lefts), together):  # all rows of some columns, then of the next
        for row, start in enumerate(grid(rows, size, stride)):
            high = window(start, rows, size, manner.partial)
            tiles: list[Tile] = []
            for column in range(first, min(len(lefts), first + together)):
                wide = window(lefts[column], columns, size, manner.partial)
                if high and wide:
                    name = f"{mosaic.name}_{row * len(lefts) + column}"
                    tiles.append(Tile(name, high[0], wide[0], high[1], wide[1]))
            found += [Strip(tuple(tiles))] if tiles else []
    return found


class Feed:
    """The strips of one mosaic, each cut by whichever thread asks next.

    Files that can only be read downwards are read by one thread at a time, while others still write;
    rows shared by two strips are then read once.
    """

    def __init__(self, mosaic: Mosaic, manner: Manner, out: Path, most_bytes: int) -> None:
        self.strips = strips(mosaic, manner, most_bytes)
        self._mosaic, self._manner, self._out = mosaic, manner, out
        self._todo: Iterator[Strip] = iter(self.strips)
        self._files = [mosaic.image] if mosaic.mask is None else [mosaic.image, mosaic.mask]
        self._downwards = any(file.downwards for file in self._files)
        self._lock, self._open, self._windows = Lock(), ExitStack(), list[Window]()

    def cut(self) -> list[tuple[Tile, Fate]]:
        """Read the next strip and write its tiles; what became of each."""
        # Of this thread: what it opens, others may close. Bytes that are not packed pass by the cache.
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES, GTIFF_DIRECT_IO=True):
            return self._cut()

    def close(self) -> None:
        """Close what is open."""
        self._open.close()

    def _cut(self) -> list[tuple[Tile, Fate]]:
        with self._lock:
            strip = next(self._todo)
            kept = all(self._there(tile) for tile in strip.tiles)
            read = self._read_on(strip) if self._downwards and not kept else None
        if kept:
            return [(tile, "kept") for tile in strip.tiles]
        with ExitStack() as opened:
            if read is None:
                read = [opened.enter_context(windows_of(file))(*strip.window) for file in self._files]
            return [(tile, self._write(tile, strip, read)) for tile in strip.tiles]

    def _read_on(self, strip: Strip) -> list[Pixels]:
        if not self._windows:
            self._windows = [_falling(self._open.enter_context(windows_of(file))) for file in self._files]
        return [read(*strip.window) for read in self._windows]

    def _there(self, tile: Tile) -> bool:
        image, mask = self._manner.paths(self._out, tile.name)
        return image.exists() and (self._mosaic.mask is None or mask.exists())

    def _write(self, tile: Tile, strip: Strip, read: list[Pixels]) -> Fate:
        left = tile.left - strip.tiles[0].left
        parts = [pixels[:, left : left + tile.columns] for pixels in read]
        nodata = self._mosaic.image.nodata
        if self._manner.skip_empty and _is_empty(parts[0], nodata):
            return "empty"
        if self._there(tile):
            return "kept"
        fills = (0.0 if nodata is None else nodata, float(self._manner.ignore))
        paths = self._manner.paths(self._out, tile.name)
        todo = list(zip(self._files, paths, parts, fills, strict=False))
        for file, path, part, fill in reversed(todo):  # the image last: what has an image is whole
            self._save(path, file, tile, _padded(part, self._manner, fill))
        return "written"

    def _save(self, path: Path, file: Raster, tile: Tile, pixels: Pixels) -> None:
        place = file.place or self._mosaic.image.place
        place = place and place.window(tile.top, tile.left)
        form = path.suffix
        if form == ".tif":
            nodata, palette, alpha = file.nodata, file.palette, file.alpha
            _whole(
                path,
                lambda to: write_tif(to, pixels, place=place, nodata=nodata, palette=palette, alpha=alpha),
            )
            return
        if place is not None:
            write_sidecar(path, place)
        if form == ".jpg":
            quality = self._manner.quality
            _whole(path, lambda to: write_jpg(to, pixels, quality=quality, palette=file.palette))
        else:
            _whole(path, lambda to: write_png(to, pixels, palette=file.palette))


def _falling(read: Window) -> Window:
    """Reads windows from the top down, taking the rows that two share from memory."""
    held: list[tuple[int, int, Pixels]] = []  # top and left of the last window, and its pixels

    def further(top: int, left: int, rows: int, columns: int) -> Pixels:
        pixels: Pixels | None = None
        if held and held[0][1] == left and held[0][2].shape[1] == columns:
            above = held[0][2][max(0, top - held[0][0]) :]
            if 0 < len(above) < rows and top >= held[0][0]:
                below = read(top + len(above), left, rows - len(above), columns)
                pixels = np.concatenate([above, below])
        pixels = read(top, left, rows, columns) if pixels is None else pixels
        held[:] = [(top, left, pixels)]
        return pixels

    return further


def _is_empty(pixels: Pixels, nodata: float | None) -> bool:
    if nodata is not None and nodata != nodata:
        return bool(np.isnan(pixels).all())
    return bool((pixels == (0 if nodata is None else nodata)).all())


def _padded(pixels: Pixels, manner: Manner, fill: float) -> Pixels:
    below, right = manner.size - pixels.shape[0], manner.size - pixels.shape[1]
    if manner.partial != "pad" or (not below and not right):
        return pixels
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), constant_values=fill)


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file beside `path`, then give it the name; not synced, as a run can go on."""
    beside = path.with_name(f".{path.name}.part")
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StorageError(f"cannot write {path}. {error}. Make room, or choose another --out.") from error
