"""A trained model to a file for another runtime, with a certificate that it says the same."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from pixelwise.core.errors import ExportError, RecipeError
from pixelwise.core.files import write_text
from pixelwise.data.store import Store
from pixelwise.engine.allocator import keep_memory
from pixelwise.export.contract import write_contract
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Bits, Form, Gives, Pixels
from pixelwise.export.parity import Parity, compare, judged
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, error_map, overlay
from pixelwise.workflows._leaving import write
from pixelwise.workflows._runs import environment, weights_file
from pixelwise.workflows._scored import choose_samples
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, load_trained

LOSE = 0.005
_AGREE: dict[Bits, float] = {"float32": 0.999, "float16": 0.999, "bfloat16": 0.99, "int8": 0.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export must hold.

    Attributes:
        agree: Share of the pixels that must agree with the original.
        lose: Mean IoU that may be lost.
    """

    agree: float
    lose: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """An exported model and the proof.

    Attributes:
        model: The file; what belongs to it lies beside it.
        form: What it takes and gives.
        parity: How it compares with the model it came from.
        certificate: The same as JSON, with versions and hardware.
        picture: The image on which the two agree least.
    """

    model: Path
    form: Form
    parity: Parity
    certificate: Path
    picture: Path


def export(
    run: Path | str,
    *,
    to: str = "onnx",
    bits: Bits = "float32",
    out: Path | str | None = None,
    size: tuple[int, int] | None = None,
    batch: int | None = None,
    pixels: Pixels = "float",
    gives: Gives = "logits",
    data: str | Path | None = None,
    images: int = 50,
    agree: float | None = None,
    lose: float = LOSE,
    overwrite: bool = False,
    quiet: bool = False,
) -> Delivery:
    """Write the model for another runtime, run both on labelled images, and say how they compare.

    Args:
        run: A run folder, one of its weight files, or a bundle.
        to: onnx, openvino, litert, executorch or torch.
        bits: What the export computes in; int8 is calibrated on the run's validation images.
        out: A new folder for it; None takes `exports/<to>-<bits>` in the run folder.
        size: Rows and columns that it takes; None for any where the target can, else the size learnt from.
        batch: Images at once; None for any number where the target can, else one.
        pixels: `float` images in the model's range, or `uint8` in 0..255, scaled inside.
        gives: `logits`, `probs` or `labels`.
        data: Other labelled images to compare on than the run's own.
        images: How many to compare on, evenly spaced over the split.
        agree: Share of the pixels that must agree; None asks 0.999, of bfloat16 0.99, and of int8 nothing.
        lose: Mean IoU that may be lost.
        overwrite: Replace an earlier export there.
        quiet: Say nothing on the way.

    Raises:
        ExportError: If the target cannot hold the model, or the two do not agree; then the evidence is
            kept in a folder beside, named `-rejected`.
        PixelwiseError: If the run, the data or a library is missing.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    TARGETS[to]  # an unknown name is told before anything is read
    folder = free_place(Path(run), f"{to}-{bits}", out, overwrite=overwrite)
    trained = load_trained(Path(run), device=torch.device("cpu"), precision="float32")
    store = choose_samples(trained, Path(run), talk, data=data, split="val" if data is None else None)
    asked = Asked(required(bits, agree), lose)
    form = Form(to, pixels=pixels, gives=gives, size=size, batch=batch, bits=bits)
    return deliver(trained, Path(run), store.few(images).read(trained, talk), form, folder, asked, talk)


def deliver(
    trained: Trained, run: Path, store: Store, form: Form, folder: Path, asked: Asked, talk: Talk
) -> Delivery:
    """Write, compare, and give the folder its name: the one asked for, or that of the rejected.

    Args:
        trained: In float32 on the CPU.
        run: Where it was opened from.
        store: Labelled images to compare on.
        form: What is asked for.
        folder: Where to.
        asked: What the two must agree in.
        talk: Told what goes on.

    Raises:
        ExportError: If the target cannot hold the model, or the two do not agree.
    """
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        found = _made(trained, run, store, form, beside, asked, talk)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    good = not found.parity.faults
    kept = folder if good else folder.with_name(f"{folder.name}-rejected")
    shutil.rmtree(kept, ignore_errors=True)
    beside.rename(kept)
    moved = replace(
        found, **{name: kept / getattr(found, name).name for name in ("model", "certificate", "picture")}
    )
    if not good:
        raise ExportError(
            f"the export to {form.target} ({form.bits}) does not say what its original says. "
            f"{' '.join(found.parity.faults)} The evidence is in {kept}: look at {moved.picture}. "
            "Take more bits, or allow it with --agree and --lose."
        )
    return moved


def _made(
    trained: Trained, run: Path, store: Store, form: Form, folder: Path, asked: Asked, talk: Talk
) -> Delivery:
    module = TARGETS.module(form.target)
    model = folder / f"model{module.SUFFIX}"
    talk.say(f"writing {trained.recipe.model.name} for {form.target}, {form.bits}")
    departed = write(trained, form, store, model, talk)
    contract = replace(trained.contract, form=departed.form)
    write_contract(model, contract, module.belonging(model))
    again = load_trained(model)
    with talk.progress("comparing", len(store)) as advance:
        found = compare(_samples(store, advance), departed.original.label, again.label, trained.classes)
    weights = weights_file(run).stat().st_size
    sizes = (weights, sum(file.stat().st_size for file in (model, *module.belonging(model))))
    parity = judged(found, sizes, agree=asked.agree, lose=asked.lose)
    picture, certificate = folder / "worst.png", folder / "certificate.json"
    _draw(picture, store, parity, departed.original, again)
    told = {"form": asdict(departed.form), "parity": asdict(parity), "asked": asdict(asked)}
    write_text(certificate, json.dumps(told | {"environment": environment()}, indent=1))
    return Delivery(model, departed.form, parity, certificate, picture)


def _samples(store: Store, advance: Callable[[int], None]) -> Iterator[tuple[str, Tensor, Tensor | None]]:
    for number in range(len(store)):
        sample = store[number]
        yield sample.name, sample.image, sample.labels
        advance(1)


def _draw(path: Path, store: Store, parity: Parity, original: Trained, export: Trained) -> None:
    """The image they agree on least: as it is, as both see it, and where they differ."""
    image = store[store.names.index(parity.worst.name)].image
    first, second, classes = original.label(image), export.label(image), original.classes
    pictures = [
        (f"{parity.worst.name}: {parity.worst.agreement:.3%} of the pixels agree", as_rgb(image)),
        ("original", overlay(image, first, classes)),
        ("export", overlay(image, second, classes)),
        ("where the export differs", error_map(second, first, classes)),
    ]
    panels(pictures).save(path)


def required(bits: Bits, agree: float | None) -> float:
    """Share of the pixels that must agree: what is asked for, or what the bits can hold."""
    return _AGREE[bits] if agree is None else agree


def free_place(run: Path, name: str, out: Path | str | None, *, overwrite: bool) -> Path:
    """The folder to write: `out`, or `exports/<name>` in the run folder.

    Raises:
        RecipeError: If something is there already.
    """
    home = run if run.is_dir() else run.parent
    folder = home / "exports" / name if out is None else Path(out)
    if folder.exists() and not overwrite and (not folder.is_dir() or any(folder.iterdir())):
        raise RecipeError(
            f"{folder} is there already, and nothing is overwritten. Choose another --out, or --overwrite."
        )
    return folder
