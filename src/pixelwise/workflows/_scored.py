"""The labelled samples that a trained model is held against."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, RecipeError, raise_faults, suggestion
from pixelwise.data.reader import Reader
from pixelwise.data.store import Store
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Choice, Recipe
from pixelwise.workflows._parts import part as part_samples
from pixelwise.workflows._prepare import choose_reader, read
from pixelwise.workflows._runs import RunFolder
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained


@dataclass(frozen=True, slots=True)
class Chosen:
    """Samples of a reader.

    Attributes:
        part: What they are called: train, val, test, all.
        reader: Where they come from.
        numbers: Which ones.
        leaks: What the split is known to let through.
    """

    part: str
    reader: Reader
    numbers: Sequence[int]
    leaks: Sequence[str]

    @property
    def notes(self) -> list[str]:
        """What a report says of them."""
        return [*self.reader.notes, *self.leaks]

    def few(self, most: int) -> "Chosen":
        """At most so many of them, evenly spaced."""
        kept = min(most, len(self.numbers))
        return replace(self, numbers=[self.numbers[i * len(self.numbers) // kept] for i in range(kept)])

    def read(self, trained: Trained, talk: Talk) -> Store:
        """Read them as they are.

        Raises:
            DataError: If some cannot be used, or have other bands than the model takes.
        """
        store = read(trained.recipe, self.reader, self.numbers, self.part, talk, resized=False)
        trained.check_bands(store.bands)
        return store


def choose_samples(
    trained: Trained, run: Path, talk: Talk, *, data: str | Path | None, split: str | None
) -> Chosen:
    """The samples of a split, or of other data.

    Args:
        trained: The model.
        run: Where it was opened from; a run folder keeps its split.
        talk: Told how other data are read.
        data: Other labelled images than those of the recipe.
        split: Its name; None: test where there is one, else val; for other data without splits, all.

    Raises:
        PixelwiseError: If the data or the split is not there, or they do not fit.
    """
    choice = _choice(trained, data, talk)
    reader = make_reader(choice)
    _check_classes(trained.classes, reader.classes)
    kept = None if data is not None else _kept(run)
    recipe = trained.recipe if data is None else _of_other_data(trained.recipe, choice)
    part, numbers, leaks = _chosen(recipe, reader, kept, talk, foreign=data is not None, split=split)
    return Chosen(part, reader, numbers, leaks)


def _kept(run: Path) -> Path | None:
    """The split file of a run folder, of the one that holds a file, or of the one that an export lies in."""
    folders = [run] if run.is_dir() else run.resolve().parents[:3]
    found = [RunFolder(folder).split for folder in folders if RunFolder(folder).split.is_file()]
    return found[0] if found else None


def _choice(trained: Trained, data: str | Path | None, talk: Talk) -> Choice:
    """The run's own reader; for other data the same one, if it fits them, or the one that does."""
    own = trained.recipe.data.reader
    if data is None:
        return own
    found, reason = choose_reader(str(data))
    talk.say(f"data: {data} is read as '{found.name}': {reason}")
    if found.name != own.name:
        return found
    return Choice.model_validate({**own.model_dump(), **found.model_dump()})


def _check_classes(trained: Classes, found: Classes) -> None:
    if trained.exclusive == found.exclusive and trained.names == found.names:
        return
    strange = [
        f"{name!r} is unknown to the run.{suggestion(name, trained.names)}"
        for name in found.names
        if name not in trained.names
    ]
    missing = [f"{name!r} is missing." for name in trained.names if name not in found.names]
    other = ["they come in another order, or may overlap."] if not strange and not missing else []
    raise_faults(
        DataError,
        "the data speak of other classes than the run; give them the run's classes.yaml:",
        [*strange, *missing, *other],
    )


def _of_other_data(recipe: Recipe, reader: Choice) -> Recipe:
    """The recipe for other data, to which its split file does not apply."""
    data = recipe.data.model_copy(update={"reader": reader, "split": None})
    return recipe.model_copy(update={"data": data})


def _chosen(
    recipe: Recipe, reader: Reader, kept: Path | None, talk: Talk, *, foreign: bool, split: str | None
) -> tuple[str, Sequence[int], Sequence[str]]:
    """Name and sample numbers of the part to score, and what the split is known to let through."""
    if split == "all" or (split is None and foreign and not reader.splits):
        return "all", range(len(reader)), ()
    parts = part_samples(
        recipe, reader, lambda numbers: read(recipe, reader, numbers, "images", talk, resized=True), kept=kept
    )
    name = split or ("test" if "test" in parts.splits else "val")
    if name not in parts.splits:
        raise RecipeError(
            f"no split {name!r} in the data. Found {', '.join(parts.splits)}. Choose one of them, or all."
        )
    return name, parts.splits[name], () if parts.file is None else parts.file.leaks
