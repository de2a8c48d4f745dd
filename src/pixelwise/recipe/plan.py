"""A recipe from what data, machine and time are like, each value with its reason."""

from collections.abc import Mapping, Sequence
from textwrap import indent, wrap
from typing import Any

from pixelwise.core.memory import as_text as bytes_text
from pixelwise.recipe.plain import write_text
from pixelwise.recipe.rules import (
    Decision,
    Traits,
    Trial,
    augmentations,
    batch_size,
    choose,
    crop,
    loss,
    parts,
)

_WIDTH = 98


def decisions(
    traits: Traits,
    trials: Sequence[Trial],
    *,
    reader: Mapping[str, Any],
    device: str,
    budget: str,
    seconds: float,
    memory: int,
) -> list[Decision]:
    """The whole recipe, in its order.

    Args:
        traits: Of the data.
        trials: Of candidates, from the lightest to the heaviest.
        reader: Name and parameters.
        device: cpu, cuda or mps.
        budget: As it was typed.
        seconds: The same.
        memory: Bytes there are.

    Raises:
        RecipeError: If no candidate fits.
    """
    batch = batch_size(traits, device)
    model = choose(trials, traits, batch=batch, seconds=seconds, memory=memory)
    chosen = next(trial for trial in trials if dict(trial.candidate.model) == model.value)
    split_in = parts(chosen, batch, memory) or 1
    fits = f"{batch} images a step, {bytes_text(chosen.memory(batch // split_in))} of {bytes_text(memory)}"
    found = [
        Decision("data.reader", dict(reader), "how the data are read."),
        crop(traits, device),
        augmentations(traits, str(reader["name"])),
        model,
        loss(traits),
        Decision("train.budget", budget, "the time that was given; the schedule follows the clock."),
        Decision("train.batch_size", batch, f"{fits}."),
        Decision("train.lr", 2e-3, "for AdamW: it rises for a twentieth of the time, then falls."),
        Decision("train.schedule", "cosine", "down to zero when the budget ends, so that weights settle."),
    ]
    if found[1].value is None:
        found.pop(1)
    else:
        zoom = Decision(
            "data.zoom", [0.6, 1.4], "things come near and far, so they are shown large and small."
        )
        found.insert(2, zoom)
    if split_in > 1:
        found.append(Decision("train.micro_batches", split_in, "a whole batch would not fit into memory."))
    return found


def plain_of(found: Sequence[Decision]) -> dict[str, Any]:
    """The recipe as plain values."""
    plain: dict[str, Any] = {}
    for each in found:
        section, _, key = each.where.partition(".")
        if key:
            plain.setdefault(section, {})[key] = each.value
        else:
            plain[section] = each.value
    return plain


def written(found: Sequence[Decision], headline: Sequence[str]) -> str:
    """The recipe as YAML, the reason above each value."""
    lines = [f"# {line}" for sentence in headline for line in wrap(sentence, _WIDTH) or [""]]
    before = ""
    for each in found:
        section, _, key = each.where.partition(".")
        if key and section != before:
            lines.append(f"{section}:")
        before = section
        shift = "  " if key else ""
        lines += [f"{shift}# {line}" for line in wrap(each.why[:1].upper() + each.why[1:], _WIDTH)]
        lines.append(indent(write_text({key or section: each.value}).rstrip(), shift))
    return "\n".join(lines) + "\n"
