"""Scores and findings for the terminal."""

from collections.abc import Sequence

from rich.style import Style
from rich.table import Table
from rich.text import Text

from pixelwise.core.palette import Colour
from pixelwise.core.scores import Report
from pixelwise.report.tables import class_table, headline
from pixelwise.report.words import number, title


def score_table(report: Report) -> Table:
    """The headline scores, and below them each class with its colour."""
    columns, rows = class_table(report)
    whole = Table.grid(padding=(1, 0))
    whole.add_row(_headline(report))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Class", overflow="fold")
    for column in columns:
        table.add_column(title(column), justify="right")
    for row, colour in zip(rows, report.classes.colours, strict=True):
        name = Text.assemble(_swatch(colour), " ", row.name)
        cells = [Text(cell.text) for cell in row.cells]
        table.add_row(name, *cells, style="dim" if row.absent else "")
    whole.add_row(table)
    return whole


def findings_table(rows: Sequence[tuple[str, str, str, str]]) -> Table:
    """What checks found: each one's name, how grave it is, what it says, and what to do about it."""
    colours = {"fault": "red", "warning": "yellow", "fine": "green"}
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title_of, ratio in (("Check", None), ("Is", None), ("Found", 1)):
        table.add_column(title_of, no_wrap=ratio is None, ratio=ratio)
    for check, severity, saying, advice in rows:
        words = Text(saying)
        if advice:
            words.append(f" {advice[:1].upper()}{advice[1:]}", style="bold")
        table.add_row(check, Text(severity, style=colours.get(severity, "dim")), words)
    return table


def _headline(report: Report) -> Table:
    grid = Table.grid(padding=(0, 3))
    for name, value in headline(report):
        grid.add_row(title(name), Text(number(value), style="bold" if name == "mean_iou" else ""))
    return grid


def _swatch(colour: Colour) -> Text:
    return Text("■", style=Style(color="rgb({},{},{})".format(*colour)))
