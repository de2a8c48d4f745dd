"""pixelwise tile."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from pixelwise.cli._door import Json, door, print_json


def tile(
    source: Annotated[
        Path, typer.Argument(help="A raster, a folder of them, or a folder of images and masks.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the tiles, new or empty.")],
    size: Annotated[int, typer.Option(min=1, help="Rows and columns of a tile.")] = 1024,
    stride: Annotated[
        int | None, typer.Option(min=1, help="Pixels from one tile to the next. Default: the size.")
    ] = None,
    partial: Annotated[
        Literal["drop", "pad", "shift"],
        typer.Option(help="What becomes of tiles that reach beyond the image."),
    ] = "drop",
    form: Annotated[
        Literal["png", "jpg", "tif"], typer.Option("--format", help="Of the images; jpg loses detail.")
    ] = "png",
    masks: Annotated[Path | None, typer.Option(help="Folder of the masks, or the mask of one image.")] = None,
    names: Annotated[
        Literal["tutorial", "folders"],
        typer.Option(help="a_0.png and a_0_m.png in one folder, or a_0.png in images/ and masks/."),
    ] = "tutorial",
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of jpg.")] = 95,
    ignore: Annotated[int | None, typer.Option(help="Value with which masks are padded.")] = None,
    skip_empty: Annotated[
        bool, typer.Option("--skip-empty", help="Leave out tiles in which nothing was measured.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads. Default: one a core.")] = None,
    as_json: Json = False,
) -> None:
    """Cut rasters of any size, and their masks alike, into tiles to train on.

    Example: [bold]pixelwise tile images/ --masks masks/ --out tiles --size 512[/]

    The same call again goes on where an interrupted one stood.
    """
    from pixelwise.workflows.tile import tile as cut

    with door():
        done = cut(
            source,
            out=out,
            size=size,
            stride=stride,
            partial=partial,
            form=form,
            masks=masks,
            names=names,
            quality=quality,
            ignore=ignore,
            skip_empty=skip_empty,
            workers=workers,
            quiet=as_json,
        )
        if as_json:
            print_json(asdict(done))
