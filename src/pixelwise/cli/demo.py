"""pixelwise demo."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door
from pixelwise.cli.train import tell


def demo(
    out: Annotated[
        Path | None, typer.Option(help="Run folder, new or empty. Default: the next under runs/.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a small net on drawn digits, in under a minute, and make a report to look at.

    Example: [bold]pixelwise demo[/]
    """
    from pixelwise.workflows.demo import demo as run

    with door():
        tell(run(out=out, quiet=as_json), as_json=as_json)
