"""pixelwise predict."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pixelwise.cli._door import Json, door, print_json


def predict(
    run: Annotated[Path, typer.Argument(help="Run folder, or one of its .safetensors files.")],
    inputs: Annotated[list[str], typer.Argument(help="Image files, folders, or quoted patterns.")],
    out: Annotated[Path, typer.Option(help="Folder for labels/, previews/ and overlays/.")],
    text: Annotated[
        str | None, typer.Option(help="Find what these words mean, with a run of the system language.")
    ] = None,
    task: Annotated[
        Literal["classes", "contents", "instances"],
        typer.Option(help="contents: of vessels; instances: things one by one, with runs of these systems."),
    ] = "classes",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier predictions there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Label images of any size: index PNGs, colour previews, and overlays.

    Example: [bold]pixelwise predict runs/pairs-unet-001 photos/ "more/*.tif" --out predictions[/]
    """
    with door():
        done: Sequence[Any]
        if text is not None:
            from pixelwise.systems.language import find_meant

            done = find_meant(run, inputs, text, out=out, overwrite=overwrite)
        elif task == "contents":
            from pixelwise.systems.hierarchy import find_contents

            done = find_contents(run, inputs, out=out, overwrite=overwrite)
        elif task == "instances":
            from pixelwise.systems.instances import find_instances

            done = find_instances(run, inputs, out=out, overwrite=overwrite)
        else:
            from pixelwise.workflows.predict import predict as label

            done = label(run, inputs, out=out, overwrite=overwrite, quiet=as_json)
        if as_json:
            print_json([asdict(each) for each in done])
