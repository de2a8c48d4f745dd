"""Report: what an evaluation says, with where its numbers come from."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pixelwise.core.classes import Classes


@dataclass(frozen=True, slots=True)
class Report:
    """Scores of one split of one data set.

    Attributes:
        split: Which part of the data: "train", "val", "test" or "all".
        samples: How many images.
        classes: What the labels mean.
        counts: Integers everything is read off. Exclusive classes: a confusion matrix, rows true,
            columns predicted. Independent classes: per class `[[tn, fp], [fn, tp]]`.
        scores: Whole-set numbers by name, such as "mean_iou"; NaN where undefined. "mean_iou_low" and
            "mean_iou_high" are the ends of its 95 % interval.
        per_class: Name of a score to one number per class; NaN where undefined.
        per_image: Name of a score to how it is spread over the images: "mean", "lower_quartile", "median",
            "upper_quartile".
        worst: The images told worst, the worst first, with their mean IoU.
        keras: The same predictions counted as Keras counts them; only for planes.
        provenance: Where the numbers come from: version, data hash, weights, date, hardware.
    """

    split: str
    samples: int
    classes: Classes
    counts: list[Any]
    scores: Mapping[str, float]
    per_class: Mapping[str, tuple[float, ...]]
    per_image: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    worst: tuple[tuple[str, float], ...] = ()
    keras: Mapping[str, float] = field(default_factory=dict[str, float])
    provenance: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_json(self) -> str:
        """As text that any JSON reader accepts: an undefined number is null."""
        plain = {
            "split": self.split,
            "samples": self.samples,
            "scores": _plains(self.scores),
            "per_class": {
                name: dict(zip(self.classes.names, map(_plain, values), strict=True))
                for name, values in self.per_class.items()
            },
            "per_image": {name: _plains(values) for name, values in self.per_image.items()},
            "worst": dict(self.worst),
            "keras": _plains(self.keras),
            "counts": self.counts,
            "classes": self.classes.to_dict(),
            "provenance": dict(self.provenance),
        }
        return json.dumps(plain, indent=1)


def _plains(numbers: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _plain(number) for name, number in numbers.items()}


def _plain(number: float) -> float | None:
    return number if math.isfinite(number) else None
