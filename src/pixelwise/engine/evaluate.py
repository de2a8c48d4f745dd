"""A model and labelled batches to counts, loss, and a score for each image."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Batch
from pixelwise.core.scores import Report
from pixelwise.engine.predict import TILE, Tile, fits, predict_labels, predict_logits
from pixelwise.engine.processes import everyones, everyones_list, rank, world
from pixelwise.metrics.bootstrap import mean_iou_interval
from pixelwise.metrics.confusion import (
    Tally,
    confusion_counts,
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
    winners,
)
from pixelwise.metrics.edges import EdgeTally
from pixelwise.metrics.keras_style import keras_counts, keras_scores
from pixelwise.metrics.per_image import image_counts, image_dices, image_ious, image_means, spread, worst
from pixelwise.ops.planes import counted


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was counted, over all processes.

    Attributes:
        loss: Mean over the pixels that count.
        counts: `[k k]` for exclusive classes, `[k 2 2]` for independent ones.
        per_image: `[n 3 k]`, hit, true and predicted pixels of each image.
        keras: Five sums for Keras' numbers; None for exclusive classes.
        edges: Sums for the scores of outlines; None where they were not asked for.
        images: Name and mean IoU of each image (classes neither true nor predicted in it left out), in the
            order of their names, as `per_image`.
    """

    loss: float
    counts: Tensor
    per_image: Tensor
    keras: Tensor | None
    edges: EdgeTally | None
    images: Sequence[tuple[str, float]]


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    loss: Callable[[Tensor, Tensor], Tensor],
    classes: Classes,
    *,
    device: torch.device,
    dtype: torch.dtype | None = None,
    tile: Tile = TILE,
    boundaries: bool = False,
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
        boundaries: Whether to compare outlines too, which takes longer.
        progress: Told after each batch how many images it held.
    """
    model = model.module if isinstance(model, nn.parallel.DistributedDataParallel) else model
    training = model.training
    model.eval()
    sums = _Sums(classes, device, boundaries=boundaries)
    for batch in batches:
        labels = batch.labels.to(device, non_blocking=True)
        if fits(batch.images, tile):
            with torch.inference_mode():
                logits = predict_logits(model, batch.images, device, dtype)
                sums.nats += _loss_of_each(loss, logits, labels)
                predicted = winners(logits) if classes.exclusive else logits > 0
                if not classes.exclusive:
                    sums.keras += keras_counts(logits.sigmoid(), labels)
        else:
            predicted = _windowed(model, batch, classes, device, dtype, tile)
        sums.add(predicted, labels, batch.names)
        if progress is not None:
            progress(len(labels))
    model.train(training)
    return sums.everyones()


class _Sums:
    """What one process has counted so far."""

    def __init__(self, classes: Classes, device: torch.device, *, boundaries: bool) -> None:
        k = len(classes)
        self._exclusive, self._k = classes.exclusive, k
        self._counts = torch.zeros(
            (k, k) if classes.exclusive else (k, 2, 2), dtype=torch.int64, device=device
        )
        self._images = [torch.zeros(0, 3, k, dtype=torch.int64, device=device)]
        self._names: list[str] = []
        self._edges = EdgeTally(k, device) if boundaries else None
        self.keras = torch.zeros(5, dtype=torch.float64, device=device)
        self.nats = torch.zeros(2, dtype=torch.float64, device=device)

    def add(self, predicted: Tensor, labels: Tensor, names: Sequence[str]) -> None:
        """Count a batch."""
        counts = (
            confusion_counts(predicted, labels, self._k)
            if self._exclusive
            else plane_counts(predicted, labels)
        )
        self._counts += counts.sum(0)
        self._images.append(image_counts(counts))
        self._names += names
        if self._edges is not None:
            self._edges.add(predicted, labels)

    def everyones(self) -> Evaluation:
        """The sums over all processes, and all images in the order of their names."""
        nats, images = everyones(self.nats), torch.cat(self._images)
        own = zip(self._names, image_means(image_ious(images)).tolist(), strict=True)
        named = everyones_list(list(own))
        order = sorted(range(len(named)), key=lambda number: named[number][0])
        if self._edges is not None:
            self._edges.sums = everyones(self._edges.sums).cpu()
        return Evaluation(
            loss=float(nats[0] / nats[1]) if nats[1] else float("nan"),
            counts=everyones(self._counts).cpu(),
            per_image=_everyones_rows(images).cpu()[order],
            keras=None if self._exclusive else everyones(self.keras).cpu(),
            edges=self._edges,
            images=[named[number] for number in order],
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
    classes: Classes,
    device: torch.device,
    dtype: torch.dtype | None,
    tile: Tile,
) -> Tensor:
    """What is predicted for images that are too large to go through at once."""
    found = [
        predict_labels(
            model,
            image,
            device=device,
            dtype=dtype,
            exclusive=classes.exclusive,
            tile=tile,
        )
        for image in batch.images
    ]
    predicted = torch.stack(found).to(device)
    return predicted if classes.exclusive else predicted > 0.5


def _everyones_rows(rows: Tensor) -> Tensor:
    """Every process's rows, in the order of the processes."""
    numbers = torch.zeros(world(), dtype=torch.int64, device=rows.device)
    numbers[rank()] = len(rows)
    ends = everyones(numbers).cumsum(0).tolist()
    whole = rows.new_zeros(ends[-1], *rows.shape[1:])
    whole[ends[rank()] - len(rows) : ends[rank()]] = rows
    return everyones(whole)


def report(
    evaluation: Evaluation, classes: Classes, *, split: str, provenance: dict[str, str] | None = None
) -> Report:
    """The scores that can be read off the counts, with where they come from."""
    tally = Tally(evaluation.counts)
    with_dice = dice_score(tally)
    low, high = mean_iou_interval(evaluation.per_image)
    scores = {
        "mean_iou": float(mean_iou(tally)),
        "mean_iou_low": low,
        "mean_iou_high": high,
        "mean_iou_of_true_classes": float(mean_iou(tally, "truth")),
        "mean_iou_absent_as_zero": float(mean_iou(tally, "zero")),
        "mean_dice": float(mean_over_classes(with_dice, tally)),
        "pixel_accuracy": float(pixel_accuracy(tally)),
        "mean_accuracy": float(mean_accuracy(tally)),
        "frequency_weighted_iou": float(frequency_weighted_iou(tally)),
        "loss": evaluation.loss,
    }
    per_class = {
        "iou": iou(tally),
        "dice": with_dice,
        "precision": precision(tally),
        "recall": recall(tally),
        "share": tally.truth / (tally.pixels if classes.exclusive else tally.pixels / len(classes)),
    }
    if evaluation.edges is not None:
        scores |= evaluation.edges.whole()
        per_class |= evaluation.edges.per_class()
    of_images = {"iou": image_ious(evaluation.per_image), "dice": image_dices(evaluation.per_image)}
    names = [name for name, _ in evaluation.images]
    return Report(
        split=split,
        samples=len(names),
        classes=classes,
        counts=evaluation.counts.tolist(),
        scores=scores,
        per_class={name: tuple(values.tolist()) for name, values in per_class.items()},
        per_image={name: asdict(spread(image_means(values))) for name, values in of_images.items()},
        worst=tuple(worst(names, image_means(of_images["iou"]))),
        keras={} if evaluation.keras is None else keras_scores(evaluation.keras),
        provenance=provenance or {},
    )
