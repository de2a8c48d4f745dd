"""Whether a training is going to work, in a minute or two, before it takes hours."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from pixelwise.core.errors import RecipeError, raise_faults
from pixelwise.core.times import as_text
from pixelwise.data.reader import Reader
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.precision import choose_device, choose_precision
from pixelwise.engine.preflight.findings import Finding
from pixelwise.engine.processes import world
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._asked import recipe_for
from pixelwise.workflows._look import WHOLE, allowed, look
from pixelwise.workflows._prepare import Prepared, prepare, with_class_weights
from pixelwise.workflows._talk import Talk


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found before a training.

    Attributes:
        findings: Of each check, in the order in which to read them.
        seconds: What the checks took, reading the data left out.
    """

    findings: tuple[Finding, ...]
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether nothing was found that would waste the training."""
        return all(finding.severity != "fault" for finding in self.findings)


def preflight(
    data: str | Path | None = None,
    *,
    recipe: Path | str | None = None,
    settings: Sequence[str] = (),
    budget: str | None = None,
    out: Path | str = "runs",
    seconds: float = WHOLE,
    quiet: bool = False,
) -> Preflight:
    """Make every check of a training that is asked for as `train` is; nothing is written.

    Args:
        data: A folder of labelled images, or the word «digits».
        recipe: A recipe file; None for defaults that suit the data.
        settings: Changes of the recipe such as `train.lr=0.0003`.
        budget: Time the training will have.
        out: Where its run folder will be, for the room on that disk.
        seconds: Most that the checks may take once the data are read.
        quiet: Say nothing on the way.

    Raises:
        PixelwiseError: With all faults of the recipe or the data.
    """
    talk = Talk(quiet=quiet)
    asked, reader = recipe_for(data, recipe, settings, budget, talk)
    keep_memory()
    device, device_reason = choose_device(asked.train.device)
    dtype, dtype_reason = choose_precision(device, asked.train.precision)
    talk.say(f"device: {device_reason}; precision: {dtype_reason}")
    reader = make_reader(asked.data.reader) if reader is None else reader
    prepared = prepare(asked, talk, reader)
    asked = with_class_weights(asked, prepared, talk)
    began = time.monotonic()
    found = look(
        asked, prepared, reader, Path(out),
        device=device, dtype=dtype, talk=talk, seconds=seconds, thorough=True,
    )  # fmt: skip
    return Preflight(tuple(found), time.monotonic() - began)


def before_training(
    recipe: Recipe,
    data: Prepared,
    reader: Reader,
    folder: Path,
    *,
    device: torch.device,
    dtype: torch.dtype | None,
    talk: Talk,
) -> Prepared:
    """The short look that `train` takes: at most a twentieth of its time and twenty seconds.

    Returns:
        The data, the warnings among their notes.

    Raises:
        RecipeError: If the training would be wasted.
    """
    seconds = allowed(recipe, len(data.stores["train"]) / recipe.train.batch_size)
    if not seconds or world() > 1:  # a look by itself in each process would wait for the others for ever
        return data
    began = time.monotonic()
    found = look(
        recipe, data, reader, folder, device=device, dtype=dtype, talk=talk, seconds=seconds, thorough=False
    )  # fmt: skip
    warnings = [_told(finding) for finding in found if finding.severity == "warning"]
    faults = [_told(finding) for finding in found if finding.severity == "fault"]
    forecast = next((finding.saying for finding in found if finding.check == "time"), "")
    made = sum(finding.severity != "untried" for finding in found)
    talk.say(f"preflight: {made} checks in {as_text(time.monotonic() - began)}. {forecast}")
    for warning in warnings:
        talk.say(f"  warning: {warning}")
    raise_faults(RecipeError, "this training would be wasted (--no-preflight trains all the same):", faults)
    return replace(data, notes=[*data.notes, *(f"preflight: {warning}" for warning in warnings)])


def _told(finding: Finding) -> str:
    return f"{finding.check}: {finding.saying} {finding.advice[:1].upper()}{finding.advice[1:]}"
