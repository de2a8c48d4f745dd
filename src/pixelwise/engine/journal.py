"""The numbers of a run, a row a validation, in a file that people and programs can read."""

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from pixelwise.core.files import write_text


class Journal:
    """`journal.csv`: rewritten whole and atomically, so that a crash leaves complete rows only."""

    def __init__(self, path: Path, up_to_step: int | None = None) -> None:
        """Open the journal; rows after `up_to_step` are forgotten, for a resume writes them again."""
        self._path = path
        self.rows: list[dict[str, float]] = []
        if up_to_step is not None and path.exists():
            rows = csv.DictReader(io.StringIO(path.read_text()))
            self.rows = [{name: float(value or "nan") for name, value in row.items()} for row in rows]
            self.rows = [row for row in self.rows if row["step"] <= up_to_step]

    def add(self, row: Mapping[str, float]) -> None:
        """Write one more row."""
        self.rows.append(dict(row))
        text = io.StringIO()
        writer = csv.DictWriter(
            text, list(dict.fromkeys(name for row in self.rows for name in row)), lineterminator="\n"
        )
        writer.writeheader()
        for each in self.rows:
            writer.writerow({name: _short(value) for name, value in each.items()})
        write_text(self._path, text.getvalue())


def _short(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return str(int(value)) if float(value).is_integer() else f"{value:.7g}"
