"""A trained model to the parameters of the fully connected CRF that serve it best."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, RecipeError
from pixelwise.core.files import write_text
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.crf_search import Grid, Judged, Scores, Setting, scores_with, search, tries
from pixelwise.engine.precision import Precision
from pixelwise.engine.predict import TILE
from pixelwise.workflows._runs import weights_file
from pixelwise.workflows._scored import Chosen, choose_samples
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, load_trained

FILE = "crf.json"  # beside the weights


@dataclass(frozen=True, slots=True)
class Gain:
    """What the CRF changed on a set of images.

    Attributes:
        images: How many.
        before: Scores of the model alone.
        after: Scores after the CRF.
    """

    images: int
    before: Scores
    after: Scores


@dataclass(frozen=True, slots=True)
class CrfSearch:
    """What was found.

    Attributes:
        setting: The parameters that were best on val.
        val: What they changed there, where they were chosen.
        test: What they changed on images that chose nothing; None where there are none.
        file: Where it is written.
    """

    setting: Setting
    val: Gain
    test: Gain | None
    file: Path


def search_crf(
    run: Path | str,
    *,
    data: str | Path | None = None,
    images: int = 30,
    grid: Grid | None = None,
    precision: Precision | None = None,
    quiet: bool = False,
) -> CrfSearch:
    """Try the CRF's parameters on the val images of a run, and say what the best of them are worth.

    Written to crf.json beside the weights. The time grows with images, their pixels and classes: 53
    settings are tried. Images larger than a window give their middle.

    Args:
        run: A run folder, or one of its weight files.
        data: Other labelled images with a val split; their classes must be the same.
        images: At most so many of val, and of test, evenly spaced; DeepLab's authors took 100.
        grid: What the coarse round tries.
        precision: What the model computes in; None takes what the run was trained with.
        quiet: Say nothing on the way.

    Raises:
        RecipeError: If the classes are several planes, which may overlap and which a CRF does not tell
            apart, or there is no val split.
        PixelwiseError: If the run or the data cannot be used.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    path = Path(run)
    trained = load_trained(path, precision=precision)
    _check_classes(trained)
    chosen = choose_samples(trained, path, talk, data=data, split="val").few(images)
    judged = list(_judged(trained, chosen, talk))
    with talk.progress("trying parameters of the CRF", tries(grid)) as advance:
        setting, _ = search(judged, grid=grid, advance=advance)
    val = _gain(judged, setting)
    test = _test_gain(trained, path, talk, data, images, setting)
    file = weights_file(path).parent / FILE
    found = CrfSearch(setting, val, test, file)
    write_text(file, json.dumps(asdict(found) | {"file": str(file)}, indent=1))
    for name, gain in {"val": val, "test": test}.items():
        if gain is not None:
            talk.say(_sentence(name, gain))
    return found


def _sentence(name: str, gain: Gain) -> str:
    before, after = gain.before, gain.after
    return (
        f"{name}, {gain.images} images: mean IoU {before.mean_iou:.4f} -> {after.mean_iou:.4f} "
        f"({after.mean_iou - before.mean_iou:+.4f}), boundary F {before.boundary_f:.4f} -> "
        f"{after.boundary_f:.4f} ({after.boundary_f - before.boundary_f:+.4f})"
    )


def _test_gain(
    trained: Trained, path: Path, talk: Talk, data: str | Path | None, images: int, setting: Setting
) -> Gain | None:
    """The gain on the split that neither taught nor chose, if there is one."""
    try:
        chosen = choose_samples(trained, path, talk, data=data, split="test")
    except RecipeError:
        talk.say("no test split: what val says of the gain is too good, for it chose the parameters")
        return None
    return _gain(list(_judged(trained, chosen.few(images), talk)), setting)


def _gain(judged: list[Judged], setting: Setting) -> Gain:
    return Gain(len(judged), scores_with(judged, None), scores_with(judged, setting))


def _check_classes(trained: Trained) -> None:
    if not trained.classes.exclusive and len(trained.classes) > 1:
        raise RecipeError(
            f"a CRF needs classes that exclude each other. The run has {len(trained.classes)} planes, which "
            "may overlap. Train with one plane, or with exclusive classes."
        )


def _judged(trained: Trained, chosen: Chosen, talk: Talk) -> Iterator[Judged]:
    """What the model says of each image, and the truth."""
    store = chosen.read(trained, talk)
    with talk.progress(f"predicting {chosen.part}", len(store)) as advance:
        for sample in store:
            if sample.labels is None:
                raise DataError(f"{sample.name} has no labels, so nothing can be scored. Label it.")
            image, labels = _middle(sample.image, trained), _middle(sample.labels, trained)
            scores = trained.scores(image[None])[0].cpu()
            if trained.classes.exclusive:
                yield Judged(image, scores.softmax(0), labels)
            else:
                yes = scores.sigmoid()
                plane = (labels[0] > 0.5).long().masked_fill(labels[0] < 0, IGNORE_INDEX)
                yield Judged(image, torch.cat([1 - yes, yes]), plane)
            advance(1)


def _middle(values: Tensor, trained: Trained) -> Tensor:
    """The middle window `[... h w]` of what is too large to go through the model at once."""
    sizes = (trained.tile, trained.tile) if isinstance(trained.tile, int) else trained.tile
    for axis, most in zip((-2, -1), sizes, strict=True):
        length = min(values.shape[axis], most, TILE)
        values = values.narrow(axis, (values.shape[axis] - length) // 2, length)
    return values
