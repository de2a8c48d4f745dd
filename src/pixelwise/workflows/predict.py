"""A trained model and images to label files, previews and overlays."""

import glob
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, PixelwiseError, RecipeError, listing, raise_faults
from pixelwise.core.place import Place
from pixelwise.data.placed import read_placed
from pixelwise.data.rasters.files import is_image
from pixelwise.data.rasters.writing import write_tif
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.precision import Precision
from pixelwise.report.pictures import index_png, overlay, paint
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, load_trained

_AHEAD = 3  # images read before they are needed
_WARNED = 3  # images that are told to differ from what was learnt


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was made of one image.

    Attributes:
        image: The image file.
        labels: PNG whose values are the class indices, with the classes' colours as its palette.
        preview: PNG in the classes' colours.
        overlay: PNG of the image with the colours over it.
        raster: The labels as GeoTIFF, where the image says where on Earth it lies.
        departures: How the image differs from those the model learnt from, in sentences.
        shares: Share of the pixels that each class has, by its name.
    """

    image: Path
    labels: Path
    preview: Path
    overlay: Path
    shares: dict[str, float]
    raster: Path | None = None
    departures: tuple[str, ...] = ()


def predict(
    run: Path | str,
    inputs: Sequence[Path | str],
    *,
    out: Path | str,
    precision: Precision | None = None,
    overwrite: bool = False,
    quiet: bool = False,
) -> list[Prediction]:
    """Label images, a few in memory at a time, whatever their size.

    Args:
        run: A run folder, one of its weight files, a bundle, or a file that `export` wrote.
        inputs: Image files, folders, or patterns such as `photos/*.jpg`.
        out: Folder for `labels/`, `previews/` and `overlays/`.
        precision: What to compute in; None takes what the run was trained with.
        overwrite: Replace what earlier predictions left in `out`.
        quiet: Say nothing on the way.

    Returns:
        One entry an image, in the order of their names.

    Raises:
        DataError: If inputs are missing or cannot be read; those that can are done first.
        RecipeError: If files would be overwritten.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    files = find_images(inputs)
    places = _places(files, Path(out), overwrite=overwrite)
    trained = load_trained(Path(run), precision=precision)
    done: list[Prediction] = []
    faults: list[str] = []
    with talk.progress("predicting", len(files)) as advance, ThreadPoolExecutor(2) as pool:
        writing: deque[Future[Prediction]] = deque()
        for place, image in zip(places, _read_ahead(pool, files), strict=True):
            try:
                pixels, missing, where = image.result()
                trained.check_bands(pixels.shape[0], str(place.image))
                place = replace(place, departures=tuple(trained.departures(pixels, where)))
                found = trained.label(pixels)
            except PixelwiseError as error:
                faults.append(str(error))
            else:
                nothing = IGNORE_INDEX if trained.classes.exclusive else -1.0
                found = found.masked_fill(missing, nothing)
                writing.append(pool.submit(_write, place, pixels, found, where, trained))
            while len(writing) > _AHEAD:
                done.append(writing.popleft().result())
            advance(1)
        done += [future.result() for future in writing]
    raise_faults(DataError, f"{len(done)} images done, {len(faults)} could not be:", faults)
    _warn(done, talk)
    talk.say(f"{len(done)} image{'s' * (len(done) != 1)} labelled: {out}")
    return done


def _warn(done: Sequence[Prediction], talk: Talk) -> None:
    """Say of the first few images how they differ from what was learnt, and of how many more it is true."""
    odd = [(each.image, sentence) for each in done for sentence in each.departures]
    for image, sentence in odd[:_WARNED]:
        talk.say(f"  warning: {image}: {sentence}")
    if len(odd) > _WARNED:
        talk.say(f"  warning: {len(odd) - _WARNED} more such; --json tells all.")


def find_images(inputs: Sequence[Path | str]) -> list[Path]:
    """The image files of files, folders and patterns, each once.

    Raises:
        DataError: If an input leads to no image; all such are told.
    """
    files: list[Path] = []
    faults: list[str] = []
    for given in map(str, inputs):
        path = Path(given)
        if path.is_dir():
            found = sorted(item for item in path.rglob("*") if item.is_file() and is_image(item))
            if not found:
                faults.append(f"no image in the folder {path}")
        elif path.exists():
            found = [path]
        else:
            found = sorted(Path(item) for item in glob.glob(given, recursive=True) if is_image(Path(item)))  # noqa: PTH207
            if not found:
                faults.append(f"no file, folder or pattern {given!r} leads to an image")
        files += found
    raise_faults(DataError, "nothing to predict for some inputs:", faults)
    return list(dict.fromkeys(files))


def _places(files: Sequence[Path], out: Path, *, overwrite: bool) -> list[Prediction]:
    """Where each image's results go; images of one name in several folders keep their folder's name."""
    names = Counter(path.stem for path in files)
    stems = [path.stem if names[path.stem] == 1 else f"{path.parent.name}_{path.stem}" for path in files]
    twice = [stem for stem, number in Counter(stems).items() if number > 1]
    if twice:
        raise DataError(f"several images would be written to one name: {listing(twice)}. Predict them apart.")
    places = [
        Prediction(
            path, *(out / kind / f"{stem}.png" for kind in ("labels", "previews", "overlays")), shares={}
        )
        for path, stem in zip(files, stems, strict=True)
    ]
    there = [place.labels for place in places if place.labels.exists()]
    if there and not overwrite:
        raise RecipeError(
            f"{len(there)} predictions are there already: {listing(there, 3)}. Choose another "
            "--out, or --overwrite."
        )
    return places


def _read_ahead(
    pool: ThreadPoolExecutor, files: Sequence[Path]
) -> Iterator[Future[tuple[Tensor, Tensor, Place | None]]]:
    todo = iter(files)
    waiting = deque(pool.submit(read_placed, path) for path in islice(todo, _AHEAD))
    while waiting:
        yield waiting.popleft()
        waiting.extend(pool.submit(read_placed, path) for path in islice(todo, 1))


def _write(
    place: Prediction, image: Tensor, found: Tensor, where: Place | None, trained: Trained
) -> Prediction:
    for path in (place.labels, place.preview, place.overlay):
        path.parent.mkdir(parents=True, exist_ok=True)
    index_png(found, place.labels, trained.classes)
    Image.fromarray(paint(found, trained.classes)).save(place.preview)
    Image.fromarray(overlay(image, found, trained.classes)).save(place.overlay)
    if trained.classes.exclusive:
        shares = (
            found.flatten().bincount(minlength=len(trained.classes))[: len(trained.classes)] / found.numel()
        )
    else:
        shares = (found > 0.5).float().flatten(1).mean(1)
    told = dict(zip(trained.classes.names, shares.tolist(), strict=True))
    raster = None if where is None else place.labels.with_suffix(".tif")
    if raster is not None:
        _write_raster(raster, found, where, trained)
    return replace(place, shares=told, raster=raster)


def _write_raster(path: Path, found: Tensor, where: Place | None, trained: Trained) -> None:
    """One band of class indices, or one of 0 and 1 for each independent class; 255 was never measured."""
    bands = found[None] if trained.classes.exclusive else found.where(found >= 0, IGNORE_INDEX)
    palette = trained.classes.colours if trained.classes.exclusive else ()
    pixels = bands.to(torch.uint8).permute(1, 2, 0).numpy()
    write_tif(path, pixels, place=where, nodata=float(IGNORE_INDEX), palette=palette)
