"""The command `pixelwise`: one file per command, in the order people meet them."""

import typer

from pixelwise.cli.check import check
from pixelwise.cli.demo import demo
from pixelwise.cli.evaluate import evaluate
from pixelwise.cli.models import models
from pixelwise.cli.predict import predict
from pixelwise.cli.train import train

app = typer.Typer(
    name="pixelwise",
    help="Semantic segmentation: from labelled images to a trained, evaluated and applied model.",
    epilog="Begin with: pixelwise demo    Then: pixelwise train --data MY_FOLDER --budget 10m",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for command in (demo, train, evaluate, predict, check, models):
    app.command()(command)


def main() -> None:
    """Run the command line."""
    app(prog_name="pixelwise")
