"""The contract of a run: what its checkpoint and its scores say, put in order."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixelwise.core.classes import Classes
from pixelwise.export.contract import Band, Contract
from pixelwise.models._licences import licence_of
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._runs import RunFolder

_TOLD = ("mean_iou", "mean_dice", "pixel_accuracy")


def contract_of(facts: Mapping[str, Any], recipe: Recipe, folder: Path | None) -> Contract:
    """What a checkpoint promises.

    Args:
        facts: Of the checkpoint; those of a bundle hold their contract.
        recipe: What it was trained by.
        folder: The run folder, for the scores; None if there is none.
    """
    if "contract" in facts:
        return Contract.of_plain(facts["contract"], "the bundle")
    unknown = [None] * facts["bands"]
    measured = (facts["mean"], facts["std"], facts.get("low", unknown), facts.get("high", unknown))
    metres = facts.get("metres")
    return Contract(
        classes=Classes.from_dict(facts["classes"]),
        bands=tuple(Band(*band) for band in zip(*measured, strict=True)),
        metres=None if metres is None else (metres[0], metres[1]),
        resize=recipe.data.resize,
        form=None,
        recipe=recipe.plain(),
        data=facts["data"],
        licences=_licences(recipe),
        scores=_scores(facts, folder),
        version=facts["version"],
    )


def _licences(recipe: Recipe) -> dict[str, str]:
    """Of the weights that the model began with; those from a file are somebody's own."""
    weights = recipe.model.params.get("weights")
    if weights is None:
        return {}
    found = licence_of(recipe.model.name, recipe.model.params)
    return {str(weights): "see where the file is from" if found is None else found}


def _scores(facts: Mapping[str, Any], folder: Path | None) -> dict[str, float]:
    best = facts.get("standing", {}).get("best_score", -1.0)
    scores = {"val mean_iou": best} if best >= 0 else {}
    file = None if folder is None else RunFolder(folder).scores
    if file is None or not file.is_file():
        return scores
    told = json.loads(file.read_text(encoding="utf-8"))
    found = {f"{told['split']} {name}": told["scores"].get(name) for name in _TOLD}
    return scores | {name: value for name, value in found.items() if value is not None}
