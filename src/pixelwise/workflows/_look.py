"""A recipe and its data, looked at before the long run: the order of the checks, and their time."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import torch
from torch import nn

from pixelwise.core.sample import Batch
from pixelwise.core.times import seconds_of
from pixelwise.data.reader import Reader
from pixelwise.engine.optimizers import make_optimizer
from pixelwise.engine.preflight import cost
from pixelwise.engine.preflight.alignment import alignment
from pixelwise.engine.preflight.findings import Finding, undisturbed
from pixelwise.engine.preflight.labels import label_counts, labels_kept
from pixelwise.engine.preflight.learning import FORWARDS, finite, most_telling, overfit, step_seconds
from pixelwise.engine.preflight.sameness import sameness
from pixelwise.engine.processes import replicate
from pixelwise.ops.heads import loss_of_heads
from pixelwise.recipe.build import build_augmentations, build_loss, build_model
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._prepare import Prepared
from pixelwise.workflows._samples import read_twice, some_batches
from pixelwise.workflows._talk import Talk

WHOLE = 120.0  # seconds for everything
_SHARE, _MOST = 0.05, 20.0  # of a training's time, and seconds, that its own look may take
_LEAST = 1.0  # seconds below which a training is not looked at: it is its own trial
_FEWEST_STEPS = 100  # and steps
_VALIDATING, _REPORT_SECONDS = 0.1, 3.0  # as a training keeps them
_BATCHES, _FEW_BATCHES = 8, 3  # looked at
_LEAST_PERIOD = 20  # steps between validations, as a training keeps them


def allowed(recipe: Recipe, epoch_steps: float) -> float:
    """Seconds that a training may spend on looking ahead, as far as its recipe tells; zero for none."""
    options = recipe.train
    if options.budget is not None:
        seconds = min(_MOST, _SHARE * seconds_of(options.budget))
        return seconds if seconds >= _LEAST else 0.0
    return _MOST if _steps(recipe, epoch_steps) >= _FEWEST_STEPS else 0.0


def look(
    recipe: Recipe,
    data: Prepared,
    reader: Reader,
    folder: Path,
    *,
    device: torch.device,
    dtype: torch.dtype | None,
    talk: Talk,
    seconds: float,
    thorough: bool,
) -> list[Finding]:
    """Make the checks, the cheap ones and those that save a crash first; random states stay as they were.

    Args:
        recipe: With class weights as numbers.
        data: As training will have them.
        reader: Where they are from.
        folder: Where the run will be written.
        device: Where it will be computed.
        dtype: What convolutions will compute in; None for float32.
        talk: Where progress goes.
        seconds: Time for all checks; what does not fit is "untried".
        thorough: Try more draws and batches, and bfloat16 even where training is in float32.
    """
    with undisturbed():
        torch.manual_seed(recipe.seed)
        return _Look(recipe, data, reader, folder, device, dtype, talk, seconds, thorough).findings()


class _Look:
    """One look at a training: what it knows so far."""

    def __init__(
        self,
        recipe: Recipe,
        data: Prepared,
        reader: Reader,
        folder: Path,
        device: torch.device,
        dtype: torch.dtype | None,
        talk: Talk,
        seconds: float,
        thorough: bool,
    ) -> None:
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._recipe, self._data, self._reader, self._folder = recipe, data, reader, folder
        self._device, self._dtype, self._talk, self._thorough = device, dtype, talk, thorough
        self._store = data.stores["train"]
        self._k = len(data.classes)
        model = build_model(recipe, data.bands, self._k, data.print.mean, data.print.std)
        self._model: nn.Module = replicate(model, device)
        self._loss = partial(loss_of_heads, build_loss(recipe))
        self._images = recipe.train.batch_size // recipe.train.micro_batches  # at once
        self._beside = not (device.type == "cpu" and self._store.cached)
        self._epoch_steps = len(self._store) / recipe.train.batch_size

    def findings(self) -> list[Finding]:
        """All of them, in the order in which people should read them."""
        with self._talk.progress("looking ahead", 5) as advance:
            most = _BATCHES if self._thorough else _FEW_BATCHES
            batches, loading = some_batches(self._recipe, self._store, most, self._left / 4)
            labels, two = self._labels(batches), most_telling(batches[0])
            advance(1)
            began = time.monotonic()
            needed = cost.need(self._model, self._loss, two, device=self._device, dtype=self._dtype)
            image_seconds = (time.monotonic() - began) / len(two.images)
            fits = [self._memory(needed, batches[0]), cost.disk(needed.weights, self._folder)]
            if any(finding.severity == "fault" for finding in fits):
                return [*labels, *fits]  # to go on would be to run out of it
            advance(1)
            learning = self._step_seconds(batches[0], image_seconds)
            each = max(loading, learning) if self._beside else loading + learning
            each *= self._recipe.train.micro_batches
            if not self._thorough and self._recipe.train.budget is None:
                limit = _SHARE * each * _steps(self._recipe, self._epoch_steps)
                self._end = min(self._end, self._began + limit)
            pace = cost.pace(loading, learning, self._images, beside=self._beside)
            times = [pace, self._finish(each, learning)]
            advance(1)
            aligned = self._timely("alignment", self._alignment)
            same = self._timely("preparation", self._same)
            advance(1)
            numbers = self._timely("numbers", lambda: self._numbers(two))
            by_heart = self._timely("two images", lambda: [self._overfit(two)])
            advance(1)
        return [*aligned, *labels, *by_heart, *numbers, *same, *fits, *times]

    @property
    def _left(self) -> float:
        return self._end - time.monotonic()

    def _timely(self, check: str, make: Callable[[], list[Finding]]) -> list[Finding]:
        return make() if self._left > 0 else [Finding(check, "untried", "there was no time for it.")]

    def _labels(self, batches: list[Batch]) -> list[Finding]:
        places = {name: place for place, name in enumerate(self._store.names)}
        read = (self._store[places[name]].labels for batch in batches for name in batch.names)
        before = label_counts((labels for labels in read if labels is not None), self._k)
        after = label_counts((batch.labels for batch in batches), self._k)
        pixels = sum(batch.labels.numel() for batch in batches)
        return labels_kept(before, after, self._data.classes.names, pixels)

    def _memory(self, needed: cost.Need, batch: Batch) -> Finding:
        pixels = max(high * wide for high, wide in self._data.stores["val"].sizes)
        scores = self._recipe.train.batch_size * self._k * pixels * 4
        return cost.memory(
            needed,
            batch_size=self._recipe.train.batch_size,
            micro_batches=self._recipe.train.micro_batches,
            scores=scores,
            free=cost.room(self._device) + batch.images.nbytes,
        )

    def _step_seconds(self, batch: Batch, image_seconds: float) -> float:
        return step_seconds(
            self._model,
            self._loss,
            batch,
            image_seconds=image_seconds,
            seconds=self._left / 4,
            device=self._device,
            dtype=self._dtype,
            tries=3 if self._thorough else 2,
        )

    def _finish(self, each: float, learning: float) -> Finding:
        """When the training will be done.

        Args:
            each: Seconds of a whole step.
            learning: Seconds of it to learn from one batch.
        """
        options = self._recipe.train
        budget = None if options.budget is None else seconds_of(options.budget)
        steps = _steps(self._recipe, self._epoch_steps)
        other = _REPORT_SECONDS + _VALIDATING * (budget or 0.0)
        if budget is None:
            rows, columns = self._recipe.data.crop or self._store.sizes[0]
            pixels = sum(high * wide for high, wide in self._data.stores["val"].sizes)
            looking = learning / FORWARDS * pixels / (self._images * rows * columns)
            period = options.validate_every or max(_LEAST_PERIOD, round(self._epoch_steps))
            other += (1 + steps / period) * looking
        return cost.finish(
            step_seconds=each,
            total_steps=steps,
            budget=budget,
            epoch_steps=self._epoch_steps,
            other_seconds=other,
            now=datetime.now().astimezone(),
        )

    def _alignment(self) -> list[Finding]:
        names = [choice.name for choice in self._recipe.data.augmentations]
        if self._recipe.data.crop is not None:
            names.insert(0, "crop")
        return alignment(
            list(zip(names, build_augmentations(self._recipe), strict=True)),
            bands=self._data.bands,
            num_classes=self._k,
            exclusive=self._data.classes.exclusive,
        )

    def _same(self) -> list[Finding]:
        return [sameness(read_twice(self._reader, self._store, self._recipe.data.resize))]

    def _numbers(self, two: Batch) -> list[Finding]:
        if self._dtype is None and not self._thorough:
            return []
        dtype = self._dtype or torch.bfloat16
        return [finite(self._model, self._loss, two, device=self._device, dtype=dtype)]

    def _overfit(self, two: Batch) -> Finding:
        options = self._recipe.train
        adaptive = options.optimizer != "sgd"
        optimizer = make_optimizer(self._model, "adam", lr=options.lr if adaptive else 1e-3)
        return overfit(
            self._model,
            self._loss,
            optimizer,
            two,
            device=self._device,
            dtype=self._dtype,
            seconds=self._left,
        )


def _steps(recipe: Recipe, epoch_steps: float) -> float:
    options = recipe.train
    return float(options.steps or max(1, round((options.epochs or 0.0) * epoch_steps)))
