"""What an examination says: findings, the pictures that show them, and the one repair proposed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jaxtyping import Bool
from numpy import ndarray

from pixelwise.data.doctor._steps import Step

Severity = Literal["fault", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")
SHOWN = 4  # examples of one finding that have pictures


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Where something can be seen.

    Attributes:
        entries: Numbers of the entries to look at; two where they are to be compared.
        saying: What is to be seen there.
        mark: The pixels in question.
        moved: Rows and columns by which the labels should move.
    """

    entries: tuple[int, ...]
    saying: str = ""
    mark: Bool[ndarray, "h w"] | None = None
    moved: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """The one thing that mends a finding beyond doubt.

    Attributes:
        saying: What is done, in a sentence.
        steps: What is done to each file.
    """

    saying: str
    steps: Mapping[Path, Step]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an examination found.

    Attributes:
        title: In a few words.
        severity: "fault": training refuses the data or learns what is wrong; "warning": it may; "note": good
            to know.
        saying: What is wrong and what was found.
        count: How many files, images or shapes it is about.
        files: Their names, as people know them.
        examples: A few, to be looked at.
        repair: What mends it; None where a person must decide.
        advice: What a person can do; says why nothing is repaired where that is so.
    """

    title: str
    severity: Severity
    saying: str
    count: int = 1
    files: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    repair: Repair | None = field(default=None)
    advice: str = ""


def many(number: int, one: str, several: str) -> str:
    """A number with the words that fit it: «1 mask has», «3 masks have»."""
    return f"{number:,} {one if number == 1 else several}"
