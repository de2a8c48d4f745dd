"""The shortest course there is: a model taught for some steps, and its mean IoU; for experiments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from pixelwise.core.sample import Batch, Sample
from pixelwise.data.loader import in_order
from pixelwise.data.reader import Reader
from pixelwise.data.store import Store
from pixelwise.engine.budget import Budget
from pixelwise.engine.optimizers import ScheduleName, learning_rate, make_optimizer
from pixelwise.engine.predict import predict_logits
from pixelwise.engine.processes import replicate
from pixelwise.engine.train import LossFunction, train
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.metrics.confusion import Tally, counts_of, mean_iou
from pixelwise.models._standardise import standardised
from pixelwise.models.dilated import dilated
from pixelwise.ops.heads import loss_of_heads

CPU = torch.device("cpu")
MASKS: LossFunction = partial(loss_of_heads, cross_entropy)  # where all labels are known


def small(num_classes: int, *, seed: int) -> nn.Module:
    """The network of experiments on drawn scenes: five convolutions of width 16, at full resolution."""
    return fresh(lambda: standardised(dilated(3, num_classes), (0.5,) * 3, (0.2,) * 3), seed)


def relabelled(reader: Reader, numbers: Sequence[int], label: Callable[[Sample], Tensor]) -> Store:
    """Samples whose labels are replaced by something that tells less, or otherwise."""
    return Store(reader, numbers, prepare=lambda sample: replace(sample, labels=label(sample)))


def fresh(build: Callable[[], nn.Module], seed: int, device: torch.device = CPU) -> nn.Module:
    """A model with first weights drawn by the seed, laid out for convolutions on its device."""
    torch.manual_seed(seed)
    return replicate(build(), device)


def teach(
    model: nn.Module,
    loss: LossFunction,
    batches: Iterator[Batch],
    budget: Budget,
    *,
    lr: float = 2e-3,
    weight_decay: float = 0.0,
    schedule: ScheduleName = "constant",
    device: torch.device = CPU,
) -> int:
    """Train by the one engine, with Adam, until the budget is spent; nothing is saved or validated.

    Args:
        model: Already on its device; changed in place.
        loss: Of what the model says and the batch's labels, whatever they mean.
        batches: Endless.
        budget: When to stop.
        lr: Peak learning rate.
        weight_decay: Decoupled from the gradient.
        schedule: How the rate falls.
        device: Where the model is.

    Returns:
        Steps that were taken.
    """
    return train(
        model,
        loss,
        batches,
        make_optimizer(model, "adamw", lr=lr, weight_decay=weight_decay),
        budget,
        rate=learning_rate(schedule, lr),
        device=device,
        every=(),
    )


def score(model: nn.Module, store: Store, *, device: torch.device = CPU, batch_size: int = 64) -> float:
    """Mean IoU over all pixels of the samples that count."""
    model.eval()
    counts = [
        counts_of(predict_logits(model, batch.images, device, None), batch.labels.to(device)).sum(0)
        for batch in in_order(store, batch_size=batch_size)
    ]
    model.train()
    return float(mean_iou(Tally(torch.stack(counts).sum(0))))
