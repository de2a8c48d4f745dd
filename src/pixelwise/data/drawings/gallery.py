"""The images that files of drawings speak of, found below one folder and nowhere else."""

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pixelwise.core.errors import DataError, listing
from pixelwise.data.layouts.files import DEPTH, LEADS_OUT, check_folder, stays
from pixelwise.data.layouts.naming import natural, split_of
from pixelwise.data.rasters.files import is_image

_WORD = re.compile(r"[a-z]+")


def files_below(root: Path, *suffixes: str) -> list[Path]:
    """Files of these suffixes (lower case) in the folder and 4 levels below, so that 2 precedes 10.

    Hidden ones are passed over, and links to folders.

    Raises:
        DataError: If the folder is missing or empty, or one of the files is a link that leads out of it.
    """
    check_folder(root)
    found: list[Path] = []
    for folder, below, names in os.walk(root):
        parts = Path(folder).relative_to(root).parts
        below[:] = [name for name in below if name[0] not in "._" and len(parts) < DEPTH]
        files = (Path(folder, name) for name in names if name[0] != ".")
        found += [file for file in files if file.suffix.lower() in suffixes]
    for file in found:
        if file.is_symlink() and not stays(file, root.resolve()):
            raise DataError(LEADS_OUT.format(file, root))
    return sorted(found, key=lambda file: natural(file.relative_to(root).as_posix()))


class Gallery:
    """Image files below a folder, to be found by what a tool calls them.

    A path in a file of drawings is only compared with the images that are there, by its end, and never
    opened: it cannot lead out of the folder, whatever it says.
    """

    def __init__(self, root: Path, suffixes: Sequence[str] = ()) -> None:
        self.root = root
        self._by_name: dict[str, list[Path]] = {}
        self._home = root.resolve()
        for folder, below, names in os.walk(root, followlinks=True):
            parts = Path(folder).relative_to(root).parts
            deeper = [Path(folder, name) for name in below if name[0] not in "._" and len(parts) < DEPTH]
            seen = [path for path in deeper if path.is_symlink() and stays(path, self._home)]
            below[:] = sorted(path.name for path in deeper if path not in seen)
            for name in sorted(names):
                file = Path(folder, name)
                if is_image(file) if not suffixes else file.suffix.lower() in suffixes:
                    self._by_name.setdefault(name, []).append(file)

    def __len__(self) -> int:
        return sum(map(len, self._by_name.values()))

    def files(self) -> list[Path]:
        """All images, so that 2 precedes 10; links that lead out of the folder are passed over."""
        found = [file for files in self._by_name.values() for file in files]
        kept = [file for file in found if stays(file, self._home)]
        return sorted(kept, key=lambda file: natural(file.relative_to(self.root).as_posix()))

    def find(self, called: str, source: Path) -> Path:
        """The image of that name or path, as a file of drawings calls it.

        Where several have its name, the one whose path agrees furthest from its end; then the one in the
        folder of `source`; then the one in the folder that `source` is named after.

        Raises:
            DataError: If there is none, several are as good, or a link leads out of the folder.
        """
        parts = PurePosixPath(called.replace("\\", "/")).parts
        found = self._by_name.get(parts[-1], []) if parts else []
        nearness = [_nearness(file, parts, source) for file in found]
        found = [file for file, near in zip(found, nearness, strict=True) if near == max(nearness)]
        if not found:
            raise DataError(
                f"{source} speaks of the image {called!r}, which is not below {self.root}. "
                f"{len(self)} images are there. Put it there, or remove its entry."
            )
        if len(found) > 1:
            raise DataError(
                f"{source} speaks of the image {called!r}, which may be {listing(found)}. Rename all but one."
            )
        if not stays(found[0], self._home):
            raise DataError(LEADS_OUT.format(found[0], self.root))
        return found[0]

    def beside(self, source: Path) -> Path | None:
        """The one image with the stem of `source`, if there is exactly one."""
        stems = [file for files in self._by_name.values() for file in files if file.stem == source.stem]
        return stems[0] if len(stems) == 1 and stays(stems[0], self._home) else None


def split_by_path(root: Path, path: Path) -> str | None:
    """The split that a file's folders or its own name tell: `train/a.json`, `instances_val2017.json`."""
    parts = path.relative_to(root).parts
    return split_of(parts[:-1]) or split_of(_WORD.findall(path.stem.lower()))


def names_of(root: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """The stem of each file, or its path below the root where stems repeat."""
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return tuple(stems)
    below = [path.relative_to(root) for path in paths]
    bare = [path.with_suffix("").as_posix() for path in below]
    return tuple(bare if len(set(bare)) == len(bare) else [path.as_posix() for path in below])


def _nearness(file: Path, called: Sequence[str], source: Path) -> tuple[int, int, int]:
    """How well a file fits a path; how near it is to its source; how many folders name the source."""
    common = _agreement(file.parent.parts[::-1], source.parent.parts[::-1])
    named = sum(part.lower() in source.stem.lower() for part in file.parent.parts)
    return _agreement(file.parts, called), common, named


def _agreement(path: Sequence[str], other: Sequence[str]) -> int:
    """How many parts agree, from the end."""
    number = 0
    while number < min(len(path), len(other)) and path[-1 - number] == other[-1 - number]:
        number += 1
    return number
