"""pixelwise export."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pixelwise.cli._door import Json, door, print_json
from pixelwise.core.errors import RecipeError
from pixelwise.export.form import Bits, Gives, Pixels

if TYPE_CHECKING:
    from pixelwise.workflows.export import Delivery
    from pixelwise.workflows.fastest import Tried

_SIZE = "Fixed rows,columns such as 512,512. Default: any, where the target can; else the size of the images."


def export(
    run: Annotated[Path, typer.Argument(help="Run folder, one of its .safetensors files, or a bundle.")],
    to: Annotated[
        str | None, typer.Option(help="onnx, openvino, litert, executorch, torch or bundle.")
    ] = None,
    target: Annotated[
        Literal["cpu"] | None, typer.Option(help="Try all that is installed; keep the fastest that agrees.")
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Whole numbers, from the validation images.")] = False,
    fp16: Annotated[bool, typer.Option("--fp16", help="Half precision.")] = False,
    bf16: Annotated[bool, typer.Option("--bf16", help="bfloat16.")] = False,
    out: Annotated[Path | None, typer.Option(help="New folder. Default: RUN/exports/TO-BITS.")] = None,
    size: Annotated[str | None, typer.Option(help=_SIZE)] = None,
    batch: Annotated[int | None, typer.Option(help="Images at once. Default: any, or one.", min=1)] = None,
    pixels: Annotated[Pixels, typer.Option(help="float as read, or uint8 scaled inside.")] = "float",
    gives: Annotated[Gives, typer.Option(help="What is decided inside.")] = "logits",
    data: Annotated[Path | None, typer.Option(help="Other labelled images to compare on.")] = None,
    images: Annotated[int, typer.Option(help="How many images to compare on.", min=1)] = 50,
    agree: Annotated[float | None, typer.Option(help="Pixels that must agree, in %.", min=0, max=100)] = None,
    lose: Annotated[float, typer.Option(help="Mean IoU points that may be lost.", min=0)] = 0.5,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier export.")] = False,
    as_json: Json = False,
) -> None:
    """Write a model for another runtime, with a certificate that it says the same.

    Example: [bold]pixelwise export runs/pairs-unet-001 --to onnx --int8[/]

    Then: [bold]pixelwise predict runs/pairs-unet-001/exports/onnx-int8/model.onnx photos/ --out out[/]
    """
    with door():
        if (to is None) == (target is None):
            raise RecipeError("it is not clear where to. Give --to NAME, or --target cpu for the fastest.")
        if to == "bundle":
            _bundle(run, out, overwrite=overwrite, as_json=as_json)
            return
        if to is None:
            _fastest(run, out, data, lose / 100, overwrite=overwrite, as_json=as_json)
            return
        from pixelwise.workflows.export import export as leave

        done = leave(
            run,
            to=to,
            bits=_bits(int8=int8, float16=fp16, bfloat16=bf16),
            out=out,
            size=None if size is None else _sides(size),
            batch=batch,
            pixels=pixels,
            gives=gives,
            data=data,
            images=images,
            agree=None if agree is None else agree / 100,
            lose=lose / 100,
            overwrite=overwrite,
            quiet=as_json,
        )
        _tell(done, as_json=as_json)


def _bits(*, int8: bool, float16: bool, bfloat16: bool) -> Bits:
    asked: dict[Bits, bool] = {"int8": int8, "float16": float16, "bfloat16": bfloat16}
    chosen: list[Bits] = [bits for bits, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise RecipeError(f"a model computes in one precision. Found {' and '.join(chosen)}. Choose one.")
    return chosen[0] if chosen else "float32"


def _sides(size: str) -> tuple[int, int]:
    sides = [side.strip() for side in size.replace("x", ",").split(",")]
    if len(sides) != 2 or not all(side.isdigit() and int(side) for side in sides):
        raise RecipeError(f"--size {size!r} is no size. Give rows,columns such as 512,512.")
    return int(sides[0]), int(sides[1])


def _tell(done: "Delivery", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    from rich.console import Console
    from rich.table import Table

    parity = done.parity
    table = Table("", "original", "export", box=None, header_style="dim")
    table.add_row("mean IoU", *(f"{score:.4f}" for score in parity.mean_iou))
    table.add_row("ms an image", *(f"{1000 * seconds:.1f}" for seconds in parity.seconds))
    table.add_row("MB", *(f"{size / 1e6:.2f}" for size in parity.bytes))
    Console().print(table)
    typer.echo(
        f"{parity.agreement:.3%} of pixels of {parity.images} images agree; least in {parity.worst.name}, "
        f"{parity.worst.agreement:.3%}: {done.picture}"
    )
    typer.echo(f"model: {done.model}\ncertificate: {done.certificate}")


def _bundle(run: Path, out: Path | None, *, overwrite: bool, as_json: bool) -> None:
    from pixelwise.workflows.bundle import bundle

    file = bundle(run, out=out, overwrite=overwrite, quiet=as_json)
    if as_json:
        print_json({"model": file})


def _fastest(
    run: Path, out: Path | None, data: Path | None, lose: float, *, overwrite: bool, as_json: bool
) -> None:
    from pixelwise.workflows.fastest import fastest

    best, tried = fastest(run, out=out, data=data, lose=lose, overwrite=overwrite, quiet=as_json)
    if as_json:
        print_json({"fastest": asdict(best), "tried": [asdict(each) for each in tried]})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Target", "Bits", "Gain", "ms an image", "Mean IoU", "MB", box=None, header_style="dim")
    for each in tried:
        table.add_row(*_row(each))
    Console().print(table)
    typer.echo(f"kept: {best.model}")


def _row(tried: "Tried") -> tuple[str, ...]:
    if tried.delivery is None:
        return tried.target, tried.bits, "–", tried.reason
    parity = tried.delivery.parity
    return (
        tried.target,
        tried.bits,
        f"{tried.gain:.2f} x",
        f"{1000 * parity.seconds[1]:.1f}",
        f"{parity.mean_iou[1]:.4f}",
        f"{parity.bytes[1] / 1e6:.1f}",
    )
