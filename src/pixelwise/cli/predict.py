"""pixelwise predict."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def predict(
    run: Annotated[Path, typer.Argument(help="Run folder, or one of its .safetensors files.")],
    inputs: Annotated[list[str], typer.Argument(help="Image files, folders, or quoted patterns.")],
    out: Annotated[Path, typer.Option(help="Folder for labels/, previews/ and overlays/.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier predictions there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Label images of any size: index PNGs, colour previews, and overlays.

    Example: [bold]pixelwise predict runs/pairs-unet-001 photos/ "more/*.tif" --out predictions[/]
    """
    from dataclasses import asdict

    from pixelwise.workflows.predict import predict as label

    with door():
        done = label(run, inputs, out=out, overwrite=overwrite, quiet=as_json)
        if as_json:
            print_json([asdict(each) for each in done])
