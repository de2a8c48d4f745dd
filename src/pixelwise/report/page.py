"""The one page a run leaves behind: offline, self-contained, for people."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.files import write_text
from pixelwise.core.palette import BACKGROUND
from pixelwise.core.scores import Report
from pixelwise.report import curves, tables, words
from pixelwise.report._template import rendered
from pixelwise.report.pictures import STRIPES, as_rgb, data_uri, error_colours, error_map, paint

_BYTES_PER_PICTURE = 55_000  # 9 examples of 4 pictures stay below 3 MB as text
_SMALL = 160  # pictures of fewer pixels a side are shown pixel by pixel
_KINDS = {"best": "Best", "median": "Typical", "worst": "Worst"}


@dataclass(frozen=True, slots=True)
class Example:
    """One image, its truth and its prediction.

    Attributes:
        name: Of the image in its data set.
        score: Mean IoU of this image alone; NaN where undefined.
        kind: Why it is shown.
        image: As a sample carries it.
        labels: Indices or planes.
        predicted: Indices or planes, planes as probabilities or as 0 and 1.
    """

    name: str
    score: float
    kind: Literal["best", "median", "worst"]
    image: Float[Tensor, "c h w"]
    labels: Int[Tensor, "h w"] | Float[Tensor, "k h w"]
    predicted: Int[Tensor, "h w"] | Float[Tensor, "k h w"]


@dataclass(frozen=True, slots=True)
class Page:
    """What is told; sections with nothing to tell are left out.

    Attributes:
        title: Of the page.
        subtitle: The result in one sentence.
        report: The scores.
        history: Rows of the journal, such as `{"epoch": 1, "train_loss": 0.7, "val_mean_iou": 0.5}`.
        examples: In any order; best, typical and worst are gathered.
        notes: Sentences on what was inferred from the data.
        recipe: YAML that repeats the run.
        environment: Versions and hardware.
        command: What to type next.
    """

    title: str
    subtitle: str
    report: Report
    history: Sequence[Mapping[str, float]] = ()
    examples: Sequence[Example] = ()
    notes: Sequence[str] = ()
    recipe: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    command: str | None = None


def write_page(path: Path, page: Page) -> None:
    """Write the page as one HTML file that loads nothing else."""
    filters = {"title_of": words.title, "meaning_of": words.meaning, "number": words.number}
    write_text(path, rendered("page.html", _facts(page), filters))


def _facts(page: Page) -> dict[str, Any]:
    """All that the template says."""
    report = page.report
    columns, rows = tables.class_table(report)
    lead = next((name for name in ("mean_iou", *report.scores) if name in report.scores), None)
    panels = curves.panels(page.history)
    return {
        "page": page,
        "report": report,
        "lead": lead,
        "headline": tables.headline(report),
        "columns": columns,
        "rows": rows,
        "undefined_cells": any(cell.said for row in rows for cell in row.cells),
        "composition": _composition(report),
        "matrix": tables.matrix(report),
        "mistakes": tables.mistakes(report),
        "quarters": tables.quarters(report),
        "panels": panels[:2],
        "more_panels": panels[2:],
        "frame": curves,
        "readouts": {panel.name: _readout(panel) for panel in panels},
        "gallery": _gallery(page.examples, report.classes),
        "legend": [
            (name, tables.css(c))
            for name, c in zip(report.classes.names, report.classes.colours, strict=True)
        ],
        "none_colour": None if report.classes.exclusive else tables.css(BACKGROUND),
        "error_legend": [(name, tables.css(c)) for name, c in error_colours(report.classes).items()],
        "stripes": [tables.css(colour) for colour in STRIPES],
    }


def _composition(report: Report) -> list[tuple[str, str, float, str]]:
    """Name, colour, share and share in words of each class that is there."""
    rows = zip(report.classes.names, report.classes.colours, tables.shares(report), strict=True)
    return [
        (name, tables.css(colour), round(share, 5), words.percent(share))
        for name, colour, share in rows
        if math.isfinite(share) and share > 0
    ]


def _readout(panel: curves.Panel) -> str:
    """The numbers of a drawing, for the script that reads them out."""
    lines = [{"label": line.label, "values": line.values} for line in panel.series]
    return json.dumps({"clock": panel.clock, "lines": lines}, separators=(",", ":"))


def _gallery(examples: Sequence[Example], classes: Classes) -> list[tuple[str, list[dict[str, Any]]]]:
    """Examples by kind, each with its pictures."""
    order = list(_KINDS)
    ordered = sorted(examples, key=lambda example: order.index(example.kind))
    return [
        (_KINDS[kind], [_shown(example, classes) for example in group])
        for kind, group in groupby(ordered, key=lambda example: example.kind)
    ]


def _shown(example: Example, classes: Classes) -> dict[str, Any]:
    truth, guess = paint(example.labels, classes), paint(example.predicted, classes)
    errors = error_map(example.predicted, example.labels, classes)
    rows, columns = example.image.shape[-2:]
    return {
        "name": example.name,
        "score": example.score,
        "rows": rows,
        "columns": columns,
        "small": max(rows, columns) < _SMALL,
        "pictures": [
            ("Image", data_uri(as_rgb(example.image), max_bytes=_BYTES_PER_PICTURE)),
            ("Truth", data_uri(truth, exact=True, max_bytes=_BYTES_PER_PICTURE)),
            ("Prediction", data_uri(guess, exact=True, max_bytes=_BYTES_PER_PICTURE)),
            ("Errors", data_uri(errors, exact=True, max_bytes=_BYTES_PER_PICTURE)),
        ],
    }
