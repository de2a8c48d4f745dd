"""pixelwise convert."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import Json, Settings, door, print_json


def convert(
    source: Annotated[str, typer.Argument(help="Folder of labelled images, in any form that train reads.")],
    out: Annotated[Path, typer.Argument(help="Folder to write, new or empty.")],
    to: Annotated[
        str,
        typer.Option(help="pairs, coco, voc, labelme, cvat, label_studio, yolo or geotiff."),
    ],
    settings: Settings = [],  # noqa: B006 typer copies it
    workers: Annotated[int, typer.Option(min=1, help="Threads that read.")] = 2,
    as_json: Json = False,
) -> None:
    """Write labelled images in the form of another tool, and say what that form cannot say.

    Example: [bold]pixelwise convert photos/ for_cvat/ --to cvat[/]

    Shapes stay shapes, masks are traced exactly, image files are kept as they are.
    """
    from pixelwise.workflows.convert import WRITERS
    from pixelwise.workflows.convert import convert as write

    spellings = {name.replace("_", ""): name for name in WRITERS.names()}
    with door():
        form = spellings.get(to.replace("_", "").replace("-", ""), to)  # labelstudio, label-studio
        done = write(source, out, to=form, settings=settings, workers=workers, quiet=as_json)
        if as_json:
            print_json(asdict(done))
