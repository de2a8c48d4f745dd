"""The training loop. Read it from top to bottom: there is no other."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from pixelwise.core.errors import DivergedError, listing
from pixelwise.core.sample import Batch
from pixelwise.engine.budget import Budget
from pixelwise.engine.optimizers import set_rate
from pixelwise.engine.processes import everyones, from_first, world
from pixelwise.ops.heads import Said, logits_of
from pixelwise.ops.planes import counted

LossFunction = Callable[[Said, Tensor], Tensor]
CHECK_EVERY = 10  # steps between two looks at the losses; looking waits for the device


@dataclass
class Seen:
    """What the steps since the last look told.

    Attributes:
        loss_sum: Sum of the checked losses.
        steps: How many.
        images: Images of this process.
        counts: What `measure` said of them, summed; None when nothing is measured.
    """

    loss_sum: float = 0.0
    steps: int = 0
    images: int = 0
    counts: Tensor | None = None
    waiting: list[tuple[Tensor, tuple[str, ...]]] = field(
        default_factory=list[tuple[Tensor, tuple[str, ...]]]
    )

    @property
    def loss(self) -> float:
        """Mean loss of a step."""
        return self.loss_sum / max(1, self.steps)

    def forget(self) -> None:
        """Begin anew, after the numbers were written down."""
        self.loss_sum, self.steps, self.images, self.counts = 0.0, 0, 0, None


Act = Callable[[int, Seen], bool]  # step and what was seen; True stops the training


def train(
    model: nn.Module,
    loss: LossFunction,
    batches: Iterator[Batch],
    optimizer: Optimizer,
    budget: Budget,
    *,
    rate: Callable[[float], float],
    device: torch.device,
    dtype: torch.dtype | None = None,
    start: int = 0,
    micro_batches: int = 1,
    clip: float | None = 1.0,
    ignore_index: int = 255,
    measure: Callable[[Tensor, Tensor], Tensor] | None = None,
    interrupted: Callable[[], bool] = lambda: False,
    seen: Seen | None = None,
    every: Sequence[tuple[int, Act]],
) -> int:
    """Train from step `start` until the budget is spent, somebody interrupts, or an act says stop.

    One step is `micro_batches` batches in every process. Each batch weighs as many pixels as it
    counts, so one process or eight, one batch or four small ones, give the same gradient for every
    loss that is a mean over pixels. Losses that are ratios of sums gather their sums themselves; over
    micro-batches such a ratio is taken batch by batch.

    Args:
        model: Already on its device, already replicated.
        loss: Mean over the pixels that count, of what the model says: logits, or heads.
        batches: Endless.
        optimizer: Updated in place.
        budget: When to stop; the learning rate follows its progress.
        rate: Learning rate at a progress in 0..1.
        device: Where the batches go.
        dtype: What convolutions compute in; None for float32.
        start: First step; more than zero when resuming.
        micro_batches: Batches whose gradients make one step.
        clip: Longest gradient; None for any.
        ignore_index: Label of the pixels that do not count.
        measure: Counts of logits and labels, image by image, summed for the journal.
        interrupted: Asked before each step; when any process says yes, all stop.
        seen: What was seen before a resume and not yet written down.
        every: What to do each so many steps, in this order; the losses are looked at before.

    Returns:
        Number of the next step, for a resume.

    Raises:
        DivergedError: If a loss is NaN or infinite; the batch's file names are told.
    """
    model.train()
    seen = Seen() if seen is None else seen
    step = start
    while True:
        progress, stop = _agreed(budget.progress(step), interrupted(), device)
        if progress >= 1 or stop:
            _look(seen, step)
            return step
        set_rate(optimizer, rate(progress))

        group = [next(batches) for _ in range(micro_batches)]
        pixels = [counted(batch.labels, ignore_index).sum() for batch in group]
        all_pixels = everyones(torch.stack(pixels).sum().to(device)).clamp(min=1)
        told = torch.zeros((), device=device)
        for batch, counting in zip(group, pixels, strict=True):
            images = batch.images.to(device, memory_format=torch.channels_last, non_blocking=True)
            labels = batch.labels.to(device, non_blocking=True)
            with torch.autocast(device.type, dtype, enabled=dtype is not None):
                said = model(images)
            share = loss(said, labels) * (counting.to(device) / all_pixels)
            (share * world()).backward()  # DDP averages gradients; we want their sum
            told += share.detach()
            _measured(seen, measure, logits_of(said), labels)
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

        seen.waiting.append((told, tuple(name for batch in group for name in batch.names)))
        acts = [act for period, act in every if (step + 1) % period == 0]
        if acts or len(seen.waiting) >= CHECK_EVERY:
            _look(seen, step + 1)
        wishes = [act(step + 1, seen) for act in acts]
        step += 1
        if any(wishes):
            return step


def _agreed(progress: float, stop: bool, device: torch.device) -> tuple[float, bool]:
    """The first process's clock, and whether anybody wants to stop."""
    if world() == 1:
        return progress, stop
    return from_first(progress, device), bool(everyones(torch.tensor(float(stop), device=device)))


def _measured(
    seen: Seen, measure: Callable[[Tensor, Tensor], Tensor] | None, logits: Tensor, labels: Tensor
) -> None:
    seen.images += len(labels)
    if measure is not None:
        counts = measure(logits.detach(), labels).sum(0)
        seen.counts = counts if seen.counts is None else seen.counts + counts


def _look(seen: Seen, step: int) -> None:
    """Wait for the losses of the last steps and see whether they are numbers."""
    if not seen.waiting:
        return
    losses: list[float] = everyones(torch.stack([told for told, _ in seen.waiting])).tolist()
    bad = next((number for number, value in enumerate(losses) if not math.isfinite(value)), None)
    if bad is not None:
        raise DivergedError(
            f"the loss is {losses[bad]} at step {step - len(losses) + bad + 1}. The batch was "
            f"{listing(seen.waiting[bad][1], 40)}. Lower train.lr, look at these files, or set "
            f"train.precision=float32."
        )
    seen.loss_sum += sum(losses)
    seen.steps += len(losses)
    seen.waiting.clear()
