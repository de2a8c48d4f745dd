"""The image files below a folder."""

import os
from pathlib import Path

from pixelwise.core.errors import DataError
from pixelwise.data.layouts.naming import natural
from pixelwise.data.rasters.files import EXTENSIONS, is_image

LEADS_OUT = "{} is a link that leads out of {}. Put the file itself there."
DEPTH = 4  # levels below the root that are looked into


def image_files(root: Path) -> dict[tuple[str, ...], list[Path]]:
    """Image files by folder (its path below the root, in parts), each sorted so that 2 precedes 10.

    Hidden files and folders are passed over, and what macOS leaves in archives.

    Raises:
        DataError: If the root is missing, no folder, or without any image file.
    """
    check_folder(root)
    found: dict[tuple[str, ...], list[Path]] = {}
    for folder, below, names in os.walk(root, followlinks=True):
        parts = Path(folder).relative_to(root).parts
        below[:] = sorted(n for n in below if n[0] not in "._" and len(parts) < DEPTH)
        files = [Path(folder, name) for name in names]
        images = sorted((file for file in files if is_image(file)), key=lambda file: natural(file.name))
        if images:
            found[parts] = images
    if not found:
        raise DataError(
            f"{root} holds no images. Nothing ending in {', '.join(sorted(EXTENSIONS))} was found in it or "
            f"{DEPTH} levels below. Point `root` to the folder with your images."
        )
    return found


def stays(path: Path, home: Path) -> bool:
    """Whether a path, all links followed, lies in a folder whose own links are followed already."""
    return path.resolve().is_relative_to(home)


def check_folder(root: Path) -> None:
    """Raise a `DataError` if there is no such folder, or nothing in it."""
    if not root.exists():
        parent = next(folder for folder in [*root.parents] if folder.exists())
        raise DataError(f"{root} does not exist. The path is right as far as {parent}. Check the rest of it.")
    if not root.is_dir():
        raise DataError(f"{root} is a file. A folder of images and masks is wanted. Give the folder.")
    if not any(root.iterdir()):
        raise DataError(f"{root} is empty. It holds no file at all. Put images and masks there.")
