"""Whether a model can learn at all: two images by heart, and numbers that stay numbers."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from pixelwise.core.sample import Batch
from pixelwise.engine.optimizers import make_optimizer
from pixelwise.engine.preflight.findings import Finding
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.metrics.confusion import winners
from pixelwise.ops.heads import Said, logits_of
from pixelwise.ops.planes import counted

LossFunction = Callable[[Said, Tensor], Tensor]

COLLAPSED = 0.5  # share of the first loss that two images must fall under
_MOST_STEPS = 60
_FEWEST_STEPS = 20  # before which slowness proves nothing
_STUCK = 0.02  # least fall, as a share of the first loss
_WORSE = 1.5  # times: what is true has become so much less likely
_CLIP = 1.0
FORWARDS = 3  # a step costs about three looks at an image
_CHECK = "two images"


def step(
    model: nn.Module,
    loss: LossFunction,
    optimizer: Optimizer,
    batch: Batch,
    *,
    device: torch.device,
    dtype: torch.dtype | None,
) -> tuple[float, Tensor]:
    """Learn from a batch once, as training does; the loss before, and the logits."""
    images = batch.images.to(device, memory_format=torch.channels_last)
    labels = batch.labels.to(device)
    with torch.autocast(device.type, dtype, enabled=dtype is not None):
        said = model(images)
    told = loss(said, labels)
    told.backward()
    nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return told.item(), logits_of(said).detach()


def step_seconds(
    model: nn.Module,
    loss: LossFunction,
    batch: Batch,
    *,
    image_seconds: float,
    seconds: float,
    device: torch.device,
    dtype: torch.dtype | None,
    tries: int = 3,
) -> float:
    """Seconds to learn from a batch: tried, or told by the look at one image where trying takes too long.

    Args:
        model: Its weights stay; running means of norms move.
        loss: As in training.
        batch: As large as in training.
        image_seconds: That one image took on its way forth, the loss included.
        seconds: Time for trying.
        device: Where the model is.
        dtype: What convolutions compute in; None for float32.
        tries: Steps, of which the quickest counts; the first warms up.
    """
    guessed = FORWARDS * image_seconds * len(batch.images)
    if guessed > seconds / 2:
        return guessed
    still = make_optimizer(model, "adamw", lr=0.0)
    took: list[float] = []
    while len(took) < 2 or (len(took) < tries and sum(took) < seconds):
        began = time.monotonic()
        step(model, loss, still, batch, device=device, dtype=dtype)  # reads the loss: the device is done
        took.append(time.monotonic() - began)
    return min(took)


def overfit(
    model: nn.Module,
    loss: LossFunction,
    optimizer: Optimizer,
    batch: Batch,
    *,
    device: torch.device,
    dtype: torch.dtype | None,
    seconds: float,
) -> Finding:
    """Learn a few images by heart: the loss must collapse, and the answers must come right with it.

    Args:
        model: A copy; it is spoilt. On its device.
        loss: As in training.
        optimizer: Of the copy.
        batch: Two images or so.
        device: Where the model is.
        dtype: What convolutions compute in; None for float32.
        seconds: Time for it; what cannot be decided in it is "untried".

    Reference:
        Karpathy, "A recipe for training neural networks", 2019, "overfit one batch".
    """
    model.train()
    began, losses, hits = time.monotonic(), list[float](), list[_Hit]()
    while len(losses) < _MOST_STEPS and (not losses or time.monotonic() - began < seconds):
        told, logits = step(model, loss, optimizer, batch, device=device, dtype=dtype)
        losses.append(told)
        hits.append(_hit(logits.float(), batch.labels.to(device)))
        if not math.isfinite(told) or (_fallen(losses) > 1 - COLLAPSED and hits[-1].well):
            break
    return _verdict(losses, hits[0], hits[-1])


def finite(
    model: nn.Module, loss: LossFunction, batch: Batch, *, device: torch.device, dtype: torch.dtype
) -> Finding:
    """Whether logits, loss and gradients stay numbers in a short type, on a batch and on black and white.

    Args:
        model: On its device; its gradients are spoilt.
        loss: As in training.
        batch: A few images.
        device: Where the model is.
        dtype: The type to try.
    """
    short, saying = str(dtype).removeprefix("torch."), list[str]()
    low, high = batch.images.amin(), batch.images.amax()
    tried = {
        "the images": batch.images,
        "an even dark image": batch.images.new_full((), float(low)).expand_as(batch.images),
        "an even bright image": batch.images.new_full((), float(high)).expand_as(batch.images),
    }
    labels = batch.labels.to(device)
    model.train()
    for words, images in tried.items():
        placed = images.to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype):
            said = model(placed)
        told = loss(said, labels)
        told.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        parts = {"the scores": [logits_of(said)], "the loss": [told], "the gradients": gradients}
        for part, tensors in parts.items():
            if not all(bool(tensor.isfinite().all()) for tensor in tensors):
                saying.append(f"{part} of {words}")
                break
        model.zero_grad(set_to_none=True)
    if saying:
        told_where = " and ".join(saying)
        advice = (
            "set train.precision=float32; if that does not help, look for a division by zero in the model."
        )
        return Finding("numbers", "fault", f"{told_where} are no numbers in {short}.", advice)
    return Finding("numbers", "fine", f"scores, loss and gradients stay numbers in {short}.")


def most_telling(batch: Batch, number: int = 2) -> Batch:
    """The images of a batch that show the most classes; a single one is taken twice."""
    each = batch.labels.split(1)
    shown = [len(labels[counted(labels)].unique()) for labels in each]
    if batch.labels.is_floating_point():
        shown = [int((planes > 0.5).flatten(2).any(2).sum()) for planes in each]
    best = sorted(range(len(shown)), key=lambda place: -shown[place])
    chosen = [best[place % len(best)] for place in range(number)]
    return Batch(batch.images[chosen], batch.labels[chosen], tuple(batch.names[place] for place in chosen))


@dataclass(frozen=True, slots=True)
class _Hit:
    """How well classes are found.

    Attributes:
        nats: Mean negative log-likelihood of what is true, whatever the loss.
        found: Share of a class' pixels, on the mean over those that are there.
        guessed: What saying one class everywhere would find.
    """

    nats: float
    found: float
    guessed: float

    @property
    def well(self) -> bool:
        """Half the way from guessing to perfection, or beyond."""
        return self.found >= (self.guessed + 1) / 2


def _verdict(losses: list[float], before: _Hit, hit: _Hit) -> Finding:
    """What the losses of learning by heart, and the answers before and after, say."""
    first, last, steps = losses[0], losses[-1], len(losses)
    fallen, went = _fallen(losses), f"from {first:.4g} to {last:.4g} in {steps} steps"
    if not math.isfinite(last):
        saying = f"the loss became {last} at step {steps}."
        return Finding(_CHECK, "fault", saying, "lower train.lr, or set train.precision=float32.")
    if first == 0:
        saying = "the loss is zero before anything was learnt."
        return Finding(_CHECK, "fault", saying, "look whether any pixel of the labels counts.")
    if fallen > _STUCK and _worse(before, hit):
        saying = f"the loss falls {went}, and the answers get worse: {hit.found:.0%} of a class is found."
        advice = "look at the sign of the loss: it must be small where the answer is right."
        return Finding(_CHECK, "fault", saying, advice)
    if fallen > 1 - COLLAPSED and hit.well:
        return Finding(_CHECK, "fine", f"two images are learnt by heart: the loss fell {went}.")
    if steps < _FEWEST_STEPS:
        return Finding(_CHECK, "untried", f"too little time to learn two images: the loss went {went}.")
    if fallen < _STUCK:
        saying = f"two images cannot be learnt: the loss went {went}."
        advice = "look whether scores depend on the weights, whether labels vary, and raise train.lr."
        return Finding(_CHECK, "fault", saying, advice)
    saying = f"two images are learnt slowly: the loss fell {went}, {hit.found:.0%} of a class is found."
    return Finding(_CHECK, "warning", saying, "raise train.lr, weigh rare classes, or train long.")


def _worse(before: _Hit, after: _Hit) -> bool:
    """Whether the truth became less likely: by far, or a little and less of it is found than by guessing."""
    less = after.nats > (1 + _STUCK) * before.nats
    lost = after.found <= before.found and after.found < after.guessed / 2
    return not after.well and less and (lost or after.nats > _WORSE * before.nats)


def _fallen(losses: list[float]) -> float:
    """By which share of its size the loss fell; its least value counts, for losses go up and down."""
    return (losses[0] - min(losses)) / max(1e-12, abs(losses[0]))


def _hit(logits: Tensor, labels: Tensor) -> _Hit:
    valid, nats = counted(labels), cross_entropy(logits, labels).item()
    if labels.is_floating_point():
        said, groups = logits > 0, [(labels > 0.5) & valid, (labels <= 0.5) & valid]
        rights = [said, ~said]
    else:
        groups = [(labels == known) & valid for known in labels[valid].unique()]
        rights = [winners(logits) == labels] * len(groups)
    found = [
        right[group].float().mean().item() for group, right in zip(groups, rights, strict=True) if group.any()
    ]
    if not found:
        return _Hit(nats, 1.0, 1.0)
    return _Hit(nats, sum(found) / len(found), 1 / len(found))
