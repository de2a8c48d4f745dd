"""Whether a recipe is sound, without running it."""

from collections.abc import Sequence
from pathlib import Path

from pixelwise.recipe.build import asked
from pixelwise.recipe.plain import read_yaml
from pixelwise.recipe.recipe import Recipe


def check(recipe: Path | str, *, settings: Sequence[str] = ()) -> Recipe:
    """The recipe, every default written out, every name and parameter looked up; no data are read.

    Raises:
        RecipeError: If it cannot run; every fault is told.
    """
    return asked(read_yaml(Path(recipe)), settings, str(recipe))
