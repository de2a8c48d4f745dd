"""Scores for people, as a table, and for machines."""

import json
import os
from typing import Any

from rich.console import Console

from pixelwise.core.scores import Report
from pixelwise.report.terminal import score_table


def print_scores(report: Report) -> None:
    """The table of scores to stdout, from the first process only."""
    if os.environ.get("RANK", "0") == "0":
        Console().print(score_table(report))


def scores_of(report: Report) -> Any:
    """The report as plain values."""
    return json.loads(report.to_json())
