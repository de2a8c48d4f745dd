"""Where a training stands: the few numbers that a resume needs besides tensors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from pixelwise.engine.train import Seen


@dataclass
class Standing:
    """Counters of a training on its way.

    Attributes:
        step: Steps done.
        best_score: Best mean IoU on val so far; below zero before the first.
        best_step: The step it was reached at; zero before the first.
        poor: Validations since then.
        validated: Step of the last validation; below zero before the first.
        finished: Whether the budget is spent, or patience was.
        seen: What was learnt from since the last validation.
    """

    step: int = 0
    best_score: float = -1.0
    best_step: int = 0
    poor: int = 0
    validated: int = -1
    finished: bool = False
    seen: Seen = field(default_factory=Seen)

    def judge(self, score: float, step: int, *, choose: bool) -> bool:
        """Note a validation; whether its weights are to be kept.

        Args:
            score: Mean IoU; NaN is never better.
            step: When.
            choose: Whether the best are kept; else the latest.
        """
        better = score > self.best_score
        self.validated = step
        self.poor = 0 if better else self.poor + 1
        kept = better or not choose or self.best_step == 0
        if kept:
            self.best_score, self.best_step = (score if score == score else -1.0), step
        return kept

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        seen = self.seen
        counts = None if seen.counts is None else seen.counts.tolist()
        told = {"loss_sum": seen.loss_sum, "steps": seen.steps, "images": seen.images, "counts": counts}
        return {name: value for name, value in vars(self).items() if name != "seen"} | {"seen": told}

    @classmethod
    def restored(cls, plain: Mapping[str, Any], device: torch.device) -> "Standing":
        """The inverse of `plain`."""
        told = dict(plain["seen"])
        counts = told.pop("counts")
        seen = Seen(**told, counts=None if counts is None else torch.tensor(counts, device=device))
        return cls(**{name: value for name, value in plain.items() if name != "seen"}, seen=seen)
