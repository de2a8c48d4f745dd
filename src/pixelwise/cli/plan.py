"""pixelwise plan."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from pixelwise.cli._door import Json, Settings, door, print_json


def plan(
    data: Annotated[str, typer.Argument(help="Folder of labelled images, or the word 'digits'.")],
    budget: Annotated[str, typer.Option(help="Time the training will have, such as 90s, 30m or 2h.")] = "30m",
    memory: Annotated[
        str | None, typer.Option(help="Most memory it may use, such as 8G. Default: what is free.")
    ] = None,
    settings: Settings = [],  # noqa: B006 typer copies it
    out: Annotated[Path | None, typer.Option(help="New file for the recipe. Default: it is printed.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where the training will run.")
    ] = "auto",
    as_json: Json = False,
) -> None:
    """Look at the data, try models on this machine for a minute, and write a recipe with its reasons.

    Example: [bold]pixelwise plan photos/ --budget 30m --memory 8G --out recipe.yaml[/]
    """
    from pixelwise.workflows.plan import plan as make

    with door():
        found = make(
            data, budget=budget, memory=memory, settings=settings, out=out, device=device, quiet=as_json
        )
        if as_json:
            print_json(asdict(found))
        elif out is None:
            typer.echo(found.recipe, nl=False)
