"""Finds folders of one image each, with one mask file per object."""

from dataclasses import dataclass
from pathlib import Path

from pixelwise.data.layouts.naming import SPLITS, natural
from pixelwise.data.rasters.files import is_image

IMAGES = ("images", "image")
MASKS = ("masks", "mask")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of one image: its parts, as far as they are there.

    Attributes:
        folder: The folder, called like the sample.
        split: The split it lies in, if any.
        images: Image files in its folder of images.
        masks: Mask files, 2 before 10; None without a folder of masks.
    """

    folder: Path
    split: str | None
    images: tuple[Path, ...]
    masks: tuple[Path, ...] | None

    @property
    def of_one_image(self) -> bool:
        """Whether it is complete: one image, and a folder of masks."""
        return len(self.images) == 1 and self.masks is not None


def find_places(root: Path) -> list[Place]:
    """Every folder below `root`, or below its split folders, that holds a folder of images."""
    places: list[Place] = []
    for folder in _folders(root):
        split = SPLITS.get(folder.name.lower())
        if _child(folder, IMAGES):
            if split is None:
                places.append(_place(folder, None))
            continue
        places += [_place(below, split) for below in _folders(folder) if split and _child(below, IMAGES)]
    return places


def one_folder_per_image(root: Path) -> bool:
    """Whether this is the layout of one folder per image, and not a folder of pairs per scene."""
    places = [place for place in find_places(root) if place.of_one_image] if root.is_dir() else []
    return any([mask.stem for mask in place.masks or ()] != [place.images[0].stem] for place in places)


def _place(folder: Path, split: str | None) -> Place:
    images, masks = _child(folder, IMAGES), _child(folder, MASKS)
    return Place(folder, split, _files(images) if images else (), _files(masks) if masks else None)


def _folders(folder: Path) -> list[Path]:
    below = (entry for entry in folder.iterdir() if entry.name[0] not in "._" and entry.is_dir())
    return sorted(below, key=lambda entry: natural(entry.name))


def _child(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted((f for f in folder.iterdir() if is_image(f)), key=lambda f: natural(f.name)))
