"""Rasters of any size to tiles that can be trained on at once."""

import csv
import io
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from pixelwise.core.errors import RecipeError, raise_faults
from pixelwise.core.files import write_text
from pixelwise.data.masks.written import FILES
from pixelwise.data.rasters.cutting import Fate, Feed, Manner, Mosaic, Tile, positions
from pixelwise.data.rasters.files import GROUPS
from pixelwise.data.rasters.writing import Format
from pixelwise.ops.grids import Edge
from pixelwise.workflows._mosaics import mosaics_of, paired
from pixelwise.workflows._talk import Talk

PLAN = "tiles.yaml"
_STRIPS_BYTES = 96 << 20  # of all threads together

Named = Literal["tutorial", "folders"]


@dataclass(frozen=True, slots=True)
class Tiled:
    """What was made.

    Attributes:
        folder: Where the tiles are.
        mosaics: Rasters that were cut.
        tiles: Tiles there are now, those of an earlier, interrupted call included.
        written: Tiles of this call.
        dropped: Places of the grid whose tile would have reached beyond the image.
        empty: Tiles left out because nothing was measured there.
    """

    folder: Path
    mosaics: int
    tiles: int
    written: int
    dropped: int
    empty: int


def tile(
    source: Path | str,
    *,
    out: Path | str,
    size: int = 1024,
    stride: int | None = None,
    partial: Edge = "drop",
    form: Format = "png",
    masks: Path | str | None = None,
    names: Named = "tutorial",
    quality: int = 95,
    ignore: int | None = None,
    skip_empty: bool = False,
    workers: int | None = None,
    quiet: bool = False,
) -> Tiled:
    """Cut rasters and their masks into tiles.

    Pixels are cut out and never resized, so masks stay exact. A call that was interrupted goes on where
    it stood when it is made again. Memory depends on the size of a tile, not on that of the rasters.

    Args:
        source: An image file, a folder of them, or a folder of images and masks in any layout that
            `pixelwise train` understands.
        out: Folder for the tiles, new or empty.
        size: Rows and columns of a tile.
        stride: Rows and columns from one tile to the next; None for the size, so that none overlap.
        partial: What becomes of tiles that reach beyond the image: drop them, pad them (images with the
            value of pixels never measured, else 0; masks with `ignore`), or shift them back inside.
        form: Format of the images: png and tif keep every bit, jpg does not. Masks never are JPEG.
        masks: Folder of the masks, or the mask of one image.
        names: "tutorial" gives `<raster>_<k>.png` and `<raster>_<k>_m.png` in one folder, "folders" gives
            `<raster>_<k>.png` in images/ and in masks/; k counts all places of the grid, row by row.
        quality: Of JPEG, 1 to 100.
        ignore: Value with which masks are padded; to be one that does not count.
        skip_empty: Leave out tiles whose every pixel was never measured (0 where a file does not say).
        workers: Threads; None for as many as there are cores.
        quiet: Say nothing on the way.

    Raises:
        DataError: If files are missing, damaged, differ in size, or do not fit the format; all are told.
        RecipeError: If the options contradict each other, or `out` holds something else.
    """
    source, out = Path(source), Path(out)
    manner = Manner(
        size, stride or size, partial, form, quality, ignore or 0, skip_empty, side_by_side=names == "folders"
    )
    talk = Talk(quiet=quiet)
    pairs = paired(source, None if masks is None else Path(masks))
    _check(manner, source, out, padded_blindly=ignore is None and any(mask for _, mask, _ in pairs))
    mosaics = mosaics_of(source, pairs, manner)
    _begin(out, mosaics, manner)
    fates = _cut(mosaics, manner, out, workers or _cores(), talk)
    there = [(mosaic, tile) for mosaic, tile, fate in fates if fate != "empty"]
    _tell(there, mosaics, source, out)
    count = Counter(fate for _, _, fate in fates)
    places = sum(positions(mosaic, manner) for mosaic in mosaics)
    done = Tiled(out, len(mosaics), len(there), count["written"], places - len(fates), count["empty"])
    talk.say(
        f"{done.tiles} tiles of {size}×{size} from {done.mosaics} rasters: {out}; {done.dropped} dropped at "
        f"the edges, {done.empty} empty, {count['kept']} there before"
    )
    return done


def _check(manner: Manner, source: Path, out: Path, *, padded_blindly: bool) -> None:
    faults: list[str] = []
    if manner.size < 1 or manner.stride < 1:
        faults.append(f"size {manner.size} and stride {manner.stride}: both must be at least 1.")
    if not 1 <= manner.quality <= 100:
        faults.append(f"quality {manner.quality}: give 1 to 100.")
    if manner.partial == "pad" and padded_blindly:
        faults.append("masks can be padded only with a value that does not count. Name it: --ignore 255.")
    if out.resolve().is_relative_to(source.resolve()):
        faults.append(f"{out} lies in {source}, which is read. Choose another --out.")
    raise_faults(RecipeError, "nothing can be cut like this:", faults)


def _begin(out: Path, mosaics: Sequence[Mosaic], manner: Manner) -> None:
    """Make the folder, or see that it holds what this very call began."""
    plan = yaml.safe_dump(_plan(mosaics, manner), sort_keys=False)
    written = out / PLAN
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if written.is_file() and written.read_text(encoding="utf-8") == plan:
            return
        made = " It holds tiles of other rasters or options." if written.is_file() else ""
        raise RecipeError(f"{out} is not empty, and nothing is overwritten.{made} Choose another --out.")
    for path in manner.paths(out, "a"):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_text(written, plan)


def _plan(mosaics: Sequence[Mosaic], manner: Manner) -> dict[str, Any]:
    options = {name: getattr(manner, name) for name in Manner.__dataclass_fields__}
    files = [
        {
            "name": mosaic.name,
            "size": list(mosaic.image.size),
            "bytes": [file.path.stat().st_size for file in (mosaic.image, mosaic.mask) if file],
        }
        for mosaic in mosaics
    ]
    return {"options": options, "rasters": files}


def _cut(
    mosaics: Sequence[Mosaic], manner: Manner, out: Path, threads: int, talk: Talk
) -> list[tuple[Mosaic, Tile, Fate]]:
    """Cut everything; what became of each tile, in the order of mosaics and tiles."""
    feeds = [Feed(mosaic, manner, out, _STRIPS_BYTES // threads) for mosaic in mosaics]
    fates: dict[str, tuple[Mosaic, Tile, Fate]] = {}
    pool = ThreadPoolExecutor(threads)
    try:
        with talk.progress(
            "tiling", sum(len(strip.tiles) for feed in feeds for strip in feed.strips)
        ) as advance:
            todo = {
                pool.submit(feed.cut): mosaic
                for feed, mosaic in zip(feeds, mosaics, strict=True)
                for _ in feed.strips
            }
            for future in as_completed(todo):
                for tile, fate in future.result():
                    fates[tile.name] = (todo[future], tile, fate)
                    advance(1)
    finally:
        pool.shutdown(cancel_futures=True)
        for feed in feeds:
            feed.close()
    return [fates[tile.name] for feed in feeds for strip in feed.strips for tile in strip.tiles]


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tell(there: Sequence[tuple[Mosaic, Tile]], mosaics: Sequence[Mosaic], source: Path, out: Path) -> None:
    """Write which raster each tile is of, the lists of splits, and a copy of the file of classes."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["name", "group", "top", "left", "rows", "columns"])
    for mosaic, tile in there:
        table.writerow([tile.name, mosaic.name, tile.top, tile.left, tile.rows, tile.columns])
    write_text(out / GROUPS, text.getvalue())
    for split in sorted({mosaic.split for mosaic in mosaics if mosaic.split}):
        lines = [f"{tile.name}\n" for mosaic, tile in there if mosaic.split == split]
        write_text(out / f"{split}.txt", "".join(lines))
    masks = [mosaic.mask.path.parent for mosaic in mosaics if mosaic.mask]
    folders = [source, *masks[:1], *(folder.parent for folder in masks[:1])]
    written = [folder / name for folder in folders for name in FILES if (folder / name).is_file()]
    if written:
        shutil.copyfile(written[0], out / written[0].name)
