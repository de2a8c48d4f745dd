"""What all images and masks of a data set are, by their first bytes: sizes, bands, kinds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.core.errors import DataError, listing
from pixelwise.data.images import Header, read_header
from pixelwise.data.layouts.known import Pair
from pixelwise.data.masks.files import MaskHeader, read_mask_header
from pixelwise.data.threads import in_threads


@dataclass(frozen=True, slots=True)
class Survey:
    """The mask headers of all pairs, and what was learnt by them.

    Attributes:
        masks: One header per pair that can be read.
        notes: What was understood without being told.
        faults: Every unreadable file, difference in size, JPEG mask and mix of bands.
    """

    masks: tuple[MaskHeader, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]


def survey(pairs: Sequence[Pair], bands: int | None) -> Survey:
    """Look at the first bytes of every file."""
    looked = in_threads(_look, pairs)
    both = [entry for entry in looked if not isinstance(entry, str)]
    faults = [entry for entry in looked if isinstance(entry, str)]
    headers = [image for image, _ in both]
    lossy = [
        pair.mask.name
        for pair, entry in zip(pairs, looked, strict=True)
        if not isinstance(entry, str) and entry[1].lossy
    ]
    if lossy:
        faults.append(
            f"{len(lossy)} of {len(pairs)} masks are JPEG, which blurs class numbers at every edge: "
            f"{listing(lossy)}. Export them as PNG, or round them to their classes and save as PNG."
        )
    faults += _mixed_bands(headers, bands)
    turned = sum(header.turned for header in headers)
    notes = (f"{turned} photographs are turned upright by their EXIF orientation.",) if turned else ()
    return Survey(tuple(mask for _, mask in both), notes, tuple(faults))


def check_objects(places: Sequence[tuple[Path, Sequence[Path]]], bands: int | None) -> list[str]:
    """Every unreadable file, difference in size and mix of bands among images and masks of their objects."""
    looked = in_threads(_look_at_objects, places)
    faults = [fault for _, found in looked for fault in found]
    return faults + _mixed_bands([header for header, _ in looked if header], bands)


def _look(pair: Pair) -> tuple[Header, MaskHeader] | str:
    """Both headers, or what is wrong with them."""
    try:
        image, mask = read_header(pair.image), read_mask_header(pair.mask)
    except DataError as error:
        return str(error)
    if image.size == mask.size:
        return image, mask
    raw = " The mask fits the photograph before its EXIF orientation turns it." if image.turned else ""
    return (
        f"{pair.image.name} and {pair.mask.name} differ in size. The image is {image.size}, the mask "
        f"{mask.size} (rows, columns).{raw} Replace one of them."
    )


def _look_at_objects(place: tuple[Path, Sequence[Path]]) -> tuple[Header | None, list[str]]:
    image, masks = place
    try:
        header = read_header(image)
    except DataError as error:
        return None, [str(error)]
    faults: list[str] = []
    for mask in masks:
        try:
            size = read_mask_header(mask).size
        except DataError as error:
            faults.append(str(error))
            continue
        if size != header.size:
            faults.append(f"{mask} is {size}, its image {header.size} (rows, columns). Replace one of them.")
    return header, faults


def _mixed_bands(headers: Sequence[Header], bands: int | None) -> list[str]:
    counts = Counter(header.bands for header in headers)
    if bands is not None or len(counts) < 2:
        return []
    said = listing([f"{number} with {k}" for k, number in sorted(counts.items())])
    return [f"images differ in bands: {said}. Give bands=3 (or another number) to make them equal."]
