"""From what was typed to a checked recipe, and the reader where one was made on the way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.reader import Reader
from pixelwise.data.store import Store
from pixelwise.recipe.build import asked, make_reader
from pixelwise.recipe.defaults import default_recipe
from pixelwise.recipe.plain import read_yaml, with_settings
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._prepare import choose_reader
from pixelwise.workflows._talk import Talk


def recipe_for(
    data: str | Path | None,
    recipe: Path | str | None,
    settings: Sequence[str],
    budget: str | None,
    talk: Talk,
) -> tuple[Recipe, Reader | None]:
    """The recipe of a training that was asked for, and its reader if the data had to be looked at.

    Args:
        data: A folder of labelled images, or the word «digits»; with a recipe the folder it is given.
        recipe: A recipe file; None for defaults that suit the data.
        settings: Changes of the recipe.
        budget: Time for all; instead of the recipe's epochs or steps.
        talk: Where is said how the data are read.

    Raises:
        RecipeError: If the recipe cannot run, or there are neither data nor a recipe.
        DataError: If no reader fits the data.
    """
    plain, origin, reader = _asked(data, None if recipe is None else Path(recipe), settings, talk)
    length = [] if budget is None else [f"train.budget={budget}"]
    return asked(plain, [*settings, *length], origin), reader


def first(reader: Reader) -> Sample:
    """A sample to see what the data are like; where the first is damaged, all that are damaged are told."""
    try:
        return reader[0]
    except DataError:
        Store(reader, range(len(reader)), most_bytes=0)
        raise


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
    return default_recipe(choice.model_dump(), first(reader)), "the default recipe", reader
