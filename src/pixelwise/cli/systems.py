"""pixelwise systems."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def systems(
    name: Annotated[str | None, typer.Argument(help="Which one. Left out: list them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run every one of them.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Reduced: fewer steps, one seed.")] = False,
    seeds: Annotated[int, typer.Option(help="How many seeds.", min=1)] = 3,
    out: Annotated[Path | None, typer.Option(help="Folder for numbers and pictures.")] = None,
    teach: Annotated[
        Path | None, typer.Option(help="Train this system instead, and keep it in this folder for predict.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="With --teach: what to learn; drawn scenes if not.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Methods that learn from less: each with the experiment that shows what it is worth.

    Example: [bold]pixelwise systems weak --quick[/]
    """
    with door():
        from pixelwise.cli._systems import catalog, list_all, run, taught

        if name is None and not every:
            list_all(as_json=as_json)
            return
        if teach is not None:
            file = taught(name, teach, data)
            typer.echo(json.dumps({"model": str(file)}) if as_json else f"kept: {file}")
            return
        chosen = catalog().names() if every or name is None else [name]
        found = [
            run(each, seeds=range(1 if quick else seeds), quick=quick, out=out, quiet=as_json)
            for each in chosen
        ]
        if as_json:
            print_json(
                [{"system": each.system, "margins": [m.holds for m in each.margins]} for each in found]
            )
        if not all(margin.holds for each in found for margin in each.margins):
            raise typer.Exit(1)
