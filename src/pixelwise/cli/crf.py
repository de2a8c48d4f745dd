"""pixelwise crf."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def crf(
    run: Annotated[Path, typer.Argument(help="Run folder, one of its .safetensors files, or a bundle.")],
    data: Annotated[Path | None, typer.Option(help="Other labelled images than the run's own.")] = None,
    images: Annotated[int, typer.Option(help="How many validation images choose.", min=1)] = 30,
    as_json: Json = False,
) -> None:
    """Find the parameters of the fully connected CRF that serve a model best, and what they gain.

    Example: [bold]pixelwise crf runs/pairs-unet-001[/]
    """
    with door():
        from pixelwise.workflows.search_crf import search_crf

        found = search_crf(run, data=data, images=images, quiet=as_json)
        if as_json:
            print_json(asdict(found))
