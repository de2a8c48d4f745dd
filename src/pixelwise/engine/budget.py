"""How long to train: a number of steps, or a time on the clock."""

import time
from dataclasses import dataclass, field
from typing import Protocol


class Budget(Protocol):
    """How far a training is."""

    def progress(self, step: int) -> float:
        """Share of the budget that is spent before this step; one or more: stop."""
        ...

    @property
    def spent(self) -> float:
        """Seconds on the clock so far, those before a resume counted."""
        ...


@dataclass
class Steps:
    """So many steps, however long they take."""

    total: int
    before: float = 0.0  # seconds spent before a resume
    _began: float = field(default_factory=time.monotonic)

    def progress(self, step: int) -> float:
        """Share of the steps that are done."""
        return step / self.total

    @property
    def spent(self) -> float:
        """Seconds on the clock so far."""
        return self.before + time.monotonic() - self._began


@dataclass
class Seconds:
    """So much time, however many steps it gives; the schedule follows the clock.

    Attributes:
        total: Seconds for all: training, validations, and what comes after the last step.
        before: Seconds spent before a resume.
        reserve: Seconds to keep for what comes after the last step.
    """

    total: float
    before: float = 0.0
    reserve: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def progress(self, step: int) -> float:  # noqa: ARG002 the clock does not ask for the step
        """Share of the time for training that is spent."""
        return self.spent / max(1e-9, self.total - self.reserve)

    @property
    def spent(self) -> float:
        """Seconds on the clock so far."""
        return self.before + time.monotonic() - self._began
