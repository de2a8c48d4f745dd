"""The layout of a whole folder: by the names of folders and files, then by lists."""

from pathlib import Path

from pixelwise.data.layouts.files import image_files
from pixelwise.data.layouts.known import LAYOUTS, Layout, Names, find_layout
from pixelwise.data.layouts.lists import apply_lists


def layout_of(root: Path, names: Names) -> Layout:
    """What is found, with a fault if it is nothing.

    Raises:
        DataError: If the folder is missing, or without any image file.
    """
    files = image_files(root)
    layout = apply_lists(root, files, find_layout(files, names))
    if not layout.pairs and not layout.faults:
        number = sum(len(here) for here in files.values())
        layout.faults.append(
            f"{number} image files, but no image has a mask. Looked for {LAYOUTS}. "
            "Rename, or tell names with images=, masks= and suffix=."
        )
    return layout
