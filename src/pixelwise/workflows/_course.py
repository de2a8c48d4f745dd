"""One training from its first step to its last: validated, written down, saved, and gone on with."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

import pixelwise
from pixelwise.core.sample import Batch
from pixelwise.core.times import seconds_of
from pixelwise.data.loader import Stream, in_order, mixed
from pixelwise.engine.budget import Seconds, Steps
from pixelwise.engine.checkpoint import Checkpoint, save
from pixelwise.engine.evaluate import Evaluation, evaluate
from pixelwise.engine.interrupt import Interrupt
from pixelwise.engine.journal import Journal
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.processes import everyones, from_first, rank, replicate, world
from pixelwise.engine.state import (
    model_tensors,
    optimizer_tensors,
    random_tensors,
    restore_model,
    restore_optimizer,
    restore_random,
)
from pixelwise.engine.train import Seen, train
from pixelwise.metrics.confusion import Tally, counts_of, mean_iou
from pixelwise.ops.heads import loss_of_heads
from pixelwise.recipe.build import build_augmentations, build_loss, build_model
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._contracts import contract_of
from pixelwise.workflows._prepare import Prepared
from pixelwise.workflows._runs import RunFolder
from pixelwise.workflows._standing import Standing
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import Trained, origin_of, tile_of, usable

_LEAST_STEPS = 20  # between two validations, however few images there are
_VALIDATING = 0.1  # most of a time budget that validations may take
_REPORT_SECONDS = 3.0  # kept at the end of a time budget for the page

Show = Callable[[float, str], None]


def _show_nothing(share: float, words: str) -> None:
    """Where there is no bar."""


class Course:
    """A training on its way.

    Attributes:
        at: Where it stands.
        budget: How far it is.
        device: Where it is computed.
        parameters: Trained numbers of the model.
    """

    def __init__(
        self,
        recipe: Recipe,
        data: Prepared,
        folder: RunFolder,
        *,
        device: torch.device,
        dtype: torch.dtype | None,
        began: float,
        talk: Talk,
        restored: bool = False,
    ) -> None:
        self._recipe, self._data, self._folder = recipe, data, folder
        self.device, self._dtype = device, dtype
        torch.manual_seed(recipe.seed)
        mean, std = data.print.mean, data.print.std
        self._plain = build_model(recipe, data.bands, len(data.classes), mean, std, restored=restored)
        self.parameters = sum(p.numel() for p in self._plain.parameters() if p.requires_grad)
        self._model = replicate(self._plain, device)
        self._loss = build_loss(recipe)
        options = recipe.train
        self._optimizer = make_optimizer(
            self._model,
            options.optimizer,
            lr=options.lr,
            weight_decay=options.weight_decay,
            momentum=options.momentum,
            betas=options.betas,
            eps=options.eps,
        )
        torch.manual_seed(mixed(recipe.seed, rank(), 3))  # dropout differs between processes
        self.budget = self._budget(began)
        self.at, self._journal = Standing(), Journal(folder.journal)
        self._saved = self._told = time.monotonic()
        self._validating = 0.0
        self._talk, self._show = talk, _show_nothing

    @property
    def history(self) -> list[dict[str, float]]:
        """The rows of the journal."""
        return self._journal.rows

    @property
    def epoch_steps(self) -> float:
        """Steps in which every image is seen once."""
        return len(self._data.stores["train"]) / self._recipe.train.batch_size

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on where a checkpoint stands."""
        facts = checkpoint.facts
        restore_model(self._plain, checkpoint.part("model/"))
        restore_optimizer(self._optimizer, checkpoint.part("optimizer/"), facts["optimizer"])
        if rank() == 0:
            restore_random(checkpoint.part("random/"))
        self.at = Standing.restored(facts["standing"], self.device)
        self.budget.before = facts["spent"]
        self._journal = Journal(self._folder.journal, up_to_step=self.at.step)

    def run(self, interrupt: Interrupt, show: Show) -> None:
        """Train until the budget is spent, patience is, or a signal comes; save at the end."""
        self._show = show
        options = self._recipe.train
        self.at.step = train(
            self._model,
            partial(loss_of_heads, self._loss),
            self._batches(),
            self._optimizer,
            self.budget,
            rate=self._rate(),
            device=self.device,
            dtype=self._dtype,
            start=self.at.step,
            micro_batches=options.micro_batches,
            clip=options.clip,
            measure=counts_of,
            interrupted=interrupt,
            seen=self.at.seen,
            every=[(self._period(), self._validate), (1, self._tick)],
        )
        if not everyones(torch.tensor(float(interrupt()), device=self.device)):
            if self.at.validated != self.at.step:
                self._examine(self.at.step, self.at.seen)
            self.at.finished = True
        self._save_last()

    def trained(self) -> Trained:
        """The model of now, ready to be judged."""
        model = usable(self._plain, self._recipe).eval()
        step, recipe = self.at.step, self._recipe
        contract = contract_of(self._facts(step, "last"), recipe, None)
        tile = tile_of(recipe)
        return Trained(model, contract, recipe, origin_of(step), self.device, self._dtype, tile)

    def _budget(self, began: float) -> Steps | Seconds:
        options = self._recipe.train
        if options.budget is not None:
            return Seconds(seconds_of(options.budget), reserve=_REPORT_SECONDS, _began=began)
        steps = options.steps or max(1, round((options.epochs or 1.0) * self.epoch_steps))
        return Steps(steps, _began=began)

    def _rate(self) -> Callable[[float], float]:
        options = self._recipe.train
        return learning_rate(options.schedule, options.lr, warmup=options.warmup, power=options.power)

    def _batches(self) -> Iterator[Batch]:
        options = self._recipe.train
        stream = Stream(
            self._data.stores["train"],
            batch_size=options.batch_size // options.micro_batches,
            seed=self._recipe.seed,
            augmentations=build_augmentations(self._recipe),
            rank=rank(),
            world=world(),
            workers=self._recipe.data.workers,
            ahead=0 if self.device.type == "cpu" and self._data.stores["train"].cached else 4,
        )
        return stream.batches(self.at.step * options.micro_batches)

    def _period(self) -> int:
        return self._recipe.train.validate_every or max(_LEAST_STEPS, round(self.epoch_steps))

    def _validate(self, step: int, seen: Seen) -> bool:
        """Validate when it is time; whether patience is spent."""
        if isinstance(self.budget, Seconds) and self._recipe.train.validate_every is None:
            waited = time.monotonic() - self._told
            if not from_first(waited * _VALIDATING >= self._validating * (1 - _VALIDATING), self.device):
                return False
        self._examine(step, seen)
        return self._recipe.train.patience is not None and self.at.poor >= self._recipe.train.patience

    def _examine(self, step: int, seen: Seen) -> None:
        """Validate, write the numbers down, and keep the weights when they are the best."""
        began = time.monotonic()
        found = self.evaluate("val")
        score = float(mean_iou(Tally(found.counts)))
        self._write_row(step, seen, found, score, began)
        seen.forget()
        self._told = time.monotonic()
        self._validating = self._told - began
        if isinstance(self.budget, Seconds):
            rest = 1 + len(self._data.stores.get("test", ())) / len(self._data.stores["val"])
            self.budget.reserve = _REPORT_SECONDS + rest * self._validating
        if self.at.judge(score, step, choose=self._data.chooses) and rank() == 0:
            facts = self._facts(step, "best")
            save(self._folder.best, Checkpoint(model_tensors(self._model), facts))

    def evaluate(self, split: str) -> Evaluation:
        """Count one split with the weights of now."""
        return evaluate(
            usable(self._plain, self._recipe),
            in_order(
                self._data.stores[split],
                batch_size=self._recipe.train.batch_size,
                rank=rank(),
                world=world(),
            ),
            self._loss,
            self._data.classes,
            device=self.device,
            dtype=self._dtype,
            tile=tile_of(self._recipe),
        )

    def _write_row(self, step: int, seen: Seen, found: Evaluation, score: float, began: float) -> None:
        counts = None if seen.counts is None else everyones(seen.counts).cpu()
        row = {
            "step": float(step),
            "epoch": step / self.epoch_steps,
            "seconds": self.budget.spent,
            "lr": self._optimizer.param_groups[0]["lr"],
            "images_per_second": seen.images * world() / max(1e-9, began - self._told),
            "train_loss": seen.loss if seen.steps else float("nan"),
            "val_loss": found.loss,
            "train_mean_iou": float("nan") if counts is None else float(mean_iou(Tally(counts))),
            "val_mean_iou": score,
        }
        if rank() == 0:
            self._journal.add(row)
        self._talk.say(
            f"epoch {row['epoch']:6.1f}  step {step:6d}  train loss {row['train_loss']:.4f}  val loss "
            f"{found.loss:.4f}  val mean IoU {score:.4f}  {row['images_per_second']:.0f} images/s"
        )

    def _tick(self, step: int, seen: Seen) -> bool:
        """Move the bar on, and save when it is time; never stops."""
        self.at.step = step
        told = f"step {step} · epoch {step / self.epoch_steps:.1f}"
        if seen.steps:
            told += f" · loss {seen.loss:.4f}"
        if self.at.best_score >= 0:
            told += f" · best val mean IoU {self.at.best_score:.3f}"
        self._show(self.budget.progress(step), told)
        if isinstance(self.budget, Seconds) and self.at.validated < 0:
            self.budget.reserve = self._foreseen(seen.images)
        if time.monotonic() - self._saved >= self._recipe.train.save_every:
            self._save_last()
        return False

    def _foreseen(self, images: int) -> float:
        """Seconds that what comes after the last step will take, told by the steps so far.

        A step costs about three looks at an image; val is looked at once more, then test.
        """
        rows, columns = self._recipe.data.crop or self._data.stores["train"].sizes[0]
        seconds_a_pixel = (time.monotonic() - self._told) / max(1, images * world() * rows * columns)
        coming = [self._data.stores["val"], self._data.stores.get("test", self._data.stores["val"])]
        pixels = sum(high * wide for store in coming for high, wide in store.sizes)
        return _REPORT_SECONDS + seconds_a_pixel * pixels / 3

    def _save_last(self) -> None:
        if rank() != 0:
            return
        tensors, groups = optimizer_tensors(self._optimizer)
        tensors = model_tensors(self._model) | tensors | random_tensors()
        save(
            self._folder.last, Checkpoint(tensors, self._facts(self.at.step, "last") | {"optimizer": groups})
        )
        self._saved = time.monotonic()

    def _facts(self, step: int, kind: str) -> dict[str, Any]:
        return {
            "version": pixelwise.__version__,
            "kind": kind,
            "recipe": self._recipe.plain(),
            "classes": self._data.classes.to_dict(),
            "bands": self._data.bands,
            "mean": list(self._data.print.mean),
            "std": list(self._data.print.std),
            "low": list(self._data.print.low),
            "high": list(self._data.print.high),
            "metres": self._data.print.metres,
            "data": self._data.digest,
            "step": step,
            "spent": self.budget.spent,
            "standing": self.at.plain(),
        }
