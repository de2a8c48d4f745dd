"""Run folders: where a run's files are, how one begins, how one is opened.

recipe.yaml          what was asked, every default written out
classes.yaml         the label contract
split.yaml           which image learnt, chose and judged
best.safetensors     the weights that scored best on val
last.safetensors     all that is needed to go on
journal.csv          numbers, a row a validation
scores.json          the final scores of the best weights
report.html          what people look at
environment.json     versions and hardware
"""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn

import pixelwise
from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.core.files import write_text
from pixelwise.engine.checkpoint import Checkpoint, load
from pixelwise.engine.precision import Precision, choose_device, choose_precision
from pixelwise.engine.predict import TILE, AtSize
from pixelwise.engine.state import restore_model
from pixelwise.recipe.build import build_model, checked
from pixelwise.recipe.plain import write_text as yaml_text
from pixelwise.recipe.recipe import Recipe

_LIBRARIES = ("torch", "torchvision", "timm", "numpy", "pillow", "rasterio")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of a run."""

    path: Path

    @property
    def recipe(self) -> Path:
        return self.path / "recipe.yaml"

    @property
    def classes(self) -> Path:
        return self.path / "classes.yaml"

    @property
    def split(self) -> Path:
        return self.path / "split.yaml"

    @property
    def best(self) -> Path:
        return self.path / "best.safetensors"

    @property
    def last(self) -> Path:
        return self.path / "last.safetensors"

    @property
    def journal(self) -> Path:
        return self.path / "journal.csv"

    @property
    def scores(self) -> Path:
        return self.path / "scores.json"

    @property
    def page(self) -> Path:
        return self.path / "report.html"

    @property
    def environment(self) -> Path:
        return self.path / "environment.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that has learnt, with all that is needed to use it.

    Attributes:
        model: On its device, in evaluation mode; images as they are read in, scores at their size out.
        classes: What the scores mean.
        recipe: What it was trained by.
        bands: Bands of the images it takes.
        facts: What the checkpoint says of itself.
        device: Where it is.
        dtype: What convolutions compute in.
        tile: Rows and columns above which an image is seen through windows.
    """

    model: nn.Module
    classes: Classes
    recipe: Recipe
    bands: int
    facts: Mapping[str, Any]
    device: torch.device
    dtype: torch.dtype | None
    tile: int

    def check_bands(self, bands: int, name: str = "the images") -> None:
        """Refuse images with other bands than those learnt from.

        Raises:
            DataError: If the number differs.
        """
        if bands != self.bands:
            raise DataError(
                f"{name}: {bands} bands, and the run was trained on images with {self.bands}. Give images "
                f"with {self.bands} bands, in the same order."
            )


def begin(out: Path | None, name: str) -> RunFolder:
    """A folder for a new run: `out`, or the next free runs/<name>-<number>. Nothing is made yet.

    Raises:
        RecipeError: If `out` already holds something.
    """
    if out is None:
        taken = {path.name for path in Path("runs").glob(f"{name}-*")}
        number = next(i for i in range(1, len(taken) + 2) if f"{name}-{i:03d}" not in taken)
        return RunFolder(Path("runs") / f"{name}-{number:03d}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        folder = RunFolder(out)
        hint = f", or go on with it: pixelwise train --resume {out}" if folder.last.exists() else ""
        raise RecipeError(f"{out} is not empty, and nothing is overwritten. Choose another --out{hint}.")
    return RunFolder(out)


def describe(folder: RunFolder, recipe: Recipe, classes: Classes) -> None:
    """Write down what a run is before it begins."""
    write_text(folder.recipe, recipe.to_yaml())
    write_text(folder.classes, yaml_text(classes.to_dict()))
    write_text(folder.environment, json.dumps(environment(), indent=1))


def open_run(
    path: Path, *, device: torch.device | None = None, precision: Precision | None = None
) -> Trained:
    """The best model of a run folder, or of a checkpoint file, ready to predict.

    Args:
        path: A run folder, or one of its safetensors files.
        device: Where to put it; None chooses.
        precision: What to compute in; None takes what the recipe says.

    Raises:
        CheckpointError: If there is no run, or its weights cannot be trusted.
    """
    checkpoint = load(weights_file(path))
    recipe = recipe_of(checkpoint, path)
    facts = checkpoint.facts
    classes = Classes.from_dict(facts["classes"])
    model = build_model(recipe, facts["bands"], len(classes), facts["mean"], facts["std"], restored=True)
    restore_model(model, checkpoint.part("model/"))
    place = device or choose_device()[0]
    dtype, _ = choose_precision(place, precision or recipe.train.precision)
    model = usable(model, recipe).to(place, memory_format=torch.channels_last).eval()  # pyright: ignore[reportCallIssue]
    return Trained(model, classes, recipe, facts["bands"], facts, place, dtype, tile_of(recipe))


def usable(model: nn.Module, recipe: Recipe) -> nn.Module:
    """The model for images as they are read, of any size."""
    return model if recipe.data.resize is None else AtSize(model, recipe.data.resize)


def tile_of(recipe: Recipe) -> int:
    """Above which size an image is seen through windows; a resized one never is."""
    return 2**31 if recipe.data.resize is not None else TILE


def recipe_of(checkpoint: Checkpoint, path: Path) -> Recipe:
    """The recipe that a checkpoint carries.

    Raises:
        CheckpointError: If this version cannot read it.
    """
    try:
        return checked(checkpoint.facts["recipe"], "the run's recipe")
    except RecipeError as error:
        raise CheckpointError(
            f"{path} is a run of pixelwise {checkpoint.facts.get('version')}, and this is "
            f"{pixelwise.__version__}, which cannot read its recipe. Use that version. {error}"
        ) from None


def weights_file(path: Path) -> Path:
    """The file that holds a run's best weights.

    Raises:
        CheckpointError: If there is neither a run folder nor a file.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise CheckpointError(f"no run at {path}. Give the folder that `pixelwise train` wrote.")
    folder = RunFolder(path)
    if folder.best.exists():
        return folder.best
    if folder.last.exists():
        return folder.last
    found = sorted(item.name for item in path.iterdir())[:5]
    raise CheckpointError(
        f"{path} is not a run folder: it holds no best.safetensors. Found {', '.join(found) or 'nothing'}. "
        f"Give the folder that `pixelwise train` wrote."
    )


def environment() -> dict[str, Any]:
    """Versions and hardware, without names of machines or people."""
    return {
        "pixelwise": pixelwise.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()
