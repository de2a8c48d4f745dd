"""What every command does at the door: our errors become one message and exit code 2."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from pixelwise.core.errors import PixelwiseError

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON to stdout; say nothing else.")]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change any field of the recipe: train.lr=0.0003, loss.0.name=dice.",
    ),
]


@contextmanager
def door() -> Generator[None, None, None]:
    """Tell errors that were raised on purpose and leave with code 2; others are our bugs and stay."""
    try:
        yield
    except PixelwiseError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def print_json(plain: Any) -> None:
    """One JSON value to stdout, from the first process only."""
    if os.environ.get("RANK", "0") == "0":
        typer.echo(json.dumps(plain, indent=1, default=str))
