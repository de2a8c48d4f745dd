"""pixelwise split."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelwise.cli._door import Json, Settings, door, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from pixelwise.workflows.split import Splitting


def split(
    data: Annotated[str, typer.Argument(help="Folder of labelled images.")],
    val: Annotated[float, typer.Option(help="Share to choose the best weights by.")] = 0.15,
    test: Annotated[float, typer.Option(help="Share to be judged on; 0 for none.")] = 0.15,
    by: Annotated[
        str,
        typer.Option(
            help="auto, name, folder, time, place, block, none, or a pattern whose first group is the group."
        ),
    ] = "auto",
    block: Annotated[
        str | None, typer.Option(help="Side of blocks on the map, as 500m or 2048px. Default: by the data.")
    ] = None,
    buffer: Annotated[
        str | None,
        typer.Option(help="Least distance of two parts on the map, as 100m or 512px. Default: no touching."),
    ] = None,
    stratify: Annotated[bool, typer.Option(help="Give each part its share of every class.")] = True,
    folds: Annotated[int | None, typer.Option(help="Folds for cross-validation instead of one val.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same split.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="The split file. Default: split.yaml in DATA, where train finds it.")
    ] = None,
    settings: Settings = [],  # noqa: B006 typer copies it
    as_json: Json = False,
) -> None:
    """Part images into train, val and test so that nothing leaks from one to the other.

    Views of one thing, frames of one video, tiles of one raster and near-duplicates stay together. Where that
    leaves too few groups, images on a map are cut into blocks, and those between two parts are left out.

    Example: [bold]pixelwise split photos/ --by folder --out split.yaml[/]
    Example: [bold]pixelwise split tiles/ --block 500m --buffer 100m[/]
    Then: [bold]pixelwise train --data photos/ --set data.split=split.yaml[/]
    """
    from dataclasses import asdict

    from rich.console import Console

    from pixelwise.workflows.split import split as draw

    with door():
        done = draw(
            data,
            val=val,
            test=test,
            by=by,
            block=block,
            buffer=buffer,
            stratify=stratify,
            folds=folds,
            seed=seed,
            out=out,
            settings=settings,
            quiet=as_json,
        )
        if as_json:
            print_json(asdict(done))
        else:
            Console().print(_table(done))


def _table(done: "Splitting") -> "Table":
    from rich.table import Table

    left = f"; {done.left_out} images between the parts are left out" if done.left_out else ""
    caption = f"{done.reason}{left}\npicture: {done.picture}"
    table = Table(title=f"grouped by {done.rule}", caption=caption, highlight=False)
    table.add_column("")
    for name in done.parts:
        table.add_column(name, justify="right")
    table.add_row("images", *(str(part.images) for part in done.parts.values()))
    table.add_row("groups", *(str(part.groups) for part in done.parts.values()), end_section=True)
    for name in next(iter(done.parts.values())).shares:
        table.add_row(name, *(f"{part.shares[name]:.2%}" for part in done.parts.values()))
    return table
