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
        scores: Whole-set numbers by name, such as "mean_iou"; NaN where undefined.
        per_class: Name of a score to one number per class; NaN where undefined.
        keras: The same predictions counted as Keras counts them; only for planes.
        provenance: Where the numbers come from: version, data hash, weights, date, hardware.
    """

    split: str
    samples: int
    classes: Classes
    counts: list[Any]
    scores: Mapping[str, float]
    per_class: Mapping[str, tuple[float, ...]]
    keras: Mapping[str, float] = field(default_factory=dict[str, float])
    provenance: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_json(self) -> str:
        """As text that any JSON reader accepts: an undefined number is null."""
        plain = {
            "split": self.split,
            "samples": self.samples,
            "scores": {name: _plain(value) for name, value in self.scores.items()},
            "per_class": {
                name: dict(zip(self.classes.names, map(_plain, values), strict=True))
                for name, values in self.per_class.items()
            },
            "keras": {name: _plain(value) for name, value in self.keras.items()},
            "counts": self.counts,
            "classes": self.classes.to_dict(),
            "provenance": dict(self.provenance),
        }
        return json.dumps(plain, indent=1)


def _plain(number: float) -> float | None:
    return number if math.isfinite(number) else None
