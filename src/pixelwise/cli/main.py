"""The command `pixelwise`: one file per command, in the order people meet them."""

import typer

from pixelwise.cli.check import check
from pixelwise.cli.convert import convert
from pixelwise.cli.crf import crf
from pixelwise.cli.demo import demo
from pixelwise.cli.evaluate import evaluate
from pixelwise.cli.export import export
from pixelwise.cli.inspect import inspect
from pixelwise.cli.label_views import label_views
from pixelwise.cli.models import models
from pixelwise.cli.plan import plan
from pixelwise.cli.predict import predict
from pixelwise.cli.preflight import preflight
from pixelwise.cli.serve import serve
from pixelwise.cli.split import split
from pixelwise.cli.systems import systems
from pixelwise.cli.tile import tile
from pixelwise.cli.train import train
from pixelwise.cli.triton import triton

app = typer.Typer(
    name="pixelwise",
    help="Semantic segmentation: from labelled images to a trained, evaluated and applied model.",
    epilog="Begin with: pixelwise demo    Then: pixelwise train --data MY_FOLDER --budget 10m",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for command in (
    demo,
    inspect,
    plan,
    preflight,
    train,
    evaluate,
    predict,
    export,
    triton,
    serve,
    check,
    models,
    split,
    tile,
    convert,
    systems,
    crf,
    label_views,
):
    app.command()(command)


def main() -> None:
    """Run the command line."""
    app(prog_name="pixelwise")
