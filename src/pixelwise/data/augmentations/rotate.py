"""Turned images."""

import math
from typing import Annotated, Literal

from annotated_types import Interval
from torch import Generator, Tensor
from torchvision.transforms.v2 import functional as F

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import BILINEAR, NEAREST, ignored, jointly, uniform


def rotate(
    sample: Sample,
    rng: Generator,
    *,
    degrees: Annotated[float, Interval(ge=0, le=180)] = 10.0,
    fill: Literal["reflect", "ignore"] = "reflect",
) -> Sample:
    """Turn the sample about its centre by an angle drawn evenly from ± `degrees`; the size stays.

    Args:
        sample: What is changed.
        rng: Where chance comes from.
        degrees: Largest angle, either way.
        fill: What comes into the corners: "reflect" mirrors image and labels at the border, "ignore"
            leaves them black and their labels uncounted.

    Reference:
        Simard, Steinkraus & Platt, "Best practices for CNNs", 2003, section 2 (affine distortions).
    """
    angle = uniform(rng, -degrees, degrees)
    rows, columns = sample.image.shape[-2:]
    nothing = ignored(sample)

    def turned(values: Tensor, labels: bool) -> Tensor:
        if fill == "reflect":
            values = _mirrored(values, *_margins(rows, columns, angle))
        how = NEAREST if labels else BILINEAR
        values = F.rotate(values, angle, interpolation=how, fill=[nothing if labels else 0.0])
        return F.center_crop(values, [rows, columns])

    return jointly(sample, lambda image: turned(image, False), lambda labels: turned(labels, True))


def _margins(rows: int, columns: int, angle: float) -> tuple[int, int]:
    """How many rows and columns around the image come into view."""
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    high, wide = rows * cosine + columns * sine, rows * sine + columns * cosine
    return max(0, math.ceil((high - rows) / 2) + 1), max(0, math.ceil((wide - columns) / 2) + 1)


def _mirrored(values: Tensor, rows: int, columns: int) -> Tensor:
    """Mirrored at the borders as often as it takes: one reflection gives one image less a pixel."""
    while rows or columns:
        down, right = min(rows, values.shape[-2] - 1), min(columns, values.shape[-1] - 1)
        if not down and not right:  # a single pixel has nothing to mirror
            return F.pad(values, [columns, rows], padding_mode="edge")
        values = F.pad(values, [right, down], padding_mode="reflect")
        rows, columns = rows - down, columns - right
    return values
