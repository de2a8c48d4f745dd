"""pixelwise label-views."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, door, print_json


def label_views(
    scene: Annotated[
        Path, typer.Argument(help="JSON with classes, views (cameras) and labelled 3-D points.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for labels/ and overlays/.")],
    side: Annotated[int, typer.Option(help="Pixels between superpixels.", min=2)] = 16,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
    as_json: Json = False,
) -> None:
    """Label a few 3-D points once, get labelled photographs of all views.

    Example: [bold]pixelwise label-views scene.json --out labelled[/]
    """
    with door():
        from pixelwise.systems.multiview import label_files

        files = label_files(scene, out=out, side=side, overwrite=overwrite)
        if as_json:
            print_json(files)
        else:
            typer.echo(f"{len(files)} photographs labelled: {out}")
