"""A model and labelled batches to counts, loss, and a score for each image."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Batch
from pixelwise.core.scores import Report
from pixelwise.engine.predict import OVERLAP, TILE, predict_labels, predict_logits
from pixelwise.engine.processes import everyones, everyones_list
from pixelwise.metrics.confusion import (
    Tally,
    confusion_counts,
    counts_of,
    dice_score,
    frequency_weighted_iou,
    iou,
    mean_accuracy,
    mean_iou,
    mean_over_classes,
    pixel_accuracy,
    plane_counts,
    precision,
    recall,
)
from pixelwise.metrics.keras_style import keras_counts, keras_scores
from pixelwise.ops.planes import counted


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was counted, over all processes.

    Attributes:
        loss: Mean over the pixels that count.
        counts: `[k k]` for exclusive classes, `[k 2 2]` for independent ones.
        keras: Five sums for Keras' numbers; None for exclusive classes.
        images: Name and mean IoU of each image (classes neither true nor predicted in it left out).
    """

    loss: float
    counts: Tensor
    keras: Tensor | None
    images: Sequence[tuple[str, float]]


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    loss: Callable[[Tensor, Tensor], Tensor],
    classes: Classes,
    *,
    device: torch.device,
    dtype: torch.dtype | None = None,
    tile: int = TILE,
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Count, over this process's batches, and add up over the processes.

    Args:
        model: On its device; set to evaluation mode here, and back.
        batches: Labelled, each sample once over all processes.
        loss: Taken image by image and averaged by the pixels that count, so that it does not depend on
            how images are batched; the mean over all pixels for every loss that is a mean over pixels.
        classes: What the labels mean.
        device: Where the model is.
        dtype: What convolutions compute in; None for float32.
        tile: Images larger than this are seen through windows; the loss then leaves them out.
        progress: Told after each batch how many images it held.
    """
    model = model.module if isinstance(model, nn.parallel.DistributedDataParallel) else model
    training, k = model.training, len(classes)
    model.eval()
    total = torch.zeros((k, k) if classes.exclusive else (k, 2, 2), dtype=torch.int64, device=device)
    keras = torch.zeros(5, dtype=torch.float64, device=device)
    nats = torch.zeros(2, dtype=torch.float64, device=device)
    images: list[tuple[str, float]] = []
    for batch in batches:
        labels = batch.labels.to(device, non_blocking=True)
        if max(batch.images.shape[-2:]) <= tile:
            with torch.inference_mode():
                logits = predict_logits(model, batch.images, device, dtype)
                nats += _loss_of_each(loss, logits, labels)
                counts = counts_of(logits, labels)
                if not classes.exclusive:
                    keras += keras_counts(logits.sigmoid(), labels)
        else:
            counts = torch.cat(
                [_windowed(model, batch, i, classes, device, dtype, tile) for i in range(len(labels))]
            )
        total += counts.sum(0)
        images += [
            (name, float(mean_iou(Tally(one)))) for name, one in zip(batch.names, counts.cpu(), strict=True)
        ]
        if progress is not None:
            progress(len(labels))
    model.train(training)
    nats = everyones(nats)
    return Evaluation(
        loss=float(nats[0] / nats[1]) if nats[1] else float("nan"),
        counts=everyones(total).cpu(),
        keras=None if classes.exclusive else everyones(keras).cpu(),
        images=everyones_list(images),
    )


def _loss_of_each(loss: Callable[[Tensor, Tensor], Tensor], logits: Tensor, labels: Tensor) -> Tensor:
    """Sum over the images of loss times pixels, and of pixels."""
    total = torch.zeros(2, dtype=torch.float64, device=logits.device)
    for number in range(len(labels)):
        one = slice(number, number + 1)
        pixels = counted(labels[one]).sum().double()
        total += torch.stack([loss(logits[one], labels[one]).double() * pixels, pixels])
    return total


def _windowed(
    model: nn.Module,
    batch: Batch,
    number: int,
    classes: Classes,
    device: torch.device,
    dtype: torch.dtype | None,
    tile: int,
) -> Tensor:
    """Counts of one image that is too large to go through at once."""
    found = predict_labels(
        model,
        batch.images[number],
        device=device,
        dtype=dtype,
        exclusive=classes.exclusive,
        tile=tile,
        overlap=min(OVERLAP, tile // 2),
    )
    truth = batch.labels[number : number + 1]
    if classes.exclusive:
        return confusion_counts(found[None], truth, len(classes)).to(device)
    return plane_counts(found[None] > 0.5, truth).to(device)


def report(
    evaluation: Evaluation, classes: Classes, *, split: str, provenance: dict[str, str] | None = None
) -> Report:
    """The scores that can be read off the counts, with where they come from."""
    tally = Tally(evaluation.counts)
    with_dice = dice_score(tally)
    scores = {
        "mean_iou": mean_iou(tally),
        "mean_iou_of_true_classes": mean_iou(tally, "truth"),
        "mean_iou_absent_as_zero": mean_iou(tally, "zero"),
        "mean_dice": mean_over_classes(with_dice, tally),
        "pixel_accuracy": pixel_accuracy(tally),
        "mean_accuracy": mean_accuracy(tally),
        "frequency_weighted_iou": frequency_weighted_iou(tally),
    }
    per_class = {
        "iou": iou(tally),
        "dice": with_dice,
        "precision": precision(tally),
        "recall": recall(tally),
        "share": tally.truth / (tally.pixels if classes.exclusive else tally.pixels / len(classes)),
    }
    return Report(
        split=split,
        samples=len(evaluation.images),
        classes=classes,
        counts=evaluation.counts.tolist(),
        scores={name: float(value) for name, value in scores.items()} | {"loss": evaluation.loss},
        per_class={name: tuple(values.tolist()) for name, values in per_class.items()},
        keras={} if evaluation.keras is None else keras_scores(evaluation.keras),
        provenance=provenance or {},
    )
