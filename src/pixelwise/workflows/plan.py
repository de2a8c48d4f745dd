"""From labelled images, a time and a memory to a recipe whose every choice is explained."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pixelwise
from pixelwise.core.errors import RecipeError
from pixelwise.core.files import write_text
from pixelwise.core.memory import as_text as bytes_text
from pixelwise.core.memory import bytes_of
from pixelwise.core.times import seconds_of
from pixelwise.engine.precision import Device, choose_device, choose_precision
from pixelwise.engine.preflight.cost import room
from pixelwise.recipe.build import checked, make_reader
from pixelwise.recipe.plan import decisions, plain_of, written
from pixelwise.recipe.rules import Decision, Traits, Trial, batch_size, candidates, crop, steps_given
from pixelwise.workflows._prepare import choose_reader
from pixelwise.workflows._runs import environment
from pixelwise.workflows._talk import Talk
from pixelwise.workflows._traits import traits_of
from pixelwise.workflows._trials import trials

TRYING = 60.0  # seconds for all trials


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe and its reasons.

    Attributes:
        recipe: YAML that `check` and `train` take, a reason above each value.
        decisions: The same, one by one.
        traits: What the data are like.
        trials: What models did on this machine.
    """

    recipe: str
    decisions: tuple[Decision, ...]
    traits: Traits
    trials: tuple[Trial, ...]


def plan(
    data: str | Path,
    *,
    budget: str = "30m",
    memory: str | None = None,
    settings: Sequence[str] = (),
    out: Path | str | None = None,
    device: Device = "auto",
    seconds: float = TRYING,
    quiet: bool = False,
) -> Plan:
    """Look at the data, try models on this machine for a minute, and choose.

    Args:
        data: A folder of labelled images, or the word «digits».
        budget: Time the training will have, such as «30m».
        memory: Most it may use, such as «8G»; None for what is free.
        settings: Settings of `data.reader`, where the data need them.
        out: A new file for the recipe; None writes none.
        device: Where the training will run.
        seconds: Time for the trials.
        quiet: Say nothing on the way.

    Raises:
        RecipeError: If budget or memory are no amounts, nothing fits, or the file is there already.
        DataError: If the data cannot be read.
    """
    talk = Talk(quiet=quiet)
    allowed, most = _amounts(budget, memory)
    if out is not None and Path(out).exists():
        raise RecipeError(f"{out} is there already, and nothing is overwritten. Choose another --out.")
    choice, reason = choose_reader(str(data), settings)
    talk.say(f"data: {data} is read as '{choice.name}': {reason}")
    traits = traits_of(make_reader(choice))
    place, place_reason = choose_device(device)
    dtype, dtype_reason = choose_precision(place)
    room_here = room(place)
    most = room_here if most is None else min(most, room_here)
    batch, window = batch_size(traits, place.type), crop(traits, place.type).value
    tried = trials(
        candidates(traits),
        traits,
        size=(traits.rows, traits.columns) if window is None else tuple(window),
        batch=batch,
        budget=allowed,
        seconds=seconds,
        device=place,
        dtype=dtype,
        talk=talk,
    )
    found = decisions(
        traits,
        tried,
        reader=choice.model_dump(),
        device=place.type,
        budget=budget,
        seconds=allowed,
        memory=most,
    )
    checked(plain_of(found), "the plan")
    machine = f"{environment()['processor']}; {place_reason}; {dtype_reason}; {bytes_text(most)} of memory"
    text = written(found, _headline(traits, tried, batch, budget, allowed, machine))
    if out is not None:
        write_text(Path(out), text)
        talk.say(f"recipe: {out}. To train: pixelwise train --recipe {out}")
    return Plan(text, tuple(found), traits, tuple(tried))


def _amounts(budget: str, memory: str | None) -> tuple[float, int | None]:
    """Seconds and bytes.

    Raises:
        RecipeError: If one is none.
    """
    try:
        return seconds_of(budget), None if memory is None else bytes_of(memory)
    except ValueError as error:
        raise RecipeError(str(error)) from None


def _headline(
    traits: Traits, tried: Sequence[Trial], batch: int, budget: str, seconds: float, machine: str
) -> list[str]:
    """What was seen, before the first value of the recipe."""
    size = f"{traits.rows}×{traits.columns}" if traits.alike else f"about {traits.rows}×{traits.columns}"
    bands = f"{traits.bands} band{'s' * (traits.bands != 1)}"
    lines = [
        f"Planned by pixelwise {pixelwise.__version__} for {budget}. Machine: {machine}.",
        f"Data: {traits.images} images to learn from, {size} (rows×columns), {bands}.",
    ]
    rows = zip(traits.classes, traits.shares, traits.thickness, traits.objects, strict=True)
    for name, share, thick, across in rows:
        told = "no object found" if across is None else f"parts {across:.0f} pixels across, {thick:.0f} thick"
        lines.append(f"  {name}: {share:.2%} of the pixels; {told}")
    lines.append(f"Tried, with {batch} images a step:")
    lines += [
        f"  {trial.candidate.words}: {trial.images_per_second:.1f} images/s, "
        f"{bytes_text(trial.memory(batch))}, {steps_given(trial, batch, seconds)} steps in the budget"
        for trial in tried
    ]
    return [*lines, *_busy()]


def _busy() -> list[str]:
    """A word on other work that made the trials slower than a quiet machine would be."""
    load, cores = os.getloadavg()[0], environment()["cores"]
    if load <= cores + 1:
        return []
    return [f"The machine was busy (load {load:.1f} on {cores} cores): a quiet one is faster than this."]
