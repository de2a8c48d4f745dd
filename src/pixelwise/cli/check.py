"""pixelwise check."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, Settings, door, print_json


def check(
    recipe: Annotated[Path, typer.Argument(help="Recipe file, YAML.")],
    settings: Settings = [],  # noqa: B006 typer copies it
    as_json: Json = False,
) -> None:
    """Say whether a recipe is sound, without reading data or running it.

    Example: [bold]pixelwise check recipes/camvid.yaml --set train.lr=0.001[/]
    """
    from pixelwise.workflows.check import check as look

    with door():
        sound = look(recipe, settings=settings)
        if as_json:
            print_json(sound.plain())
        else:
            typer.echo(sound.to_yaml(), nl=False)
