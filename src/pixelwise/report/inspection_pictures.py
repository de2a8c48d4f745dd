"""Pictures of what an examination found."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int, UInt8
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import PixelwiseError
from pixelwise.data.doctor._case import UNKNOWN, Case, Entry
from pixelwise.data.doctor._findings import Example
from pixelwise.data.doctor._mixtures import mended
from pixelwise.report.pictures import as_rgb, data_uri, overlay, paint

Rgb = UInt8[np.ndarray, "h w 3"]

MARK = (255, 0, 170)
BEFORE = (255, 0, 170)
AFTER = (60, 255, 90)
_BYTES = 40_000  # per picture
_SIDE = 480
_DETAIL = 144  # pixels of the file shown large
_SMALL = 160


@dataclass(frozen=True, slots=True)
class Strip:
    """Some pictures side by side, with what stands above and below them.

    Attributes:
        name: Above all.
        saying: What is to be seen.
        pictures: Caption and data URI of each.
        rows: Of the first picture, for the layout of the page.
        columns: Of it.
        small: Whether it is shown pixel by pixel.
    """

    name: str
    saying: str
    pictures: list[tuple[str, str]]
    rows: int
    columns: int
    small: bool


def strip(case: Case, example: Example) -> Strip | None:
    """The pictures of an example; None where nothing of it can be read."""
    entries = [case.entries[number] for number in example.entries]
    shown: list[tuple[str, Rgb, bool]] = []
    for entry in entries:
        shown += _entry(case, entry, example if len(entries) == 1 else None)
    if not shown:
        return None
    _, first, _ = shown[0]
    pictures = [(kind, data_uri(rgb, _SIDE, exact=exact, max_bytes=_BYTES)) for kind, rgb, exact in shown]
    rows, columns = first.shape[:2]
    return Strip(entries[0].name, example.saying, pictures, rows, columns, max(rows, columns) < _SMALL)


def _entry(case: Case, entry: Entry, example: Example | None) -> list[tuple[str, Rgb, bool]]:
    """Image, labels, and what is marked or moved, as far as they can be read."""
    image, labels = _read(case, entry)
    shown: list[tuple[str, Rgb, bool]] = []
    if image is not None:
        shown.append(("Image", as_rgb(image), False))
    if labels is None:
        return shown
    known = torch.from_numpy(np.where(labels == UNKNOWN, IGNORE_INDEX, labels))
    if image is None or image.shape[1:] != known.shape:
        return [*shown, ("Labels", paint(known, case.classes), True)]
    shown.append(("Labels", overlay(image, known, case.classes, 0.6), False))
    if example is not None and example.mark is not None and example.mark.shape == labels.shape:
        marked = _marked(as_rgb(image), example.mark)
        shown += [("Marked", marked, False), ("Detail", _detail(marked, example.mark), True)]
    if example is not None and example.moved is not None:
        lines = _outlines(mended(case, entry))
        before, after = (_lined(as_rgb(image), lines, move) for move in ((0, 0), example.moved))
        shown += [("As it is", _detail(before, lines), True), ("Moved", _detail(after, lines), True)]
    return shown


def _read(case: Case, entry: Entry) -> tuple[Tensor | None, Int[np.ndarray, "h w"] | None]:
    image = labels = None
    with suppress(PixelwiseError):  # what cannot be read is told in words all the same
        image = case.image_of(entry)
    with suppress(PixelwiseError):
        labels = case.labels_of(entry)
    return image, labels


def _marked(rgb: Rgb, mark: Bool[np.ndarray, "h w"]) -> Rgb:
    """The image in grey, with the marked pixels in one strong colour."""
    grey = (rgb @ np.array([0.299, 0.587, 0.114]) * 0.6 + 90).clip(0, 255).astype(np.uint8)
    marked = np.repeat(grey[..., None], 3, axis=2)
    marked[mark] = MARK
    return marked


def _lined(rgb: Rgb, lines: Bool[np.ndarray, "h w"], move: tuple[int, int]) -> Rgb:
    """The image with outlines on it, moved."""
    drawn = rgb.copy()
    rows, columns = np.nonzero(lines)
    rows, columns = rows + move[0], columns + move[1]
    inside = (rows >= 0) & (rows < rgb.shape[0]) & (columns >= 0) & (columns < rgb.shape[1])
    drawn[rows[inside], columns[inside]] = AFTER if any(move) else BEFORE
    return drawn


def _outlines(labels: Int[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    lines = np.zeros(labels.shape, np.bool_)
    lines[1:] |= labels[1:] != labels[:-1]
    lines[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    return lines


def _detail(rgb: Rgb, mark: Bool[np.ndarray, "h w"]) -> Rgb:
    """The part of a picture where most is marked."""
    rows, columns = rgb.shape[:2]
    if not mark.any() or max(rows, columns) <= _DETAIL:
        return rgb
    sums = np.pad(mark.astype(np.int64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    height, width = min(_DETAIL, rows), min(_DETAIL, columns)
    below: Any = sums[height:] - sums[:-height]
    within: Any = below[:, width:] - below[:, :-width]
    top, left = np.unravel_index(int(within.argmax()), within.shape)
    return np.ascontiguousarray(rgb[top : top + height, left : left + width])
