"""From labelled images to a trained and judged model in a run folder."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.core.sample import Sample
from pixelwise.core.scores import Report
from pixelwise.core.times import as_text
from pixelwise.data.reader import Reader
from pixelwise.data.store import Store
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.checkpoint import Checkpoint, load
from pixelwise.engine.interrupt import Interrupt
from pixelwise.engine.precision import choose_device, choose_precision
from pixelwise.engine.processes import processes, rank, share_weights, world
from pixelwise.models._licences import notice
from pixelwise.recipe.build import asked, make_reader
from pixelwise.recipe.defaults import default_recipe
from pixelwise.recipe.plain import read_yaml, with_settings
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._course import Course
from pixelwise.workflows._judge import judge, write_report
from pixelwise.workflows._prepare import Prepared, choose_reader, prepare, with_class_weights
from pixelwise.workflows._runs import RunFolder, begin, describe, open_run, recipe_of
from pixelwise.workflows._talk import Talk


@dataclass(frozen=True, slots=True)
class Run:
    """What a training left.

    Attributes:
        folder: Where everything of it is.
        report: Scores of the best weights, on test where there is one, else on val; None when the
            training was interrupted.
    """

    folder: Path
    report: Report | None


def train(
    data: str | Path | None = None,
    *,
    recipe: Path | str | None = None,
    settings: Sequence[str] = (),
    budget: str | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
) -> Run:
    """Train on labelled images and judge the result.

    Args:
        data: A folder of labelled images, or the word «digits». With a recipe, its reader is kept and
            given this folder.
        recipe: A recipe file; None for defaults that suit the data.
        settings: Changes of the recipe such as `train.lr=0.0003`.
        budget: Time for all, such as «10m»; instead of the recipe's epochs or steps.
        out: The run folder, new or empty; None for the next free one under runs/.
        quiet: Say nothing on the way.

    Raises:
        PixelwiseError: With all faults of the recipe or the data, before training begins.
    """
    began, talk = time.monotonic(), Talk(quiet=quiet)
    plain, origin, reader = _asked(data, None if recipe is None else Path(recipe), settings, talk)
    recipe_asked = asked(plain, [*settings, *([] if budget is None else [f"train.budget={budget}"])], origin)
    name = f"{recipe_asked.data.reader.name}-{recipe_asked.model.name}"
    folder = begin(None if out is None else Path(out), name)
    return _train(recipe_asked, folder, began, talk, reader=reader)


def resume(run: Path | str, *, quiet: bool = False) -> Run:
    """Go on with a training that was interrupted, exactly where its last checkpoint stands.

    Raises:
        CheckpointError: If there is nothing to go on with, or the data have changed since.
    """
    began, talk = time.monotonic(), Talk(quiet=quiet)
    folder = RunFolder(Path(run))
    if not folder.path.is_dir():
        raise CheckpointError(f"no run at {run}. Give the folder that `pixelwise train` wrote.")
    if not folder.last.exists():
        raise CheckpointError(
            f"{run} holds no last.safetensors to go on with. Start anew with another --out."
        )
    checkpoint = load(folder.last)
    return _train(recipe_of(checkpoint, folder.path), folder, began, talk, checkpoint=checkpoint)


def _train(
    recipe: Recipe,
    folder: RunFolder,
    began: float,
    talk: Talk,
    *,
    checkpoint: Checkpoint | None = None,
    reader: Reader | None = None,
) -> Run:
    malloc = keep_memory()
    device, device_reason = choose_device(recipe.train.device)
    dtype, dtype_reason = choose_precision(device, recipe.train.precision)
    with processes(device):
        for told in (f"device: {device_reason}", f"precision: {dtype_reason}", malloc):
            if told is not None:
                talk.say(told)
        data = prepare(recipe, talk, reader)
        recipe = with_class_weights(recipe, data, talk)
        if told := notice(recipe.model.name, recipe.model.params):
            talk.say(f"note: {told}")
        course = Course(
            recipe,
            data,
            folder,
            device=device,
            dtype=dtype,
            began=began,
            talk=talk,
            restored=checkpoint is not None,
        )
        if checkpoint is None:
            if rank() == 0:
                describe(folder, recipe, data.classes)
        else:
            _check_same(data, checkpoint, folder)
            course.restore(checkpoint)
            talk.say(f"going on at step {course.at.step}")
        talk.say(
            f"model: {recipe.model.name}, {course.parameters:,} parameters{_several()}; run: {folder.path}"
        )
        if not course.at.finished and not _runs(course, folder, talk):
            return Run(folder.path, None)
        return Run(folder.path, _judged(course, data, folder, talk))


def _runs(course: Course, folder: RunFolder, talk: Talk) -> bool:
    """Train; whether it came to its end."""
    with Interrupt() as interrupt:
        with talk.share("training") as show:
            course.run(interrupt, show)
        if not course.at.finished:
            talk.say(f"{interrupt.name or 'a signal'} came: saved at step {course.at.step}. To go on:")
            talk.say(f"  pixelwise train --resume {folder.path}")
    return course.at.finished


def _judged(course: Course, data: Prepared, folder: RunFolder, talk: Talk) -> Report:
    """Judge the best weights on test, or on val where there is no test, and write the page."""
    trained = open_run(folder.path, device=course.device) if rank() == 0 else course.trained()
    share_weights(trained.model)
    split = "test" if "test" in data.stores else "val"
    report, images = judge(trained, data.stores[split], split, talk)
    if rank() == 0:
        write_report(
            folder, trained, data.stores[split], report, images, history=course.history, notes=data.notes
        )
    score = f"mean IoU {report.scores['mean_iou']:.4f}, pixel accuracy {report.scores['pixel_accuracy']:.4f}"
    talk.say(f"{split}: {score} (weights of step {course.at.best_step}); {as_text(course.budget.spent)}")
    talk.say(f"report: {folder.page}")
    return report


def _asked(
    data: str | Path | None, recipe: Path | None, settings: Sequence[str], talk: Talk
) -> tuple[Any, str, Reader | None]:
    """Plain values of the recipe that was asked for, where they are from, and the reader if one was made."""
    if recipe is not None:
        plain = read_yaml(recipe)
        if data is not None and data != "digits":
            plain = with_settings(plain, [f"data.reader.root={data}"])
        return plain, str(recipe), None
    if data is None:
        raise RecipeError("nothing to train on. Give --data FOLDER, --data digits, or --recipe FILE.")
    named = [setting for setting in settings if setting.startswith("data.reader.")]
    choice, reason = choose_reader(str(data), named)
    talk.say(f"data: {data} is read as '{choice.name}': {reason}")
    reader = make_reader(choice)
    return default_recipe(choice.model_dump(), _first(reader)), "the default recipe", reader


def _first(reader: Reader) -> Sample:
    """A sample to see what the data are like; where the first is damaged, all that are damaged are told."""
    try:
        return reader[0]
    except DataError:
        Store(reader, range(len(reader)), most_bytes=0)
        raise


def _check_same(data: Prepared, checkpoint: Checkpoint, folder: RunFolder) -> None:
    if checkpoint.facts["data"] != data.digest:
        raise CheckpointError(
            f"the data are not those that {folder.path} was trained on: their digest is {data.digest[:16]}, "
            f"it was {checkpoint.facts['data'][:16]}. Put them back, or start anew with another --out."
        )


def _several() -> str:
    return "" if world() == 1 else f", {world()} processes"
