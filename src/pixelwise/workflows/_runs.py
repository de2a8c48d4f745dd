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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import pixelwise
from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.core.files import write_text
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
