"""pixelwise evaluate."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run folder, or one of its .safetensors files.")],
    data: Annotated[str | None, typer.Option(help="Other labelled images of the same classes.")] = None,
    split: Annotated[
        str | None, typer.Option(help="train, val, test or all. Default: test, else val.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="New folder for scores.json and report.html.")] = None,
    boundaries: Annotated[
        bool, typer.Option("--boundaries", help="Score outlines too: boundary F1 and IoU, HD95, distance.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Score a trained model on labelled images.

    Example: [bold]pixelwise evaluate runs/pairs-unet-001 --split test --out scores/[/]
    """
    from pixelwise.cli._scores import print_scores, scores_of
    from pixelwise.workflows.evaluate import evaluate as score

    with door():
        report = score(run, data=data, split=split, out=out, boundaries=boundaries, quiet=as_json)
        if as_json:
            print_json(scores_of(report))
        else:
            print_scores(report)
