"""What a run is going to need: memory, disk, time."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from pixelwise.core.memory import as_text as bytes_text
from pixelwise.core.sample import Batch
from pixelwise.core.times import as_text
from pixelwise.data.store import free_bytes
from pixelwise.engine.preflight.findings import Finding
from pixelwise.ops.heads import Said

LossFunction = Callable[[Said, Tensor], Tensor]

_TIGHT = 0.6  # of what is free: what is foretold is a lower bound, up to half below the truth
_COPIES = 4  # of the weights: themselves, their gradients, two moments
_PAGE = 50 * 2**20  # the report, with its pictures
_FEW_EPOCHS = 5
_WAITING = 0.3  # share of the time above which reading is worth a word
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Need:
    """Memory of a training step.

    Attributes:
        weights: Bytes of the weights.
        image: Bytes kept for the way back, for each image.
    """

    weights: int
    image: int

    def step(self, images: int) -> int:
        """Bytes that a step of so many images at once holds; a lower bound."""
        return _COPIES * self.weights + images * self.image


def need(
    model: nn.Module, loss: LossFunction, batch: Batch, *, device: torch.device, dtype: torch.dtype | None
) -> Need:
    """Count what autograd keeps for the way back; nothing is learnt.

    Room that single operations take for a moment is not counted.
    """
    held: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return tensor

    def give(tensor: Tensor) -> Tensor:
        return tensor

    model.train()
    images = batch.images.to(device, memory_format=torch.channels_last)
    with saved_tensors_hooks(keep, give):
        with torch.autocast(device.type, dtype, enabled=dtype is not None):
            said = model(images)
        told = loss(said, batch.labels.to(device))
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept = sum(size for place, size in held.items() if place not in own)
    del said, told
    weights = sum(parameter.nbytes for parameter in model.parameters())
    return Need(weights, kept // len(batch.images))


def room(device: torch.device) -> int:
    """Bytes that a training could have on this device now; what a container allows is respected."""
    if device.type == "cuda":
        free: int = torch.cuda.mem_get_info(device)[0]
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return min(free_bytes(), _allowed())


def memory(needed: Need, *, batch_size: int, micro_batches: int, scores: int, free: int) -> Finding:
    """Whether a step and a validation fit.

    Args:
        needed: Of one image.
        batch_size: Images of a step in this process.
        micro_batches: Parts they are seen in.
        scores: Bytes of the scores of one validation batch, in float32.
        free: Bytes that there are.
    """
    at_once = -(-batch_size // micro_batches)
    want = max(needed.step(at_once), needed.weights + 3 * scores)  # logits, their cast, their loss
    told = f"a step of {at_once} images needs at least {bytes_text(want)}; {bytes_text(free)} are free."
    if want <= _TIGHT * free:
        return Finding("memory", "fine", told)
    parts = next(
        (n for n in range(micro_batches + 1, batch_size + 1)
         if batch_size % n == 0 and needed.step(batch_size // n) <= _TIGHT * free),
        None,
    )  # fmt: skip
    advice = (
        "lower data.crop, or take a smaller model." if parts is None else f"set train.micro_batches={parts}."
    )
    return Finding("memory", "fault" if want > free else "warning", told, advice)


def disk(weights: int, folder: Path) -> Finding:
    """Whether the run folder fits: the best weights, the state to go on with, and its successor beside it."""
    want = weights + 2 * (_COPIES - 1) * weights + _PAGE
    place = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    told = f"the run folder needs about {bytes_text(want)}; {bytes_text(free)} are free."
    if want <= _TIGHT * free:
        return Finding("disk", "fine", told)
    advice = "make room, or choose another --out."
    return Finding("disk", "fault" if want > free else "warning", told, advice)


def pace(load_seconds: float, step_seconds: float, images: int, *, beside: bool) -> Finding:
    """Who waits for whom.

    Args:
        load_seconds: To prepare a batch, with all workers and nothing beside it.
        step_seconds: To learn from it.
        images: In a batch.
        beside: Whether batches are prepared while others are learnt from.
    """
    told = (
        f"data are prepared at {images / max(1e-9, load_seconds):.0f} images/s, the model learns "
        f"{images / max(1e-9, step_seconds):.0f} images/s"
    )
    lost = max(0.0, load_seconds - step_seconds) if beside else load_seconds
    share = lost / max(1e-9, lost + step_seconds)
    if share <= _WAITING:
        return Finding("pace", "fine", f"{told}: it hardly waits for data.")
    return Finding(
        "pace",
        "warning",
        f"{told}: it waits {share:.0%} of the time.",
        "raise data.workers, write images smaller or as PNG, or leave slow augmentations out.",
    )


def finish(
    *, step_seconds: float, total_steps: float | None, budget: float | None, epoch_steps: float,
    other_seconds: float, now: datetime,
) -> Finding:  # fmt: skip
    """When the run will be done, or how often a budget shows each image.

    Args:
        step_seconds: Of a step with its data.
        total_steps: Where the recipe counts steps or epochs.
        budget: Where it gives seconds.
        epoch_steps: Steps in which every image is seen once.
        other_seconds: Validations, test and report.
        now: The time of day.
    """
    if budget is None:
        seconds = (total_steps or 0.0) * step_seconds + other_seconds
        done = now + timedelta(seconds=seconds)
        when = f"{done:%H:%M}" if done.date() == now.date() else f"{done:%d %B, %H:%M}"
        return Finding("time", "fine", f"about {as_text(seconds)}: done at {when}.")
    steps = max(0.0, budget - other_seconds) / max(1e-9, step_seconds)
    epochs = steps / max(1e-9, epoch_steps)
    looks = f"{epochs:.{0 if epochs > 10 else 1}f} looks at each image"
    told = f"at the speed of now {as_text(budget)} give about {steps:.0f} steps, {looks}."
    if epochs >= _FEW_EPOCHS or steps >= 100 * _FEW_EPOCHS:
        return Finding("time", "fine", told)
    advice = "give more time, or take a lighter model or a smaller data.crop; `pixelwise plan` chooses them."
    return Finding("time", "warning", told, advice)


def _allowed() -> int:
    """What the container allows beyond what it uses; no limit where it says nothing."""
    try:
        limit, used = ((_CGROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
        return int(limit) - int(used)
    except (OSError, ValueError):
        return 2**63
