"""What all images and masks of a data set are, by their first bytes: sizes, bands, kinds."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pixelwise.core.errors import DataError, listing
from pixelwise.core.place import Place
from pixelwise.data.images import Header, read_header
from pixelwise.data.layouts.known import Pair
from pixelwise.data.masks.files import MaskHeader, read_mask_header
from pixelwise.data.threads import in_threads

_SLACK = 0.5  # pixels between the corners of image and mask
_SLACK_OF_SIZE = 0.001  # between the sizes of their pixels


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


def survey(
    pairs: Sequence[Pair], bands: int | None, header_of: Callable[[Path], MaskHeader] = read_mask_header
) -> Survey:
    """Look at the first bytes of every file."""
    looked = in_threads(partial(_look, header_of=header_of), pairs)
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


def _look(pair: Pair, header_of: Callable[[Path], MaskHeader]) -> tuple[Header, MaskHeader] | str:
    """Both headers, or what is wrong with them."""
    try:
        image, mask = read_header(pair.image), header_of(pair.mask)
    except DataError as error:
        return str(error)
    if image.size == mask.size:
        return _apart(pair, image.place, mask.place) or (image, mask)
    raw = " The mask fits the photograph before its EXIF orientation turns it." if image.turned else ""
    return (
        f"{pair.image.name} and {pair.mask.name} differ in size. The image is {image.size}, the mask "
        f"{mask.size} (rows, columns).{raw} Replace one of them."
    )


def _apart(pair: Pair, image: Place | None, mask: Place | None) -> str | None:
    """What is wrong where both say where they lie in one system, and it is not the same."""
    if image is None or mask is None or image.crs != mask.crs:
        return None
    a, b, c, d, e, f = image.transform
    area = a * e - b * d
    if not area:
        return None
    east, north = mask.transform[2] - c, mask.transform[5] - f
    down, right = (north * a - east * d) / area, (east * e - north * b) / area
    sizes = zip(image.pixel_size(), mask.pixel_size(), strict=True)
    alike = all(abs(one - other) <= _SLACK_OF_SIZE * one for one, other in sizes)
    if alike and max(abs(down), abs(right)) < _SLACK:
        return None
    return (
        f"{pair.image.name} and {pair.mask.name} lie in different places. The mask begins {down:.1f} rows "
        f"and {right:.1f} columns from the corner of the image"
        f"{'' if alike else ', with pixels of another size'}. Cut both from the same grid."
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
