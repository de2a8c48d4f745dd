"""A trained model and labelled images to scores."""

from collections.abc import Sequence
from pathlib import Path

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, RecipeError, raise_faults, suggestion
from pixelwise.core.scores import Report
from pixelwise.data.reader import Reader
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.precision import Precision, choose_device
from pixelwise.engine.processes import processes, rank
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Choice, Recipe
from pixelwise.workflows._judge import judge, write_report
from pixelwise.workflows._parts import part as part_samples
from pixelwise.workflows._prepare import choose_reader, read
from pixelwise.workflows._runs import RunFolder, begin, weights_file
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, load_trained


def evaluate(
    run: Path | str,
    *,
    data: str | Path | None = None,
    split: str | None = None,
    out: Path | str | None = None,
    boundaries: bool = False,
    precision: Precision | None = None,
    quiet: bool = False,
) -> Report:
    """Score the best weights of a run.

    Args:
        run: A run folder, or one of its weight files.
        data: Other labelled images than the run's own; their classes must be the same.
        split: train, val, test, or all. None: test where there is one, else val; for other data
            without splits, all.
        out: A new folder for scores.json and report.html; None writes nothing.
        boundaries: Compare outlines too: boundary F1, boundary IoU, HD95 and average surface distance.
        precision: What to compute in; None takes what the run was trained with.
        quiet: Say nothing on the way.

    Raises:
        PixelwiseError: If the run, the data or the split is not there, or they do not fit.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    folder = None if out is None else begin(Path(out), "")
    device, _ = choose_device()
    with processes(device):
        trained = load_trained(Path(run), device=device, precision=precision)
        choice = _choice(trained, data, talk)
        reader = make_reader(choice)
        _check_classes(trained.classes, reader.classes)
        kept = None if data is not None else RunFolder(weights_file(Path(run)).parent).split
        recipe = trained.recipe if data is None else _of_other_data(trained.recipe, choice)
        part, numbers, leaks = _chosen(recipe, reader, kept, talk, foreign=data is not None, split=split)
        store = read(trained.recipe, reader, numbers, part, talk, resized=False)
        trained.check_bands(store.bands)
        report, images = judge(trained, store, part, talk, boundaries=boundaries)
        if folder is not None and rank() == 0:
            write_report(folder, trained, store, report, images, notes=[*reader.notes, *leaks])
            talk.say(f"report: {folder.page}")
        return report


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
