"""Lists that name the images of a split: train.txt, val.txt, test.txt."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from pixelwise.core.errors import listing
from pixelwise.data.layouts.known import Layout, Pair, Parts
from pixelwise.data.layouts.naming import SPLITS
from pixelwise.data.rasters.files import EXTENSIONS
from pixelwise.data.texts import read_text

_FOLDERS = ("", "lists", "list", "splits", "split", "sets")
_WRITTEN = ("train", "val", "test")


def apply_lists(root: Path, files: Mapping[Parts, list[Path]], layout: Layout) -> Layout:
    """The layout as the lists of `root` have it: their pairs, their splits; unchanged if there are none.

    A line is «image mask» (paths of which only the end need be right: those of another machine are
    recognised, and another extension too), or the name or path of one image, whose mask is then
    found by the layout of the folders.
    """
    lists = _lists(root)
    if not lists:
        return layout
    lines = {split: _lines(root, path) for split, path in lists.items()}
    index = _Index(root, files, layout.pairs)
    found = {split: [index.pair(line) for line in lines[split]] for split in lists}
    if not any(pair for pairs in found.values() for pair in pairs):
        names = listing([path.name for path in lists.values()])
        layout.notes.append(f"{names} are not used: none of their lines names an image below {root}.")
        return layout
    by_name = any(len(line) == 1 for split in lists for line in lines[split])
    listed = Layout(faults=list(layout.rivals) if by_name else [])
    for split in sorted(lists, key=_WRITTEN.index):
        _take(split, lists[split], lines[split], found[split], listed)
    _check_shared(listed)
    left = len({pair.image for pair in layout.pairs} - {pair.image for pair in listed.pairs})
    if left:
        listed.notes.append(f"{left} images with masks stand in no list: left out.")
    if index.renamed:
        image, said = index.renamed[0]
        listed.notes.append(
            f"{len(index.renamed)} files have another extension than their list says, "
            f"such as {image.name} for {said}."
        )
    return listed


class _Index:
    """Finds files by the end of a path, and pairs by the name of their image."""

    def __init__(self, root: Path, files: Mapping[Parts, list[Path]], pairs: Iterable[Pair]) -> None:
        self.files: dict[str, list[Path]] = {}
        for path in (path for here in files.values() for path in here):
            self.files.setdefault(_bare(path.relative_to(root).as_posix()), []).append(path)
        self.pairs: dict[str, Pair | None] = {}
        for pair in pairs:
            for name in _ends(_bare(pair.image.relative_to(root).as_posix())):
                self.pairs[name] = None if name in self.pairs else pair  # None: several are called so
        self.renamed: list[tuple[Path, str]] = []

    def pair(self, line: list[str]) -> Pair | None:
        """The pair a line names; None if its image or mask is not there."""
        if len(line) == 1:
            named = (self.pairs.get(name) for name in _ends(_bare(line[0])))
            return next((pair for pair in named if pair), None)
        image, mask = (self._file(said) for said in line)
        return Pair(image, mask) if image and mask else None

    def _file(self, said: str) -> Path | None:
        for name in _ends(_bare(said)):
            same = self.files.get(name, [])
            exact = [path for path in same if path.name == PurePosixPath(said).name]
            if len(exact or same) == 1:
                path = (exact or same)[0]
                if not exact:
                    self.renamed.append((path, PurePosixPath(said).name))
                return path
        return None


def _take(split: str, path: Path, lines: list[list[str]], found: list[Pair | None], listed: Layout) -> None:
    missing = [" ".join(line) for line, pair in zip(lines, found, strict=True) if pair is None]
    if missing:
        said = f"{len(missing)} of {len(lines)} lines name no image with a mask: {listing(missing)}."
        unlabelled_test = split == "test" and len(missing) == len(lines)
        (listed.notes if unlabelled_test else listed.faults).append(f"{path.name}: {said}")
    pairs = list(dict.fromkeys(Pair(pair.image, pair.mask, split) for pair in found if pair))
    twice = len(found) - len(missing) - len(pairs)
    if twice:
        listed.notes.append(f"{path.name} names {twice} images more than once; each is read once.")
    listed.pairs += pairs
    listed.manners.append(f"{len(pairs)} images with masks by {path.name}")


def _check_shared(listed: Layout) -> None:
    """An image of two lists would be trained on and tested on."""
    splits: dict[Path, list[str]] = {}
    for pair in listed.pairs:
        splits.setdefault(pair.image, []).append(pair.split or "")
    shared = [f"{image.name} ({' and '.join(names)})" for image, names in splits.items() if len(names) > 1]
    if shared:
        listed.faults.append(f"{len(shared)} images stand in more than one list: {listing(shared)}.")


def _lists(root: Path) -> dict[str, Path]:
    """The list file of each split."""
    candidates = [
        path
        for folder in _FOLDERS
        if (root / folder).is_dir()
        for path in sorted((root / folder).glob("*.txt"))
        if path.stem.lower() in SPLITS
    ]
    return {SPLITS[path.stem.lower()]: path for path in reversed(candidates)}


def _lines(root: Path, path: Path) -> list[list[str]]:
    """The words of each line; a line of more than two words is one name with spaces."""
    texts = [text.strip() for text in read_text(path, within=root).splitlines()]
    split = [text.split("\t" if "\t" in text else "," if "," in text else None) for text in texts if text]
    words = [[word.strip() for word in line] for line in split if not line[0].startswith("#")]
    return [line if len(line) <= 2 else [" ".join(line)] for line in words]


def _bare(path: str) -> str:
    """The path without an extension that we know, with slashes, in lower case."""
    plain = path.replace("\\", "/").strip("/")
    end = PurePosixPath(plain).suffix
    return (plain[: -len(end)] if end.lower() in EXTENSIONS else plain).lower()


def _ends(bare: str) -> list[str]:
    """The path, then ever shorter ends of it."""
    parts = bare.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
