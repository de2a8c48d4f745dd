"""What a check found, and random states that it must not disturb."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from pixelwise.engine.state import random_tensors, restore_random

Severity = Literal["fault", "warning", "fine", "untried"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has to say.

    Attributes:
        check: What was looked at, in a word or two.
        severity: "fault": the run would be wasted; "warning": it may be; "fine": as it should be;
            "untried": there was no time, or nothing to look at.
        saying: What was found, in a sentence.
        advice: What to do about a fault or a warning.
    """

    check: str
    severity: Severity
    saying: str
    advice: str = ""


@contextmanager
def undisturbed() -> Generator[None, None, None]:
    """Every random state of this process is afterwards as it was before."""
    before = random_tensors()
    try:
        yield
    finally:
        restore_random({name.removeprefix("random/"): state for name, state in before.items()})
