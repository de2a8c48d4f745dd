"""The models a server has: opened once, each under a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, PixelwiseError, raise_faults
from pixelwise.serve.limits import Limits
from pixelwise.workflows.corrections import Corrections, fits, open_corrections
from pixelwise.workflows.trained import Trained, load_trained


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A model behind its name.

    Attributes:
        name: Of its folder, made unique.
        trained: The model.
        corrections: Where corrected labels go; None where none are taken.
    """

    name: str
    trained: Trained
    corrections: Corrections | None = None

    def told(self, limits: Limits) -> dict[str, Any]:
        """What clients need to know of it."""
        classes = self.trained.classes
        rows = zip(classes.names, classes.colours, strict=True)
        return {
            "name": self.name,
            "title": f"{self.name} ({self.trained.recipe.model.name})",
            "classes": [
                {"index": index, "name": name, "colour": list(colour)}
                for index, (name, colour) in enumerate(rows)
            ],
            "exclusive": classes.exclusive,
            "bands": self.trained.bands,
            "ignore": IGNORE_INDEX,
            "scores": _plain(self.trained.contract.scores) or None,
            "limits": {"bytes": limits.content, "pixels": limits.pixels},
            "corrections": self.corrections is not None,
        }


def open_models(paths: Sequence[Path], corrections: Path | None = None) -> list[Served]:
    """The models of run folders or bundles; corrections of several go into a folder each.

    Raises:
        DataError: Telling every model that cannot be opened, or a folder of corrections of other classes.
    """
    names = _names(paths)
    opened: list[Served] = []
    faults: list[str] = []
    for name, path in zip(names, paths, strict=True):
        try:
            trained = load_trained(path)
            folder = corrections / name if corrections is not None and len(paths) > 1 else corrections
            taken = folder is not None and fits(trained.classes)
            kept = open_corrections(folder, trained.classes) if folder is not None and taken else None
        except PixelwiseError as error:
            faults.append(str(error))
        else:
            opened.append(Served(name, trained, kept))
    raise_faults(DataError, f"{len(faults)} of {len(paths)} models cannot be served:", faults)
    return opened


def _names(paths: Sequence[Path]) -> list[str]:
    """Names of the run folders, also of files in them; a second one of a name gets a number."""
    names: list[str] = []
    for path in paths:
        plain = _plain_name(path.resolve())
        own, number = plain, 1
        while own in names:
            number += 1
            own = f"{plain}-{number}"
        names.append(own)
    return names


def _plain_name(path: Path) -> str:
    """The run folder's name; that of an export lies two folders above, and its own says which one it is."""
    if path.is_dir():
        return path.name
    if path.parent.parent.name == "exports":
        return f"{path.parent.parent.parent.name}-{path.parent.name}"
    return path.parent.name if path.stem in {"best", "last", "model"} else path.stem


def _plain(scores: Mapping[str, float]) -> dict[str, float | None]:
    """Scores by name without their split; of several splits the last, on which the run was judged."""
    return {name.split()[-1]: score if isfinite(score) else None for name, score in scores.items()}
