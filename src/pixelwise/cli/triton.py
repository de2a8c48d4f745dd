"""pixelwise triton."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def triton(
    run: Annotated[Path, typer.Argument(help="Run folder, one of its .safetensors files, or a bundle.")],
    folder: Annotated[Path, typer.Argument(help="Model repository; made if it is not there.")],
    name: Annotated[str | None, typer.Option(help="Of the model. Default: that of the run.")] = None,
    data: Annotated[Path | None, typer.Option(help="Other labelled images for the certificate.")] = None,
    as_json: Json = False,
) -> None:
    """Write a model repository for Triton or KServe, for those who outgrow one process.

    Example: [bold]pixelwise triton runs/pairs-unet-001 repository[/]
    """
    with door():
        from pixelwise.workflows.triton import triton as write

        made = write(run, folder, name=name, data=data, quiet=as_json)
        if as_json:
            print_json({"model": made})
