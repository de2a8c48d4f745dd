"""Which mask belongs to which image, by their names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.data.layouts.naming import IMAGE_SUFFIXES, MASK_SUFFIXES
from pixelwise.data.rasters.files import EXTENSIONS

_PREFIX = re.compile(r"^(?:images?|img|masks?|labels?|gt|seg|annotation)[_\-]?(?=.)", re.IGNORECASE)
_PHOTOGRAPHS = frozenset({".jpg", ".jpeg", ".webp"})

Key = Callable[[str], str | None]  # the part of a stem that image and mask share; None: not of this kind


@dataclass(frozen=True, slots=True)
class Matches:
    """Images and masks that belong together, and those left alone.

    Attributes:
        pairs: Image and mask.
        images: Images without a mask.
        masks: Masks without an image.
        manner: How the names agree, in words.
        rivals: Files of one kind whose names leave open which of them is meant.
    """

    pairs: tuple[tuple[Path, Path], ...]
    images: tuple[Path, ...]
    masks: tuple[Path, ...]
    manner: str
    rivals: tuple[tuple[Path, ...], ...] = ()


def match_folders(images: Sequence[Path], masks: Sequence[Path], suffix: str | None = None) -> Matches:
    """Pair the files of two folders: by equal stems, by a suffix of the masks, or by a prefix of both."""
    best: Matches | None = None
    for manner, image_key, mask_key in _manners(suffix):
        found = _match(images, masks, image_key, mask_key, manner)
        if best is None or len(found.pairs) > len(best.pairs):
            best = found
        if not best.images or not best.masks:
            break
    return best or Matches((), tuple(images), tuple(masks), "")


def match_within(files: Sequence[Path], suffix: str | None = None) -> Matches:
    """Pair the files of one folder: masks are told by a suffix, or by being no photographs."""
    best = Matches((), tuple(files), (), "")
    for ending in _endings(suffix):
        masks = [file for file in files if file.stem.endswith(ending) and file.stem != ending]
        if len(masks) <= len(best.pairs):
            continue
        known = {str(mask) for mask in masks}
        images = [file for file in files if str(file) not in known]
        for start in IMAGE_SUFFIXES:
            found = _match(images, masks, _without(start), _without(ending), _manner(start, ending))
            best = found if len(found.pairs) > len(best.pairs) else best
    if best.pairs or suffix is not None:
        return best
    images = [file for file in files if file.suffix.lower() in _PHOTOGRAPHS]
    masks = [file for file in files if file.suffix.lower() not in _PHOTOGRAPHS]
    found = _match(images, masks, str, str, "of the same names and another file type")
    return found if found.pairs and not found.images else best


def _match(
    images: Sequence[Path], masks: Sequence[Path], image_key: Key, mask_key: Key, manner: str
) -> Matches:
    masks_of, images_of = _by_key(masks, mask_key), _by_key(images, image_key)
    pairs = tuple((images_of[key][0], masks_of[key][0]) for key in images_of if key in masks_of)
    rivals = tuple(
        tuple(same)
        for key in images_of.keys() & masks_of.keys()
        for same in (images_of[key], masks_of[key])
        if len(same) > 1
    )
    used = {file for group in (*pairs, *rivals) for file in group}
    lonely = tuple(image for image in images if image not in used)
    return Matches(pairs, lonely, tuple(m for m in masks if m not in used), manner, rivals)


def _by_key(files: Sequence[Path], key_of: Key) -> dict[str, list[Path]]:
    grouped: dict[str, list[Path]] = {}
    for file in files:
        key = key_of(file.stem)
        if key is not None:
            grouped.setdefault(key, []).append(file)
    return grouped


def _manners(suffix: str | None) -> Iterator[tuple[str, Key, Key]]:
    if suffix is None:
        yield "of the same names", str, str
    for ending in _endings(suffix):
        for start in IMAGE_SUFFIXES:
            yield _manner(start, ending), _without(start), _without(ending)
    if suffix is None:
        yield "of the same names after a word like 'image' or 'mask'", _after_prefix, _after_prefix
        for start in IMAGE_SUFFIXES[1:]:
            yield f"of the same names where images end in {start!r}", _without(start), str


def _manner(start: str, ending: str) -> str:
    images = f" (images end in {start!r})" if start else ""
    return f"whose names end in {ending!r}{images}"


def _endings(suffix: str | None) -> tuple[str, ...]:
    if suffix is None:
        return MASK_SUFFIXES
    bare, dot, extension = suffix.rpartition(".")
    return (bare,) if f"{dot}{extension}".lower() in EXTENSIONS else (suffix,)


def _without(ending: str) -> Key:
    def key(stem: str) -> str | None:
        return stem.removesuffix(ending) if stem.endswith(ending) else None

    return key


def _after_prefix(stem: str) -> str:
    return _PREFIX.sub("", stem)
