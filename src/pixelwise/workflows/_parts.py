"""Which samples learn, choose and judge: by a split file, by the data, or drawn in groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.data.reader import Listed, Reader
from pixelwise.data.split import Fits, Splits, completed, split
from pixelwise.data.splits.grouping import Grouping, Known, group
from pixelwise.data.splits.leaks import leaks
from pixelwise.data.splits.written import NAME, SplitFile, data_digest, numbers_of, read_split
from pixelwise.data.store import Store
from pixelwise.recipe.recipe import Recipe

Read = Callable[[Sequence[int]], Store]


@dataclass(frozen=True, slots=True)
class Parts:
    """Samples in parts.

    Attributes:
        splits: Sample numbers by part.
        notes: One sentence for each decision.
        file: The split file that decided, if one did.
        pool: Samples that were read to be drawn from, by number; empty if none were.
        store: They, read.
    """

    splits: Splits
    notes: Sequence[str]
    file: SplitFile | None = None
    pool: Sequence[int] = ()
    store: Store | None = None

    def drawn(self, name: str) -> Store | None:
        """A part that is read already; None for one that is not."""
        places = {number: place for place, number in enumerate(self.pool)}
        numbers = self.splits[name]
        if self.store is None or not all(number in places for number in numbers):
            return None
        return self.store.part([places[number] for number in numbers])


def part(recipe: Recipe, reader: Reader, read: Read, *, kept: Path | None = None) -> Parts:
    """Part the samples of a reader.

    Args:
        recipe: What is asked for.
        reader: The samples.
        read: Reads those of some numbers; called only when some are to be drawn.
        kept: A split file that decides before any other: that of the run.

    Raises:
        DataError: If the split file or the data do not serve.
    """
    path = split_file(recipe, reader, kept)
    if path is not None:
        return _by_file(reader, path, kept=path == kept)
    pools: list[tuple[Sequence[int], Store]] = []

    def grouped(pool: Sequence[int], fits: Fits) -> Grouping:
        pools.append((pool, read(pool)))
        return group(known(reader, {"": (pool, pools[0][1])}, root_of(recipe)), recipe.data.groups, fits=fits)

    options = recipe.data
    splits, notes = split(reader, val=options.val, test=options.test, seed=recipe.seed, group=grouped)
    pool, store = pools[0] if pools else ((), None)
    return Parts(splits, notes, None, pool, store)


def split_file(recipe: Recipe, reader: Reader, kept: Path | None) -> Path | None:
    """The split file to obey: the run's own, the recipe's, or the one that lies with the data."""
    if kept is not None and kept.is_file() and isinstance(reader, Listed):
        return kept
    if recipe.data.split is not None:
        return Path(recipe.data.split)
    root = root_of(recipe)
    return root / NAME if root is not None and (root / NAME).is_file() else None


def root_of(recipe: Recipe) -> Path | None:
    """The folder of the data, if they have one."""
    root = recipe.data.reader.params.get("root")
    return None if root is None else Path(str(root))


def known(reader: Reader, read: Mapping[str, tuple[Sequence[int], Store]], root: Path | None = None) -> Known:
    """What is known of samples that are read, part by part."""
    names = [name for _, store in read.values() for name in store.names]
    looks = [look for _, store in read.values() for look in store.looks]
    files = None
    if isinstance(reader, Listed):
        files = [reader.files[number] for numbers, _ in read.values() for number in numbers]
    return Known(names, looks, files, root)


def found_leaks(parts: Parts, reader: Reader, stores: Mapping[str, Store], recipe: Recipe) -> list[str]:
    """What the split lets through, of parts that were not all drawn here."""
    if parts.file is not None and parts.file.leaks:
        return list(parts.file.leaks)
    sound = parts.file is not None and not parts.file.edited
    if sound or (not reader.splits and parts.file is None):
        return []
    read = {name: (parts.splits[name], store) for name, store in stores.items() if name in parts.splits}
    if "test" in read and parts.splits.get("val") is parts.splits["test"]:
        read.pop("val", None)
    sides = [name for name, (numbers, _) in read.items() for _ in numbers]
    return leaks(known(reader, read, root_of(recipe)), sides)


def recorded(parts: Parts, reader: Reader, recipe: Recipe, found: Sequence[str]) -> SplitFile | None:
    """The split as a file of the run; None for readers whose samples have no names before they are read."""
    if not isinstance(reader, Listed):
        return None
    named = {name: [reader.names[number] for number in numbers] for name, numbers in parts.splits.items()}
    if parts.splits.get("val") is parts.splits.get("test"):
        named.pop("val", None)
    rule = "brought" if parts.file is None else parts.file.rule
    digest = data_digest(reader.names, reader.files)
    return SplitFile(named, rule, " ".join(parts.notes), recipe.seed, digest, leaks=list(found))


def _by_file(reader: Reader, path: Path, *, kept: bool) -> Parts:
    file = read_split(path)
    names = reader.names if isinstance(reader, Listed) else [reader[i].name for i in range(len(reader))]
    splits, notes = numbers_of(file, names, path)
    if not kept and file.data and file.data != data_digest(names, _files(reader)):
        notes.append(f"the data have changed since {path} was made.")
    if not kept and reader.splits:
        notes.append(f"the data bring splits of their own; {path} is obeyed instead.")
    whole = completed(splits, notes)
    return Parts(whole, [file.reason] if kept else notes, file)


def _files(reader: Reader) -> Sequence[Path] | None:
    return reader.files if isinstance(reader, Listed) else None
