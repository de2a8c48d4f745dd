"""A picture of a split: the map of its images where they lie on one, its parts, and the classes in each."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pixelwise.core.palette import palette
from pixelwise.data.splits.places import Footprint
from pixelwise.report._template import rendered

WIDTH, MARGIN = 960, 32
INNER = WIDTH - 2 * MARGIN
_COLOURS = {"train": "#9aa0a6", "val": "#0b6b74", "test": "#c4540f"}
_MAPS, _IN_ROW, _GAP = 6, 3, 20
_MOST_HIGH = (460, 300)  # of a map, alone and beside others
_LEAST = 3.0  # side of a square, in the picture
_NAME_WIDTH, _THICK, _COLUMNS = 150, 10, 2
_NUMBER_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show.

    Attributes:
        title: One line.
        reason: How images were grouped, in a sentence.
        parts: The part of each image, None for one that is left out.
        groups: Group of each image.
        classes: For each class its share of the pixels of each part, as fractions.
        prints: Where each image lies, if that is known.
    """

    title: str
    reason: str
    parts: Sequence[str | None]
    groups: Sequence[int]
    classes: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    prints: Sequence[Footprint] | None = None


def split_picture(shown: Shown, order: Sequence[str]) -> str:
    """The picture as SVG, with parts in the given order."""
    colours = _colours(order)
    lines = textwrap.wrap(shown.reason, 140)
    bar_top = 62 + 16 * len(lines)
    legend = _legend(shown, colours)
    maps_top = bar_top + 34 + 22 * (1 + max((one["y"] - 26) // 22 for one in legend))
    maps, bottom, more = _maps(shown, colours, maps_top)
    classes_top = bottom + (54 if more else 32)
    classes, height = _classes(shown, colours, classes_top)
    facts: dict[str, Any] = {
        "width": WIDTH,
        "height": height,
        "margin": MARGIN,
        "title": shown.title,
        "lines": lines,
        "tops": {"bar": bar_top, "classes": classes_top},
        "bar": _bar(shown, colours),
        "legend": legend,
        "maps": maps,
        "more": more,
        "classes": classes,
        "name_width": _NAME_WIDTH,
        "thick": _THICK,
    }
    return rendered("split.svg.html", facts, {})


def _colours(order: Sequence[str]) -> dict[str | None, str]:
    """One colour a part, none for what is left out."""
    others = palette(("", *order))[1:]  # the first is too near to that of test
    found: dict[str | None, str] = {
        name: _COLOURS.get(name) or "#{:02x}{:02x}{:02x}".format(*colour)
        for name, colour in zip(order, others, strict=True)
    }
    return found | {None: ""}


def _bar(shown: Shown, colours: Mapping[str | None, str]) -> list[dict[str, Any]]:
    """Pieces of a bar of all images."""
    found: list[dict[str, Any]] = []
    x = 0.0
    for name, colour in colours.items():
        width = INNER * shown.parts.count(name) / len(shown.parts)
        if width:
            found.append({"x": round(x, 1), "width": round(max(0.5, width - 1.5), 1), "colour": colour})
        x += width
    return found


def _legend(shown: Shown, colours: Mapping[str | None, str]) -> list[dict[str, Any]]:
    """What the colours mean, with numbers, in lines as long as the picture is wide."""
    found: list[dict[str, Any]] = []
    x, y = 0, 26
    for name, colour in colours.items():
        images = shown.parts.count(name)
        if not images:
            continue
        groups = len({group for group, part in zip(shown.groups, shown.parts, strict=True) if part == name})
        text = f"{name or 'left out'}: {images:,} images ({images / len(shown.parts):.0%})"
        if name and groups < images:
            text += f", {groups:,} {'group' if groups == 1 else 'groups'}"
        if x and x + 6.7 * len(text) > INNER:
            x, y = 0, y + 22
        found.append({"x": x, "y": y, "colour": colour, "text": text})
        x += round(6.7 * len(text)) + 32
    return found


def _maps(shown: Shown, colours: Mapping[str | None, str], top: int) -> tuple[list[dict[str, Any]], int, str]:
    """Maps of the grids with most images, where they end, and how many more there are."""
    if shown.prints is None:
        return [], top, ""
    by_grid: dict[str, list[int]] = {}
    for number, one in enumerate(shown.prints):
        by_grid.setdefault(one.grid, []).append(number)
    grids = sorted(by_grid.values(), key=len, reverse=True)
    in_row = min(_IN_ROW, len(grids))
    wide = (INNER - _GAP * (in_row - 1)) / in_row
    most_high = _MOST_HIGH[len(grids) > 1]
    maps: list[dict[str, Any]] = []
    row_top, row_high = top, 0
    for place, numbers in enumerate(grids[:_MAPS]):
        if place and place % in_row == 0:
            row_top, row_high = row_top + row_high + 40, 0
        one = _map(shown, numbers, colours, (wide, most_high))
        maps.append(one | {"x": round(MARGIN + place % in_row * (wide + _GAP)), "y": row_top})
        row_high = max(row_high, one["height"])
    more = f"… and {len(grids) - _MAPS} more maps with fewer images" if len(grids) > _MAPS else ""
    return maps, row_top + row_high + 30, more


def _map(
    shown: Shown, numbers: Sequence[int], colours: Mapping[str | None, str], room: tuple[float, float]
) -> dict[str, Any]:
    """One map: a path of squares for each part; north is up."""
    prints = [shown.prints[number] for number in numbers] if shown.prints else []
    y0, x0 = (min(one.bounds[axis] for one in prints) for axis in (0, 1))
    y1, x1 = (max(one.bounds[axis] for one in prints) for axis in (2, 3))
    scale = min((room[0] - 16) / max(x1 - x0, 1e-9), (room[1] - 16) / max(y1 - y0, 1e-9))
    paths: dict[str | None, list[str]] = {}
    least = min(scale * (one.bounds[2] - one.bounds[0]) for one in prints)
    gap = min(1.0, 0.08 * least)
    for number, one in zip(numbers, prints, strict=True):
        high, wide = (max(_LEAST, scale * (one.bounds[axis + 2] - one.bounds[axis]) - gap) for axis in (0, 1))
        down = one.bounds[0] - y0 if one.down else y1 - one.bounds[2]
        x, y = 8 + scale * (one.bounds[1] - x0), 8 + scale * down
        paths.setdefault(shown.parts[number], []).append(
            f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z"
        )
    squares = [{"colour": colours[part], "path": "".join(paths[part])} for part in colours if part in paths]
    unit = "m" if prints[0].metres else "px"
    ground = (
        (y1 - y0, x1 - x0) if prints[0].metres else ((y1 - y0) / prints[0].pixel, (x1 - x0) / prints[0].pixel)
    )
    name = "" if prints[0].metres or not prints[0].down else f"{prints[0].grid}: "
    return {
        "width": round(scale * (x1 - x0) + 16, 1),
        "height": round(scale * (y1 - y0) + 16),
        "name": f"{name}{ground[0]:,.0f} × {ground[1]:,.0f} {unit} (rows × columns), {len(numbers):,} images",
        "squares": squares,
        "line": 1.0 if least >= 2 * _LEAST else 0.5,
    }


def _classes(shown: Shown, colours: Mapping[str | None, str], top: int) -> tuple[list[dict[str, Any]], int]:
    """Bars of each class in two columns, and where they end."""
    parts = [name for name in colours if name is not None and name in shown.parts]
    if not shown.classes or not parts:
        return [], top
    high = len(parts) * (_THICK + 2) + 14
    rows = -(-len(shown.classes) // _COLUMNS)
    wide = INNER / _COLUMNS
    longest = wide - _NAME_WIDTH - _NUMBER_WIDTH
    found: list[dict[str, Any]] = []
    for place, (name, shares) in enumerate(shown.classes.items()):
        most = max(shares.values()) or 1.0
        lines = [
            {
                "y": line * (_THICK + 2),
                "width": round(longest * shares.get(part, 0.0) / most, 1),
                "colour": colours[part],
                "text": f"{shares.get(part, 0.0):.2%}",
            }
            for line, part in enumerate(parts)
        ]
        x, y = MARGIN + place // rows * wide, top + 8 + place % rows * high
        middle = (high - 14) / 2 + 4
        short = name if len(name) <= 20 else f"{name[:19]}…"
        found.append({"x": round(x), "y": y, "middle": middle, "name": short, "lines": lines})
    return found, top + 8 + rows * high + 16
