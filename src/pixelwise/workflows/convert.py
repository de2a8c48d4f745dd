"""Labelled images from one form into another."""

import shutil
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import DataError, RecipeError, ShapeError, StorageError, raise_faults
from pixelwise.data.reader import Reader
from pixelwise.data.recognise import recognise
from pixelwise.data.threads import preparers
from pixelwise.data.writers._legend import legend_of
from pixelwise.data.writers._lost import lost
from pixelwise.data.writers._reading import options_of, unlike
from pixelwise.data.writers._sheet import Sheet, Speech
from pixelwise.data.writers._sheets import Sheets, sheets_of
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Choice
from pixelwise.workflows._prepare import choose_reader
from pixelwise.workflows._talk import Talk

WRITERS = Catalog("pixelwise.data.writers", "form")
CLASSES = "classes.yaml"


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written.

    Attributes:
        folder: Where it is.
        form: Its form.
        images: Number of images.
        classes: Names of the classes.
        splits: Images in each split.
        shapes: Shapes, where they were drawn; regions, where they were traced.
        overlaps: Times a shape lies over a pixel of another class.
        lost: What the form cannot say, one sentence each.
        reader: The reader that reads it, and the options it needs to give the same labels.
    """

    folder: Path
    form: str
    images: int
    classes: tuple[str, ...]
    splits: Mapping[str, int]
    shapes: int
    overlaps: int
    lost: tuple[str, ...]
    reader: Mapping[str, Any]


def convert(
    source: Path | str,
    out: Path | str,
    *,
    to: str,
    settings: Sequence[str] = (),
    workers: int = 2,
    quiet: bool = False,
) -> Converted:
    """Write labelled images in another form.

    Shapes are kept where source and form have shapes; masks are traced exactly along the edges of their
    pixels where the form has shapes; shapes are painted where it has masks. Image files go along byte by
    byte. classes.yaml, which every reader obeys, tells the classes, their order and colours, and what does
    not count. Nothing appears in `out` before everything is written.

    Args:
        source: What `pixelwise train` can read: a folder, or the word «digits».
        out: Folder, new or empty.
        to: The form, one of the files in `data/writers`.
        settings: Settings of the reader of `source`, such as data.reader.order=area.
        workers: Threads that read.
        quiet: Say nothing on the way.

    Raises:
        UnknownNameError: If there is no such form.
        DataError: If the source is damaged; all faults are told.
        RecipeError: If `out` holds something, or lies in the source.
        StorageError: If the disk refuses.
    """
    out, talk = Path(out), Talk(quiet=quiet)
    writer = WRITERS[to]
    says: Speech = sys.modules[writer.__module__].SAYS
    _check(source, out)
    reader = _opened(str(source), settings, talk)
    legend = legend_of(reader, values=says.values)
    sheets, missed = sheets_of(reader, legend, says)
    stream = _Stream(sheets, talk, workers)
    with _whole(out) as folder:
        writer(stream, folder, legend)
        stream.check()
        used = [name for name in legend.void if stream.counts[f"void {name}"]]
        (folder / CLASSES).write_text(legend.to_yaml(used), encoding="utf-8")
        options = options_of(says, reader, legend, stream.counts)
        back = make_reader(Choice.model_validate({"name": says.reader, "root": folder, **options}))
        missed += unlike(back, reader, sheets)
        alone = _recognised(folder, says.reader)
    done = Converted(
        out,
        to,
        len(sheets),
        reader.classes.names,
        {name: len(numbers) for name, numbers in reader.splits.items()},
        stream.shapes,
        stream.counts["overlaps"],
        (*lost(to, says, reader, legend, stream.counts), *missed),
        {"name": says.reader, **options},
    )
    _tell(done, talk, alone=alone)
    return done


@dataclass(slots=True)
class _Stream:
    """Sheets in order, made in threads; faults are gathered, and after the first no more is handed on."""

    sheets: Sheets
    talk: Talk
    workers: int
    counts: Counter[str] = field(default_factory=Counter[str])
    faults: list[str] = field(default_factory=list[str])
    shapes: int = 0

    def __iter__(self) -> Iterator[Sheet]:
        todo = iter(range(len(self.sheets)))
        with self.talk.progress("converting", len(self.sheets)) as advance, preparers(self.workers) as pool:
            while chunk := list(islice(todo, 8 * self.workers)):  # never more than a chunk in memory
                for made in pool.map(self._made, chunk):
                    advance(1)
                    if isinstance(made, str):
                        self.faults.append(made)
                    elif not self.faults:
                        sheet, counts = made
                        self.counts += counts
                        self.shapes += len(sheet.shapes) or counts["shapes"]
                        yield sheet

    def check(self) -> None:
        """Raise a `DataError` that tells every sample that could not be used."""
        headline = (
            f"{len(self.faults)} of {len(self.sheets)} samples cannot be used, and nothing was written:"
        )
        raise_faults(DataError, headline, self.faults)

    def _made(self, number: int) -> tuple[Sheet, Counter[str]] | str:
        try:
            return self.sheets[number]
        except (DataError, ShapeError) as error:
            return str(error)


def _opened(source: str, settings: Sequence[str], talk: Talk) -> Reader:
    choice, reason = choose_reader(source, settings)
    talk.say(f"reader: {choice.name} ({reason})")
    reader = make_reader(choice)
    for note in reader.notes:
        talk.say(f"  note: {note}")
    return reader


def _check(source: Path | str, out: Path) -> None:
    faults: list[str] = []
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        faults.append(f"{out} is not empty, and nothing is overwritten. Choose another folder.")
    if out.resolve().is_relative_to(Path(source).resolve()):
        faults.append(f"{out} lies in {source}, which is read. Choose another folder.")
    raise_faults(RecipeError, "nothing can be written like this:", faults)


@contextmanager
def _whole(out: Path) -> Generator[Path]:
    """A folder beside `out` that takes its name when all is written, and is gone when anything fails.

    Raises:
        StorageError: If the disk refuses.
    """
    part = out.with_name(f".{out.name}.part")  # one name: what a kill leaves, the next call replaces
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        part.replace(out)
    except OSError as error:
        raise StorageError(f"cannot write {out}. {error}. Nothing is left of it; make room.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _recognised(folder: Path, name: str) -> bool:
    """Whether its reader is chosen without being named."""
    try:
        return recognise(folder)[0] == name
    except DataError:
        return False


def _tell(done: Converted, talk: Talk, *, alone: bool) -> None:
    shapes = f", {done.shapes} shapes" if done.shapes else ""
    over = f", {done.overlaps} times over a pixel of another class" if done.overlaps else ""
    talk.say(f"{done.images} images, {len(done.classes)} classes{shapes}{over}: {done.folder} ({done.form})")
    for sentence in done.lost:
        talk.say(f"  {done.form} cannot say {sentence}")
    wanted = {} if alone else {"name": done.reader["name"]}
    wanted |= {key: value for key, value in done.reader.items() if key != "name"}
    told = "".join(
        f" --set data.reader.{key}={'null' if value is None else value}" for key, value in wanted.items()
    )
    talk.say(f"Read it with: pixelwise train --data {done.folder}{told}")
