"""What the loop costs over a bare PyTorch loop on the same batches: python -m benchmarks.loop."""

from collections.abc import Callable
from itertools import islice
from statistics import median
from time import perf_counter

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks._machine import circumstances
from pixelwise.core.sample import Batch
from pixelwise.data.loader import Stream
from pixelwise.data.readers.digits import digits
from pixelwise.data.store import Store
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.budget import Steps
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.precision import choose_precision
from pixelwise.engine.train import train
from pixelwise.metrics.confusion import counts_of
from pixelwise.models.encoder_decoder import encoder_decoder

ROUNDS, STEPS = 9, 31
CPU = torch.device("cpu")


def main() -> None:
    """Take bare and full loops in turn and print the medians."""
    keep_memory()
    store = Store(digits(), range(1000))
    batches = list(islice(Stream(store, batch_size=32, seed=0).batches(), STEPS))
    dtype, reason = choose_precision(CPU)
    ways: dict[str, Callable[[], None]] = {
        "bare": _Bare(batches, dtype),
        "loop": _Loop(batches, dtype, measured=False),
        "loop, counting": _Loop(batches, dtype, measured=True),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, way in ways.items():
            start = perf_counter()
            way()
            times[name].append(perf_counter() - start)
    print(circumstances())
    print(f"encoder_decoder, {STEPS} batches of 32, {reason}")
    bare = median(times["bare"][1:])
    for name, taken in times.items():
        value = median(taken[1:])
        print(f"{name:15} {value / STEPS * 1e3:7.2f} ms a step   {100 * (value / bare - 1):+5.1f} %")
    print("goal: the loop at most +5 %; counting is work that a bare loop does not do")


class _Bare:
    """What one would write by hand."""

    def __init__(self, batches: list[Batch], dtype: torch.dtype | None) -> None:
        self._batches, self._dtype = batches, dtype
        self._model, self._optimizer = _model()

    def __call__(self) -> None:
        for batch in self._batches:
            images = batch.images.to(memory_format=torch.channels_last)
            with torch.autocast("cpu", self._dtype, enabled=self._dtype is not None):
                logits = self._model(images)
            F.binary_cross_entropy_with_logits(logits.float(), batch.labels).backward()
            nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
            self._optimizer.step()
            self._optimizer.zero_grad(set_to_none=True)


class _Loop:
    """The engine's loop on the same batches, with the same loss."""

    def __init__(self, batches: list[Batch], dtype: torch.dtype | None, *, measured: bool) -> None:
        self._batches, self._dtype, self._measured = batches, dtype, measured
        self._model, self._optimizer = _model()

    def __call__(self) -> None:
        train(
            self._model,
            lambda logits, labels: F.binary_cross_entropy_with_logits(logits.float(), labels),
            iter(self._batches),
            self._optimizer,
            Steps(STEPS),
            rate=learning_rate("constant", 1e-3),
            device=CPU,
            dtype=self._dtype,
            measure=counts_of if self._measured else None,
            every=[],
        )


def _model() -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = encoder_decoder(1, 3).to(memory_format=torch.channels_last)
    return model, make_optimizer(model, "adam", lr=1e-3)


if __name__ == "__main__":
    main()
