"""Finds images and their masks in the layouts that people use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.core.errors import listing
from pixelwise.data.layouts.matching import Matches, match_folders, match_within
from pixelwise.data.layouts.naming import Role, role, split_of

LAYOUTS = (
    "folders side by side (images/ and masks/, labels/, annotations/ or gt/), by split (train/images and "
    "train/masks, images/train and masks/train), train/ and trainannot/, one folder with a suffix "
    "(a.jpg and a_mask.png), or lists (train.txt with «image mask» or a name a line)"
)

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An image file, its mask file, and the split its folder or list names."""

    image: Path
    mask: Path
    split: str | None = None


@dataclass(slots=True)
class Layout:
    """What was found: pairs, how, and everything that does not fit (rivals are faults, too)."""

    pairs: list[Pair] = field(default_factory=list[Pair])
    manners: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    rivals: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Names:
    """What the user said about folder names and suffix."""

    images: str | None = None
    masks: str | None = None
    suffix: str | None = None


def find_layout(files: Mapping[Parts, list[Path]], names: Names) -> Layout:
    """Pairs among the files of some folders, by the names of both; list files are looked at elsewhere."""
    roles = {parts: role(parts, names.images, names.masks) for parts in files}
    layout = Layout()
    if not _asked_for(files, roles, names, layout):
        return layout
    if any(found.kind == "masks" for found in roles.values()):
        _side_by_side(files, roles, names, layout)
    else:
        for parts, here in files.items():
            if names.images is None or roles[parts].kind == "images":
                _within(parts, here, names.suffix, layout)
    return layout


def _asked_for(
    files: Mapping[Parts, Sequence[Path]], roles: Mapping[Parts, Role], names: Names, layout: Layout
) -> bool:
    """Whether folders of the given names exist."""
    for option, given in (("images", names.images), ("masks", names.masks)):
        if given is not None and not any(found.kind == option for found in roles.values()):
            there = listing(["/".join(parts) or "." for parts in files], most=10)
            layout.faults.append(f"no folder {given!r} ({option}=) with image files. Folders: {there}.")
    return not layout.faults


def _side_by_side(
    files: Mapping[Parts, list[Path]],
    roles: Mapping[Parts, Role],
    names: Names,
    layout: Layout,
) -> None:
    keys = {found.key for found in roles.values()}
    for key in sorted(keys):
        mask_folders = [p for p, found in roles.items() if found == Role("masks", key)]
        image_folders = [p for p, found in roles.items() if found == Role("images", key)]
        plain = [] if names.images else [p for p, found in roles.items() if found == Role("plain", key)]
        image_folders = image_folders or plain
        if len(mask_folders) > 1 or (mask_folders and len(image_folders) > 1):
            _ambiguous(mask_folders, image_folders, layout)
        elif mask_folders and image_folders:
            _match(image_folders[0], mask_folders[0], key, files, names, layout)
        elif mask_folders:
            layout.faults.append(
                f"{_say(mask_folders[0])} holds masks, but no folder of images belongs to it."
            )
        else:
            for parts in image_folders:
                _without_masks(parts, files[parts], parts not in plain, layout)


def _match(
    images: Parts, masks: Parts, key: Parts, files: Mapping[Parts, list[Path]], names: Names, layout: Layout
) -> None:
    found = match_folders(files[images], files[masks], names.suffix)
    split = split_of(key) or split_of(images) or split_of(masks)
    _take(found, split, f"{_say(images)} and {_say(masks)}", layout)


def _within(parts: Parts, files: list[Path], suffix: str | None, layout: Layout) -> None:
    found = match_within(files, suffix)
    if found.pairs:
        _take(found, split_of(parts), _say(parts), layout)
    else:
        _without_masks(parts, files, split_of(parts) is not None, layout)


def _take(found: Matches, split: str | None, where: str, layout: Layout) -> None:
    """Add what fits together; tell what does not."""
    layout.pairs += [Pair(image, mask, split) for image, mask in found.pairs]
    if found.pairs:
        layout.manners.append(f"{len(found.pairs)} images with masks {found.manner} in {where}")
    layout.rivals += [
        f"{listing([file.name for file in same])} in {_say(same[0].parent.parts[-1:])} mean the same sample. "
        "Keep one of them."
        for same in found.rivals
    ]
    layout.faults += layout.rivals[-len(found.rivals) :] if found.rivals else []
    total = len(found.images) + len(found.pairs)
    if found.images and split == "test":
        layout.notes.append(f"{len(found.images)} of {total} test images in {where} have no mask: left out.")
    elif found.images:
        layout.faults.append(
            f"{len(found.images)} of {total} images have no mask in {where}. "
            f"Missing for: {listing([file.name for file in found.images])}."
        )
    if found.masks:
        layout.faults.append(
            f"{len(found.masks)} masks have no image in {where}. "
            f"Alone: {listing([file.name for file in found.masks])}."
        )


def _without_masks(parts: Parts, files: Sequence[Path], meant: bool, layout: Layout) -> None:
    """A folder of images to which no folder of masks belongs: a fault where they were meant to be used."""
    if split_of(parts) == "test":
        layout.notes.append(f"{len(files)} test images in {_say(parts)} have no masks: left out.")
    elif meant:
        layout.faults.append(
            f"{len(files)} images in {_say(parts)} have no masks: no folder of masks belongs to them. "
            f"Found: {listing([file.name for file in files])}."
        )
    else:
        layout.notes.append(f"{len(files)} files in {_say(parts)} belong to no mask: left out.")


def _ambiguous(masks: Sequence[Parts], images: Sequence[Parts], layout: Layout) -> None:
    for option, folders in (("masks", masks), ("images", images)):
        if len(folders) > 1:
            layout.faults.append(
                f"{listing([_say(parts) for parts in folders])} could all hold the {option}. "
                f"Choose with {option}={'/'.join(folders[0])!r}."
            )


def _say(parts: Parts) -> str:
    return f"{'/'.join(parts)}/" if parts else "the folder itself"
