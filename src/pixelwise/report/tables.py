"""What a report's counts say, as rows and cells."""

import math
from dataclasses import dataclass

import numpy as np

from pixelwise.core.palette import Colour
from pixelwise.core.scores import Report
from pixelwise.report.words import number, percent

MOST_IN_MATRIX = 60  # classes; beyond, a matrix is no longer read but measured in megabytes
_ABSENT = "not in the truth and never predicted"
_LENGTHS = {"hausdorff_95", "surface_distance"}  # in pixels: less is better, and nothing for a bar
_SPREADS = ("median", "lower_quartile")  # of the images, told beside the scores of the whole set
_UNDEFINED = {"precision": "never predicted", "recall": "not in the truth", "boundary_f": "no outline"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as text, for a bar or a heat map, and in words."""

    text: str
    share: float  # 0..1, 0 where undefined
    said: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    name: str
    colour: str
    cells: tuple[Cell, ...]
    absent: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """A class that is often taken for another."""

    truth: str
    predicted: str
    share: str


@dataclass(frozen=True, slots=True)
class Quarters:
    """One plane's pixels: found, missed, invented, rightly left alone."""

    name: str
    colour: str
    found: Cell
    missed: Cell
    invented: Cell
    alone: Cell


def headline(report: Report) -> list[tuple[str, float]]:
    """The scores of the whole set, the mean IoU first; its other rules only where they differ from it.

    Last comes how the IoU is spread over the images.
    """
    lead = report.scores.get("mean_iou")
    rest = [
        (name, value)
        for name, value in report.scores.items()
        if name != "mean_iou" and not (name.startswith("mean_iou_") and value == lead)
    ]
    of_images = report.per_image.get("iou", {})
    rest += [(f"{name}_image_iou", of_images[name]) for name in _SPREADS if name in of_images]
    return rest if lead is None else [("mean_iou", lead), *rest]


def css(colour: Colour) -> str:
    """A colour as a style sheet writes it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def shares(report: Report) -> tuple[float, ...]:
    """Share of each class among the true pixels that count (of its own plane); NaN without pixels."""
    if "share" in report.per_class:
        return report.per_class["share"]
    counts = np.array(report.counts, dtype=np.float64)
    if not report.classes.exclusive:
        true, total = counts[:, 1].sum(-1), counts.sum((1, 2))
    else:
        true, total = counts.sum(1), np.full(len(counts), counts.sum())
    return tuple((true / np.where(total > 0, total, np.nan)).tolist())


def class_table(report: Report) -> tuple[list[str], list[ClassRow]]:
    """Names of the columns, the share of pixels last, and a row per class."""
    known = [name for name in ("iou", "dice", "precision", "recall") if name in report.per_class]
    columns = known + [name for name in report.per_class if name not in {*known, "share"}]
    rows: list[ClassRow] = []
    for index, (name, share) in enumerate(zip(report.classes.names, shares(report), strict=True)):
        values = [report.per_class[column][index] for column in columns]
        cells = [
            Cell(
                number(value),
                0.0 if column in _LENGTHS else _bar(value),
                "" if math.isfinite(value) else _UNDEFINED.get(column, _ABSENT),
            )
            for column, value in zip(columns, values, strict=True)
        ]
        absent = bool(values) and not any(math.isfinite(value) for value in values)
        colour = css(report.classes.colours[index])
        rows.append(ClassRow(name, colour, (*cells, Cell(percent(share), _bar(share))), absent))
    return [*columns, "share"], rows


def matrix(report: Report) -> list[list[Cell]]:
    """The confusion matrix, each row divided by the true pixels of its class; empty for planes."""
    if not report.classes.exclusive or len(report.classes) > MOST_IN_MATRIX:
        return []
    counts = np.array(report.counts, dtype=np.int64)
    names = report.classes.names
    rows: list[list[Cell]] = []
    for truth, row in enumerate(counts.tolist()):
        total = sum(row)
        cells: list[Cell] = []
        for predicted, count in enumerate(row):
            share = count / total if total else math.nan
            verb = "found" if truth == predicted else f"taken for {names[predicted]}"
            said = f"{names[truth]} {verb}: {percent(share)}, {count:,} pixels"
            cells.append(Cell(_whole(share), _bar(share), said if count else ""))
        rows.append(cells)
    return rows


def mistakes(report: Report, most: int = 5) -> list[Mistake]:
    """The largest shares of one class taken for another, at least one pixel in two hundred."""
    if not report.classes.exclusive or len(report.classes) < 2:
        return []
    counts = np.array(report.counts, dtype=np.float64)
    portion = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    np.fill_diagonal(portion, 0)
    order = np.argsort(-portion, axis=None, kind="stable")[:most].tolist()
    pairs = [divmod(place, len(counts)) for place in order]
    names = report.classes.names
    return [
        Mistake(names[truth], names[predicted], percent(float(portion[truth, predicted])))
        for truth, predicted in pairs
        if portion[truth, predicted] >= 0.005
    ]


def quarters(report: Report) -> list[Quarters]:
    """Per plane, what became of its true and of its other pixels; empty for exclusive classes."""
    if report.classes.exclusive:
        return []
    blocks: list[Quarters] = []
    rows = zip(report.classes.names, report.classes.colours, report.counts, strict=True)
    for name, colour, ((alone, invented), (missed, found)) in rows:
        blocks.append(
            Quarters(
                name,
                css(colour),
                found=_quarter(found, missed),
                missed=_quarter(missed, found),
                invented=_quarter(invented, alone),
                alone=_quarter(alone, invented),
            )
        )
    return blocks


def _quarter(count: int, rest: int) -> Cell:
    share = count / (count + rest) if count + rest else math.nan
    return Cell(percent(share), _bar(share), f"{int(count):,}")


def _whole(share: float) -> str:
    """Whole per cent; nothing where there is nothing to see."""
    return f"{100 * share:.0f}" if math.isfinite(share) and share >= 0.005 else ""


def _bar(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4) if math.isfinite(value) else 0.0
