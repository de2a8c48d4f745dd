"""The rasters to tile, with their masks, found and checked before anything is cut."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.data.layouts.files import check_folder, image_files
from pixelwise.data.layouts.known import Layout, Names, Pair, find_layout
from pixelwise.data.layouts.lists import apply_lists
from pixelwise.data.layouts.matching import match_folders
from pixelwise.data.rasters.cutting import Manner, Mosaic
from pixelwise.data.rasters.files import is_image
from pixelwise.data.rasters.reading import describe
from pixelwise.data.rasters.writing import unfit

Found = tuple[Path, Path | None, str | None]  # image, mask, split


def paired(source: Path, masks: Path | None) -> list[Found]:
    """Each image with its mask and split, as far as it has them."""
    if source.is_file():
        if masks is not None and not masks.is_file():
            raise DataError(f"{masks} is no file, and the image {source} is one. Give the file of its mask.")
        return [(source, masks, None)]
    if masks is not None:
        return _side_by_side(source, masks)
    files = image_files(source)
    layout = apply_lists(source, files, find_layout(files, Names()))
    if not layout.pairs:
        return [(path, None, None) for here in files.values() for path in here]
    raise_faults(DataError, f"the images and masks in {source} do not fit:", layout.faults)
    return [(pair.image, pair.mask, pair.split) for pair in _sorted(layout)]


def _sorted(layout: Layout) -> list[Pair]:
    return sorted(layout.pairs, key=lambda pair: pair.image)


def _side_by_side(source: Path, masks: Path) -> list[Found]:
    check_folder(source)
    check_folder(masks)
    images, labels = ([p for p in sorted(folder.iterdir()) if is_image(p)] for folder in (source, masks))
    found = match_folders(images, labels)
    faults = [
        f"{len(found.images)} of {len(images)} images have no mask: {listing(p.name for p in found.images)}."
    ]
    raise_faults(DataError, f"{source} and {masks} do not fit:", faults if found.images or not images else [])
    return [(image, mask, None) for image, mask in found.pairs]


def mosaics_of(source: Path, pairs: Sequence[Found], manner: Manner) -> list[Mosaic]:
    """All rasters, described; faults of all are told at once."""
    mosaics: list[Mosaic] = []
    faults: list[str] = []
    for (image, mask, split), name in zip(
        pairs, _names(source, [image for image, _, _ in pairs]), strict=True
    ):
        try:
            mosaic = Mosaic(name, describe(image), None if mask is None else describe(mask), split)
        except DataError as error:
            faults.append(str(error))
            continue
        mosaics.append(mosaic)
        faults += _faults(mosaic, manner)
    raise_faults(DataError, f"{len(faults)} faults in {source}:", faults)
    return mosaics


def _faults(mosaic: Mosaic, manner: Manner) -> list[str]:
    image, mask = mosaic.image, mosaic.mask
    faults: list[str] = []
    told = unfit(image, manner.form)
    if told:
        faults.append(f"{image.path}: {told}. Choose --format tif{' or png' * (manner.form == 'jpg')}.")
    if mask is not None:
        told = unfit(mask, "tif" if manner.form == "tif" else "png")
        if told:
            faults.append(f"{mask.path}: {told}. Choose --format tif.")
        if mask.size != image.size:
            faults.append(
                f"{image.path} and {mask.path} differ in size. The image is {image.size}, the mask "
                f"{mask.size} (rows, columns)."
            )
    return faults


def _names(source: Path, images: Sequence[Path]) -> list[str]:
    """The stem of each image, or its path below the folder where stems repeat."""
    stems = [image.stem for image in images]
    if len(set(stems)) == len(stems):
        return stems
    paths = ["_".join(image.relative_to(source).with_suffix("").parts) for image in images]
    twice = [path for path, number in Counter(paths).items() if number > 1]
    if twice:
        raise DataError(f"several images would give tiles of one name: {listing(twice)}. Rename them.")
    return paths
