"""pixelwise train."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelwise.cli._door import Json, Settings, door, print_json
from pixelwise.core.errors import RecipeError

if TYPE_CHECKING:
    from pixelwise.workflows.train import Run

INTERRUPTED = 130


def train(
    data: Annotated[
        str | None, typer.Option(help="Folder of labelled images, or the word 'digits' for drawn ones.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe file, YAML. Default: one that suits the data.")
    ] = None,
    settings: Settings = [],  # noqa: B006 typer copies it
    budget: Annotated[
        str | None, typer.Option(help="Time for everything, such as 90s, 10m or 1h30m.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder, new or empty. Default: the next under runs/.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Run folder to go on with, exactly where it stopped.")
    ] = None,
    no_preflight: Annotated[
        bool,
        typer.Option("--no-preflight", help="Begin at once, without looking first whether it will work."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model on labelled images, judge it, and write a run folder with a report.

    Example: [bold]pixelwise train --data photos/ --budget 10m[/]

    On several GPUs or hosts: [bold]torchrun --nproc-per-node 2 -m pixelwise train --data photos/[/]
    """
    from pixelwise.workflows.train import resume as go_on
    from pixelwise.workflows.train import train as run

    with door():
        if resume is None:
            done = run(
                data,
                recipe=recipe,
                settings=settings,
                budget=budget,
                out=out,
                preflight=not no_preflight,
                quiet=as_json,
            )
        elif data is None and recipe is None and budget is None and out is None and not settings:
            done = go_on(resume, quiet=as_json)
        else:
            raise RecipeError(
                "--resume goes on with the run's own recipe and data. Leave the other options out."
            )
        tell(done, as_json=as_json)


def tell(run: "Run", *, as_json: bool) -> None:
    """Print what a training came to; an interrupted one leaves with code 130."""
    from pixelwise.cli._scores import print_scores, scores_of

    if as_json:
        scores = None if run.report is None else scores_of(run.report)
        print_json({"run": str(run.folder), "finished": run.report is not None, "report": scores})
    elif run.report is not None:
        print_scores(run.report)
    if run.report is None:
        raise typer.Exit(INTERRUPTED)
