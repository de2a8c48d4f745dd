"""Files of published data sets, whose folders and names are fixed."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pixelwise.core.errors import DataError, listing
from pixelwise.data.layouts.files import check_folder
from pixelwise.data.layouts.known import Layout, Pair
from pixelwise.data.layouts.naming import natural
from pixelwise.data.rasters.files import is_image
from pixelwise.data.texts import read_text


def home_of(root: Path, fits: Callable[[Path], bool], title: str, wanted: str) -> Path:
    """The one folder that holds the data set: `root` itself, or one or two levels below.

    Raises:
        DataError: If there is none, or several.
    """
    check_folder(root)
    found = homes(root, fits)
    if not found:
        raise DataError(f"{root} does not hold {title}. {wanted} is not there. Give the folder that has it.")
    if len(found) > 1:
        raise DataError(f"{root} holds {title} {len(found)} times: {listing(found)}. Give one of them.")
    return found[0]


def homes(root: Path, fits: Callable[[Path], bool]) -> list[Path]:
    """All such folders: `root`, else those below it, else those one level deeper."""
    if not root.is_dir():
        return []
    level = [root]
    for _ in range(3):
        found = [folder for folder in level if fits(folder)]
        if found:
            return found
        level = [below for folder in level for below in folders_in(folder)]
    return []


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, sorted; hidden ones are passed over."""
    below = (entry for entry in folder.iterdir() if entry.name[0] not in "._" and entry.is_dir())
    return sorted(below, key=lambda entry: natural(entry.name))


def by_stem(folder: Path, suffix: str = "", kind: Callable[[Path], bool] = is_image) -> dict[str, Path]:
    """Files of a folder by their stem without the suffix, in natural order; nothing where it is missing."""
    if not folder.is_dir():
        return {}
    files = sorted((f for f in folder.iterdir() if kind(f)), key=lambda file: natural(file.name))
    return {f.stem.removesuffix(suffix): f for f in files if f.stem.endswith(suffix) and f.name[0] != "."}


def take(
    layout: Layout,
    split: str | None,
    names: Sequence[str],
    images: Mapping[str, Path],
    masks: Mapping[str, Path],
    where: str,
) -> None:
    """Add the samples of these names to a split, and tell what they lack; a test set may lack all masks."""
    unseen = [name for name in names if name not in images]
    bare = [name for name in names if name in images and name not in masks]
    pairs = [Pair(images[name], masks[name], split) for name in names if name in images and name in masks]
    layout.pairs += pairs
    if pairs:
        layout.manners.append(f"{len(pairs)} images with masks by {where}")
    if unseen:
        layout.faults.append(
            f"{len(unseen)} of {len(names)} images of {where} are missing: {listing(unseen)}."
        )
    if bare and split == "test" and not pairs:
        layout.notes.append(f"{len(bare)} test images of {where} have no masks: left out.")
    elif bare:
        layout.faults.append(f"{len(bare)} of {len(names)} images of {where} have no mask: {listing(bare)}.")


def tell_alone(layout: Layout, images: Mapping[str, Path], masks: Mapping[str, Path], where: str) -> None:
    """Add a fault for masks that have no image."""
    alone = [path.name for name, path in masks.items() if name not in images]
    if alone:
        layout.faults.append(f"{len(alone)} masks have no image in {where}. Alone: {listing(alone)}.")


def tell_shared(layout: Layout) -> None:
    """Add a fault for images that stand in several splits: they would be trained on and tested on."""
    splits: dict[Path, list[str]] = {}
    for pair in layout.pairs:
        splits.setdefault(pair.image, []).append(pair.split or "no split")
    shared = [f"{image.name} ({' and '.join(names)})" for image, names in splits.items() if len(names) > 1]
    if shared:
        layout.faults.append(f"{len(shared)} images stand in more than one list: {listing(shared)}.")


def lines_of(path: Path, home: Path) -> list[str]:
    """The first word of each line of a file in `home` that is no remark."""
    texts = read_text(path, within=home).splitlines()
    return list(dict.fromkeys(text.split()[0] for text in texts if text.strip() and text[0] != "#"))
