"""pixelwise preflight."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, Settings, door, print_json

UNSOUND = 1


def preflight(
    data: Annotated[
        str | None, typer.Option(help="Folder of labelled images, or the word 'digits' for drawn ones.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe file, YAML. Default: one that suits the data.")
    ] = None,
    settings: Settings = [],  # noqa: B006 typer copies it
    budget: Annotated[str | None, typer.Option(help="Time that the training will have, such as 2h.")] = None,
    out: Annotated[Path, typer.Option(help="Where the run folder will be.")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """Say in a minute or two whether a training is going to work, before it takes hours.

    Example: [bold]pixelwise preflight --data photos/ --budget 2h[/]

    Leaves with code 1 if the training would be wasted.
    """
    from rich.console import Console

    from pixelwise.report.terminal import findings_table
    from pixelwise.workflows.preflight import preflight as look

    with door():
        found = look(data, recipe=recipe, settings=settings, budget=budget, out=out, quiet=as_json)
        if as_json:
            print_json({**asdict(found), "sound": found.sound})
        else:
            rows = [(each.check, each.severity, each.saying, each.advice) for each in found.findings]
            Console().print(findings_table(rows))
        if not found.sound:
            raise typer.Exit(UNSOUND)
