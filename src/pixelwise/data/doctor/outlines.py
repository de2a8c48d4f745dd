"""Polygons that leave their image, or cover nothing of it."""

from collections.abc import Sequence

import numpy as np

from pixelwise.data.doctor._case import Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Severity
from pixelwise.data.drawings.paint import parts
from pixelwise.data.drawings.shapes import Shape

_SLACK = 1.0  # pixels beyond the border that are a slip of the hand
_LOOKED_AT = 20_000  # shapes


def outlines(case: Case) -> list[Finding]:
    """Shapes beyond the border, outside altogether, or thinner than a pixel."""
    beyond: list[tuple[Entry, Shape]] = []
    unseen: list[tuple[Entry, Shape]] = []
    shapes = [(entry, shape) for entry in case.entries if entry.drawing for shape in entry.drawing.shapes]
    for entry, shape in shapes[:_LOOKED_AT]:
        size = entry.drawing.size if entry.drawing else (0, 0)
        if not any(part.mask.any() for part in parts(shape, size)):
            unseen.append((entry, shape))
        elif _reaches_out(shape, size):
            beyond.append((entry, shape))
    found: list[Finding] = []
    if unseen:
        saying = f"{len(unseen)} of {len(shapes)} shapes cover no pixel: outside their image, or too thin."
        advice = "Not repaired: draw them again, or delete them. Is it the image that was drawn over?"
        found.append(_finding("shapes that cover nothing", "warning", saying, unseen, advice))
    if beyond:
        saying = f"{len(beyond)} of {len(shapes)} shapes reach beyond their image."
        advice = "They are cut off at the border when read. Many of them are a sign of a resized image."
        found.append(_finding("shapes beyond the image", "warning", saying, beyond, advice))
    return found


def _finding(
    title: str, severity: Severity, saying: str, of: Sequence[tuple[Entry, Shape]], advice: str
) -> Finding:
    numbers = list(dict.fromkeys(entry.number for entry, _ in of))
    return Finding(
        title,
        severity,
        saying,
        count=len(of),
        files=tuple(f"{entry.name}, {shape.where or shape.label}: {_extent(shape)}" for entry, shape in of),
        examples=tuple(Example((number,)) for number in numbers[:SHOWN]),
        advice=advice,
    )


def _reaches_out(shape: Shape, size: tuple[int, int]) -> bool:
    corners = _corners(shape)
    return bool(len(corners)) and bool(
        (corners.min(0) < -_SLACK).any() or (corners.max(0) > np.array(size) + _SLACK).any()
    )


def _corners(shape: Shape) -> np.ndarray:
    points = [polygon.outline for polygon in shape.polygons]
    if shape.pixels is not None:
        top, left = shape.pixels.top, shape.pixels.left
        points.append(
            np.array([(top, left), (top + shape.pixels.size[0], left + shape.pixels.size[1])], float)
        )
    return np.concatenate(points) if points else np.empty((0, 2))


def _extent(shape: Shape) -> str:
    corners = _corners(shape)
    if not len(corners):
        return "no points"
    (top, left), (bottom, right) = corners.min(0).tolist(), corners.max(0).tolist()
    return f"rows {top:.0f} to {bottom:.0f}, columns {left:.0f} to {right:.0f}"
