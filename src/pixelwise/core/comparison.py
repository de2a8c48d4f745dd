"""An experiment: what was tried with which seeds, and whether what must hold does."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median, stdev
from typing import Any

import numpy as np

Tell = Callable[[str], None]  # told in a few words what goes on

_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # 97.5 % points of t, 1 to 9 degrees


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant trained or run once.

    Attributes:
        variant: What it is called in tables.
        seed: Of data and weights.
        scores: By name, on held-out samples.
        seconds: That it took.
    """

    variant: str
    seed: int
    scores: Mapping[str, float]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Margin:
    """How far one variant lies above another, or above a fixed number, seed by seed.

    Attributes:
        words: What must hold, such as "boxes beat image labels by 0.10 mean IoU".
        least: What the middle of the differences must reach.
        differences: One a seed.
        source: Whose claim it is: the paper's, or our calibration.
    """

    words: str
    least: float
    differences: tuple[float, ...]
    source: str = ""

    @property
    def holds(self) -> bool:
        """Whether the median over the seeds reaches it."""
        return median(self.differences) >= self.least

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean difference, by Student's t over the seeds; infinite from one seed."""
        return interval(self.differences)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an experiment found.

    Attributes:
        system: Its name.
        title: What is compared, in a line.
        trials: Every run, in the order of variants and seeds.
        margins: What must hold, and how it stands.
        notes: What a reader should know: what was reduced, what must not be claimed.
        pictures: RGB pictures `[h w 3]`, uint8, by the name of their file.
    """

    system: str
    title: str
    trials: Sequence[Trial]
    margins: Sequence[Margin]
    notes: Sequence[str] = ()
    pictures: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])

    def variants(self) -> list[str]:
        """Names of the variants, in order."""
        return list(dict.fromkeys(trial.variant for trial in self.trials))

    def scores_of(self, variant: str, score: str) -> tuple[float, ...]:
        """A score of a variant, one a seed."""
        return tuple(trial.scores[score] for trial in self.trials if trial.variant == variant)

    def to_json(self) -> str:
        """Everything but the pictures."""
        plain: dict[str, Any] = {
            "system": self.system,
            "title": self.title,
            "trials": [asdict(trial) for trial in self.trials],
            "margins": [
                asdict(margin) | {"holds": margin.holds, "interval": list(margin.interval)}
                for margin in self.margins
            ],
            "notes": list(self.notes),
        }
        return json.dumps(plain, indent=1)


def margin(
    trials: Sequence[Trial],
    better: str,
    worse: str | None,
    least: float,
    *,
    score: str = "mean_iou",
    words: str = "",
    source: str = "",
) -> Margin:
    """How far `better` lies above `worse`, or above zero if there is none, in the trials of each seed.

    Args:
        trials: Of both variants, with the same seeds.
        better: A variant.
        worse: Another one; None compares with zero.
        least: What the difference must reach.
        score: Which score.
        words: What must hold; left out, it is made of the names.
        source: Whose claim it is.
    """
    found = {trial.seed: trial.scores[score] for trial in trials if trial.variant == better}
    other = {trial.seed: trial.scores[score] for trial in trials if trial.variant == worse}
    apart = tuple(value - (other[seed] if worse is not None else 0.0) for seed, value in found.items())
    told = f"{better}: {score} at least {least:g}"
    if worse is not None:
        told = f"{better} - {worse}: {score} at least {least:+g}"
    return Margin(words or told, least, apart, source)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % interval of a mean, by Student's t; infinite from a single value.

    Reference:
        Student, "The probable error of a mean", Biometrika 6, 1908.
    """
    if len(values) < 2:
        return float("-inf"), float("inf")
    half = _T[min(len(values) - 2, len(_T) - 1)] * stdev(values) / len(values) ** 0.5
    return fmean(values) - half, fmean(values) + half
