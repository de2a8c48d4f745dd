"""Training curves: from rows of numbers to lines, ticks and marks in a drawing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pixelwise.report.words import title

WIDTH, HEIGHT = 520, 280
LEFT, RIGHT, TOP, BOTTOM = 50, 14, 22, 42
_CLOCKS = ("epoch", "step")  # what may lie along the horizontal axis, the first that is there
_SILENT = {*_CLOCKS, "seconds"}
_PARTS = {"train": "training", "val": "validation", "test": "test"}
# What the best row is best in, the first that is there; -1 where less is better.
_JUDGES = {"val_mean_iou": 1, "val_iou": 1, "val_mean_dice": 1, "val_dice": 1, "val_loss": -1}

Rows = Sequence[Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place along an axis, in drawing units, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line.

    Attributes:
        part: "train", "val", "test" or nothing: what it is coloured by.
        label: For people.
        path: SVG path; missing numbers are bridged.
        dots: Points of a line too short to be seen as one, in drawing units.
        values: (position in drawing units, text along the axis, number as text), for the read-out.
    """

    part: str
    label: str
    path: str
    dots: tuple[tuple[float, float], ...]
    values: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing with axes."""

    name: str
    title: str
    clock: str
    series: tuple[Series, ...]
    columns: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    best: Tick | None


def panels(history: Rows) -> list[Panel]:
    """One panel per quantity of a journal, loss and scores first; `train_` and `val_` share one."""
    clock = next((name for name in _CLOCKS if any(name in row for row in history)), "row")
    quantities: dict[str, list[str]] = {}
    for name in dict.fromkeys(key for row in history for key in row):
        if name not in _SILENT and any(_finite(row, name) for row in history):
            quantities.setdefault(_split(name)[1], []).append(name)
    ordered = sorted(quantities, key=_rank)
    best = best_row(history)
    return [_panel(history, clock, quantity, quantities[quantity], best) for quantity in ordered]


def best_row(history: Rows) -> int | None:
    """The row of the highest validation IoU or Dice, else of the lowest validation loss."""
    names = {key for row in history for key in row if key.startswith("val_")}
    for name in sorted(names & _JUDGES.keys(), key=list(_JUDGES).index):
        rows = [index for index, row in enumerate(history) if _finite(row, name)]
        if rows:
            return max(rows, key=lambda index: _JUDGES[name] * history[index][name])
    return None


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) that enclose low and high.

    >>> ticks(0.13, 0.94)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if high <= low:
        low, high = low - (abs(low) * 0.1 or 0.5), high + (abs(high) * 0.1 or 0.5)
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def _panel(history: Rows, clock: str, quantity: str, names: list[str], best: int | None) -> Panel:
    places = [row.get(clock, float(index)) for index, row in enumerate(history)]
    values = [row[name] for row in history for name in names if _finite(row, name)]
    low, high = min(values), max(values)
    rows = ticks(0.0 if 0 <= low < 0.6 * high else low, high)
    first, last = min(places), max(places)
    span = (last - first) or 1.0
    columns = [tick for tick in ticks(first, last, 7) if first <= tick <= last and (tick % 1 == 0)]

    def across(place: float) -> float:
        share = 0.5 if last == first else (place - first) / span
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - rows[0]) / (rows[-1] - rows[0]) * (HEIGHT - TOP - BOTTOM), 1)

    parts = sorted(names, key=lambda name: list(_PARTS).index(_split(name)[0] or "train"))
    points = {
        name: [
            (across(place), up(row[name]), f"{place:.10g}", f"{row[name]:.4g}")
            for place, row in zip(places, history, strict=True)
            if _finite(row, name)
        ]
        for name in parts
    }
    mark = None if best is None else Tick(across(places[best]), f"best {clock} {places[best]:.10g}")
    return Panel(
        name=quantity,
        title=title(quantity),
        clock=clock,
        series=tuple(_line(name, points[name]) for name in parts),
        columns=tuple(Tick(across(tick), f"{tick:.10g}") for tick in columns or [first]),
        rows=tuple(Tick(up(tick), text) for tick, text in zip(rows, _texts(rows), strict=True)),
        best=mark,
    )


def _texts(values: Sequence[float]) -> list[str]:
    """Numbers along an axis, all with as many decimals as the one that needs most."""
    short = [f"{value:g}" for value in values]
    if any("e" in text for text in short):
        return short
    decimals = max(len(text.partition(".")[2]) for text in short)
    return [f"{value:.{decimals}f}" for value in values]


def _line(name: str, points: Sequence[tuple[float, float, str, str]]) -> Series:
    """Straight from point to point; gaps of a journal that validates seldom are bridged."""
    part, quantity = _split(name)
    return Series(
        part=part,
        label=_PARTS.get(part, title(quantity)),
        path="M" + " L".join(f"{x} {y}" for x, y, _, _ in points),
        dots=tuple((x, y) for x, y, _, _ in points) if len(points) < 4 else (),
        values=tuple((x, text, value) for x, _, text, value in points),
    )


def _split(name: str) -> tuple[str, str]:
    """`val_loss` is ("val", "loss"); a name without such a beginning has no part."""
    part, _, quantity = name.partition("_")
    return (part, quantity) if part in _PARTS and quantity else ("", name)


def _rank(quantity: str) -> tuple[int, str]:
    order = ("loss", "mean_iou")
    if quantity in order:
        return order.index(quantity), ""
    return (4 if quantity == "lr" else 2 if "loss" in quantity else 3), quantity


def _finite(row: Mapping[str, float], name: str) -> bool:
    return name in row and math.isfinite(row[name])
