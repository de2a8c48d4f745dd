"""How fast and how hungry models are on this machine: a few steps of each, in a bounded time."""

import time
from collections.abc import Sequence
from functools import partial

import torch
from torch import nn

from pixelwise.core.sample import Batch
from pixelwise.engine.preflight.cost import need
from pixelwise.engine.preflight.findings import undisturbed
from pixelwise.engine.preflight.learning import step_seconds
from pixelwise.engine.processes import replicate
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.models._standardise import standardised
from pixelwise.ops.heads import loss_of_heads
from pixelwise.recipe.build import MODELS
from pixelwise.recipe.rules import Candidate, Traits, Trial, steps_given, steps_wanted
from pixelwise.workflows._talk import Talk

_HOPELESS = 3  # times too slow: what is heavier need not be tried
_TRIES = 4
_SCRATCH = 2.0  # times what autograd keeps: room that operations take for a moment
_COPIES = 4  # of the weights: themselves, their gradients, two moments


def trials(
    candidates: Sequence[Candidate],
    traits: Traits,
    *,
    size: tuple[int, int],
    batch: int,
    budget: float,
    seconds: float,
    device: torch.device,
    dtype: torch.dtype | None,
    talk: Talk,
) -> list[Trial]:
    """Let candidates learn from noise, from the lightest to the heaviest, until time is up.

    Args:
        candidates: At least the first is tried.
        traits: Of the data.
        size: Rows and columns of what is learnt from.
        batch: Images of a step.
        budget: Seconds the training will have; what is far too slow for it ends the trials.
        seconds: Time for all trials.
        device: Where.
        dtype: What convolutions compute in; None for float32.
        talk: Where progress goes.
    """
    images = _noise(traits, size, min(batch, 4))
    end, done = time.monotonic() + seconds, list[Trial]()
    with undisturbed(), talk.progress("trying models", len(candidates)) as advance:
        for number, candidate in enumerate(candidates):
            share = (end - time.monotonic()) / (len(candidates) - number)
            if done and share <= 0:
                break
            done.append(_trial(candidate, traits, images, share, device, dtype))
            advance(1)
            if _HOPELESS * steps_given(done[-1], batch, budget) < steps_wanted(traits, batch):
                break
    return done


def _noise(traits: Traits, size: tuple[int, int], number: int) -> Batch:
    rng = torch.Generator().manual_seed(0)
    images = torch.randn(number, traits.bands, *size, generator=rng)
    labels = torch.randint(len(traits.classes), (number, *size), generator=rng)
    if not traits.exclusive:
        planes = torch.arange(len(traits.classes))[:, None, None]
        return Batch(images, (labels[:, None] == planes).float(), ("noise",) * number)
    return Batch(images, labels, ("noise",) * number)


def _trial(
    candidate: Candidate,
    traits: Traits,
    batch: Batch,
    seconds: float,
    device: torch.device,
    dtype: torch.dtype | None,
) -> Trial:
    model = _built(candidate, traits, device)
    loss = partial(loss_of_heads, cross_entropy)
    few = Batch(batch.images[:2], batch.labels[:2], batch.names[:2])
    began = time.monotonic()
    needed = need(model, loss, few, device=device, dtype=dtype)
    took = step_seconds(
        model,
        loss,
        batch,
        image_seconds=(time.monotonic() - began) / len(few.images),
        seconds=seconds,
        device=device,
        dtype=dtype,
        tries=_TRIES,
    )
    held = round(_SCRATCH * needed.image)
    return Trial(candidate, len(batch.images) / took, _COPIES * needed.weights, held)


def _built(candidate: Candidate, traits: Traits, device: torch.device) -> nn.Module:
    params = {key: value for key, value in candidate.model.items() if key != "name"}
    build = MODELS.configure(str(candidate.model["name"]), params)
    bare = build(traits.bands, len(traits.classes))
    return replicate(standardised(bare, [0.0] * traits.bands, [1.0] * traits.bands), device)
