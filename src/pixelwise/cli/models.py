"""pixelwise models."""

from typing import TYPE_CHECKING, Annotated

import typer

from pixelwise.cli._door import Json, door, print_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pixelwise.workflows.models import Model


def models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Show the options of these. Default: a list of all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the models with their size and the licence of their weights, or the options of some.

    Example: [bold]pixelwise models[/]    One of them: [bold]pixelwise models unet[/]
    """
    from dataclasses import asdict

    from rich.console import Console

    from pixelwise.workflows.models import models as look

    with door():
        found = look(names or (), quiet=as_json)
        if as_json:
            print_json([asdict(model) for model in found])
            return
        for part in [_page(model) for model in found] if names else [_list(found)]:
            Console().print(part)


def _list(models: "list[Model]") -> "RenderableType":
    from rich.table import Table

    from pixelwise.workflows.models import CLASSES, SIDE

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Model", no_wrap=True)
    for title in ("Parameters", "GFLOP", "Stride"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Weights")
    table.add_column("About", ratio=1)
    table.caption = (
        f"Default options, {CLASSES} classes. GFLOP for one image of {SIDE}×{SIDE}; images are padded to "
        "multiples of the stride. Weights: licence of those that weights=pretrained downloads."
    )
    table.caption_justify = "left"
    for model in models:
        table.add_row(model.name, *_size(model), model.licence or "–", model.about)
    return table


def _size(model: "Model") -> tuple[str, str, str]:
    if model.size is None:
        return f"needs extra {model.needs}", "–", "–"
    return f"{model.size.parameters / 1e6:.2f} M", f"{model.size.gflop:.1f}", str(model.size.stride)


def _page(model: "Model") -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parameters, gflop, stride = _size(model)
    facts = f"{parameters} parameters, {gflop} GFLOP, stride {stride}" if model.size else parameters
    options = Table(box=None, pad_edge=False, header_style="dim")
    options.add_column("Option", no_wrap=True)
    options.add_column("Default", overflow="fold")
    options.add_column("May be", overflow="fold")
    options.add_column("About", ratio=1)
    for option in model.options:
        default = "required" if option.required else "–" if option.default is None else str(option.default)
        options.add_row(option.name, Text(default), Text(option.kind), Text(option.about))
    return Group(Text(model.name, style="bold"), Text(model.about), Text(facts, style="dim"), "", options, "")
