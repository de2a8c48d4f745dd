"""The fastest of all exports that say the same, found by measuring."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from pixelwise.core.errors import ExportError, MissingExtraError, PixelwiseError
from pixelwise.engine.allocator import keep_memory
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Bits, Form
from pixelwise.workflows._scored import choose_samples
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.export import LOSE, Asked, Delivery, deliver, free_place, required
from pixelwise.workflows.trained import load_trained


@dataclass(frozen=True, slots=True)
class Tried:
    """One export that was measured.

    Attributes:
        target: Where to.
        bits: What it computes in.
        delivery: What came of it; None if nothing did.
        reason: Why nothing did.
    """

    target: str
    bits: Bits
    delivery: Delivery | None
    reason: str = ""

    @property
    def gain(self) -> float:
        """How many times faster than the original in float32; zero if nothing came of it."""
        if self.delivery is None:
            return 0.0
        before, after = self.delivery.parity.seconds
        return before / after


def fastest(
    run: Path | str,
    *,
    out: Path | str | None = None,
    data: str | Path | None = None,
    images: int = 20,
    lose: float = LOSE,
    overwrite: bool = False,
    quiet: bool = False,
) -> tuple[Delivery, list[Tried]]:
    """Export to every target that is installed, in every precision, and keep the fastest that agrees.

    Args:
        run: A run folder, one of its weight files, or a bundle.
        out: A new folder for it; None takes `exports/fastest` in the run folder.
        data: Other labelled images to measure on than the run's own.
        images: How many.
        lose: Mean IoU that may be lost.
        overwrite: Replace an earlier one.
        quiet: Say nothing on the way.

    Returns:
        The fastest, and all that were tried, the fastest first.

    Raises:
        ExportError: If none agrees with the original.
        PixelwiseError: If the run or the data are missing.
    """
    talk = Talk(quiet=quiet)
    keep_memory()
    folder = free_place(Path(run), "fastest", out, overwrite=overwrite)
    trained = load_trained(Path(run), device=torch.device("cpu"), precision="float32")
    chosen = choose_samples(trained, Path(run), talk, data=data, split="val" if data is None else None)
    store = chosen.few(images).read(trained, talk)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:

        def made(target: str, bits: Bits) -> Delivery:
            asked = Asked(required(bits, None), lose)
            place = Path(work) / f"{target}-{bits}"
            return deliver(trained, Path(run), store, Form(target, bits=bits), place, asked, talk)

        tried = sorted(_all(made), key=lambda each: -each.gain)
        best = tried[0].delivery
        if best is None:
            reasons = "; ".join(f"{each.target} {each.bits}: {each.reason}" for each in tried)
            raise ExportError(f"no export agrees with its original. {reasons}")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(best.model.parent, folder)
    moved = {name: folder / getattr(best, name).name for name in ("model", "certificate", "picture")}
    return replace(best, **moved), tried


def _all(made: Callable[[str, Bits], Delivery]) -> Iterator[Tried]:
    for target in TARGETS.names():
        for bits in TARGETS.module(target).BITS:
            try:
                yield Tried(target, bits, made(target, bits))
            except MissingExtraError as error:
                yield Tried(target, bits, None, str(error))
                break
            except PixelwiseError as error:
                yield Tried(target, bits, None, str(error))
