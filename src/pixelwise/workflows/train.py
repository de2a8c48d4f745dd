"""From labelled images to a trained and judged model in a run folder."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.core.errors import CheckpointError
from pixelwise.core.files import write_text
from pixelwise.core.scores import Report
from pixelwise.core.times import as_text
from pixelwise.data.reader import Reader
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.checkpoint import Checkpoint, load
from pixelwise.engine.interrupt import Interrupt
from pixelwise.engine.precision import choose_device, choose_precision
from pixelwise.engine.processes import processes, rank, share_weights, world
from pixelwise.models._licences import notice
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._asked import recipe_for
from pixelwise.workflows._course import Course
from pixelwise.workflows._judge import judge, write_report
from pixelwise.workflows._prepare import Prepared, prepare, with_class_weights
from pixelwise.workflows._runs import RunFolder, begin, describe
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.preflight import before_training
from pixelwise.workflows.trained import load_trained, recipe_of


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
    preflight: bool = True,
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
        preflight: Look first whether the training is going to work; see `before_training`.
        quiet: Say nothing on the way.

    Raises:
        PixelwiseError: With all faults of the recipe or the data, before training begins.
    """
    began, talk = time.monotonic(), Talk(quiet=quiet)
    recipe_asked, reader = recipe_for(data, recipe, settings, budget, talk)
    name = f"{recipe_asked.data.reader.name}-{recipe_asked.model.name}"
    folder = begin(None if out is None else Path(out), name)
    return _train(recipe_asked, folder, began, talk, reader=reader, preflight=preflight)


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
    preflight: bool = False,
) -> Run:
    malloc = keep_memory()
    device, device_reason = choose_device(recipe.train.device)
    dtype, dtype_reason = choose_precision(device, recipe.train.precision)
    with processes(device):
        for told in (f"device: {device_reason}", f"precision: {dtype_reason}", malloc):
            if told is not None:
                talk.say(told)
        reader = make_reader(recipe.data.reader) if reader is None else reader
        data = prepare(recipe, talk, reader, None if checkpoint is None else folder.split)
        recipe = with_class_weights(recipe, data, talk)
        if told := notice(recipe.model.name, recipe.model.params):
            talk.say(f"note: {told}")
        if preflight:
            data = before_training(recipe, data, reader, folder.path, device=device, dtype=dtype, talk=talk)
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
                if data.record is not None:
                    write_text(folder.split, data.record.to_yaml())
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
    trained = load_trained(folder.path, device=course.device) if rank() == 0 else course.trained()
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


def _check_same(data: Prepared, checkpoint: Checkpoint, folder: RunFolder) -> None:
    if checkpoint.facts["data"] != data.digest:
        raise CheckpointError(
            f"the data are not those that {folder.path} was trained on: their digest is {data.digest[:16]}, "
            f"it was {checkpoint.facts['data'][:16]}. Put them back, or start anew with another --out."
        )


def _several() -> str:
    return "" if world() == 1 else f", {world()} processes"
