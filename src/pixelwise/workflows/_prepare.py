"""From a recipe to data that are read, checked, split and described."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, listing
from pixelwise.data.fingerprint import Fingerprint, class_shares, fingerprint
from pixelwise.data.reader import Reader
from pixelwise.data.recognise import recognise
from pixelwise.data.resize import resize
from pixelwise.data.splits.written import SplitFile
from pixelwise.data.store import Store
from pixelwise.losses._class_weights import is_rule, weights_by
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.plain import with_settings
from pixelwise.recipe.recipe import Choice, Recipe, Term
from pixelwise.workflows._parts import Parts, found_leaks, part, recorded
from pixelwise.workflows._talk import Talk


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready to learn from.

    Attributes:
        classes: What the labels mean.
        stores: The samples of each split; those of train resized as the recipe says.
        print: Mean and spread of the training images.
        notes: What was inferred and decided, one sentence each.
        record: The split as a file of the run; None where samples have no names before they are read.
    """

    classes: Classes
    stores: Mapping[str, Store]
    print: Fingerprint
    notes: Sequence[str]
    record: SplitFile | None = None

    @property
    def digest(self) -> str:
        """Of everything that is learnt from and chosen by."""
        return self.stores["train"].digest + self.stores["val"].digest

    @property
    def chooses(self) -> bool:
        """Whether val is a split of its own, by which the best weights may be chosen."""
        return self.stores["val"] is not self.stores.get("test")

    @property
    def bands(self) -> int:
        """Bands of the images."""
        return self.stores["train"].bands


def choose_reader(data: str, settings: Sequence[str] = ()) -> tuple[Choice, str]:
    """The reader for what a person calls data: the word «digits», or a folder; and why it fits.

    Args:
        data: The word or the folder.
        settings: Settings of `data.reader`; a name among them decides.

    Raises:
        DataError: If no reader fits, or several do.
    """
    asked: dict[str, Any] = with_settings({"data": {"reader": {}}}, settings)["data"]["reader"]
    if data == "digits":
        return Choice.model_validate(
            {"name": "digits", **asked}
        ), "digits drawn by code, two to four in a scene"
    if "name" in asked:
        return Choice.model_validate({**asked, "root": data}), "as asked"
    name, reason = recognise(Path(data))
    return Choice.model_validate({**asked, "name": name, "root": data}), reason


def prepare(recipe: Recipe, talk: Talk, reader: Reader | None = None, kept: Path | None = None) -> Prepared:
    """Find, split, read and check the data of a recipe.

    Args:
        recipe: What is asked for.
        talk: Where notes and progress go.
        reader: The recipe's reader, when it was made already.
        kept: The split file of a run that is gone on with.

    Raises:
        DataError: If anything is wrong with them; all faults are told.
    """
    reader = make_reader(recipe.data.reader) if reader is None else reader

    def pool(numbers: Sequence[int]) -> Store:
        return read(recipe, reader, numbers, "images", talk, resized=True)

    parts = part(recipe, reader, pool, kept=kept)
    stores = _stores(recipe, reader, parts, talk)
    _check_bands(stores)
    leaks = found_leaks(parts, reader, stores, recipe)
    notes = [*reader.notes, *parts.notes, *leaks]
    for note in notes:
        talk.say(f"  note: {note}")
    talk.say(
        "data: "
        + ", ".join(f"{len(store)} {name}" for name, store in stores.items())
        + _form(stores["train"])
    )
    found = fingerprint(stores["train"])
    return Prepared(reader.classes, stores, found, notes, recorded(parts, reader, recipe, leaks))


def _stores(recipe: Recipe, reader: Reader, parts: Parts, talk: Talk) -> dict[str, Store]:
    """The samples of each part; those that were read to be drawn from are not read again.

    Raises:
        DataError: Telling all samples that cannot be used.
    """
    stores: dict[str, Store] = {}
    faults: list[str] = []
    for name, numbers in parts.splits.items():
        if name == "val" and numbers is parts.splits.get("test"):
            continue
        as_read = name == "train" or recipe.data.resize is None
        try:
            held = parts.drawn(name) if as_read else None
            if held is None:
                held = read(recipe, reader, numbers, name, talk, resized=name == "train")
            stores[name] = held
        except DataError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(faults))
    if "val" not in stores:
        stores["val"] = stores["test"]
    return stores


def with_class_weights(recipe: Recipe, data: Prepared, talk: Talk) -> Recipe:
    """The recipe with its rules of class weights turned into numbers, counted in the training labels."""
    if not any(is_rule(term.params.get("class_weights")) for term in recipe.loss):
        return recipe
    shares = class_shares(data.stores["train"], len(data.classes))

    def numbered(term: Term) -> Term:
        rule = term.params.get("class_weights")
        if not is_rule(rule):
            return term
        found = weights_by(rule, shares.overall, shares.where_present)
        weights = [float(f"{weight:.6g}") for weight in found]
        told = zip(data.classes.names, weights, strict=True)
        talk.say(f"class weights, {rule}: " + ", ".join(f"{name} {weight:g}" for name, weight in told))
        return Term.model_validate(term.model_dump() | {"class_weights": weights})

    return recipe.model_copy(update={"loss": tuple(numbered(term) for term in recipe.loss)})


def read(
    recipe: Recipe, reader: Reader, numbers: Sequence[int], name: str, talk: Talk, *, resized: bool
) -> Store:
    """Read and check the samples of one split, resized as the recipe says or as they are."""
    size = recipe.data.resize if resized else None
    done = 0
    with talk.progress(f"reading {name}", len(numbers)) as advance:

        def progress(now: int, total: int) -> None:  # noqa: ARG001 the bar knows the total
            nonlocal done
            advance(now - done)
            done = now

        return Store(
            reader,
            numbers,
            prepare=None if size is None else lambda sample: resize(sample, size),
            most_bytes=0 if recipe.data.cache == "off" else None,
            workers=recipe.data.workers,
            progress=progress,
        )


def _check_bands(stores: Mapping[str, Store]) -> None:
    bands = {name: store.bands for name, store in stores.items()}
    if len(set(bands.values())) > 1:
        told = listing(f"{number} in {name}" for name, number in bands.items())
        raise DataError(
            f"the splits differ in their number of bands: {told}. Convert the images, or set bands."
        )


def _form(store: Store) -> str:
    rows, columns = min(store.sizes)
    most_rows, most_columns = max(store.sizes)
    size = (
        f"{rows}×{columns}"
        if (rows, columns) == (most_rows, most_columns)
        else (f"{rows}×{columns} to {most_rows}×{most_columns}")
    )
    return f"; {size} (rows×columns), {store.bands} band{'s' * (store.bands != 1)}" + (
        ", held in memory" if store.cached else ", read from disk each time"
    )
