"""The label contract as people write it down: classes.yaml, classes.csv, label_colors.txt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour
from pixelwise.data.layouts.files import LEADS_OUT, stays
from pixelwise.data.texts import read_table, read_text, read_yaml

FILES = (
    "classes.yaml",
    "classes.yml",
    "classes.csv",
    "class_dict.csv",
    "label_colors.txt",
    "label_colours.txt",
)
VOID_NAMES = frozenset({"unlabelled", "unlabeled", "void", "ignore", "ignored", "unknown", "ignore_label"})
_COLUMNS = {
    "value": {"id", "value", "index", "class_id", "label_id"},
    "name": {"name", "class", "class_name", "label"},
    "red": {"r", "red"},
    "green": {"g", "green"},
    "blue": {"b", "blue"},
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of classes."""

    name: str
    value: int | None = None
    colour: Colour | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Contract:
    """Classes, and what else a file of classes tells.

    Attributes:
        classes: The exclusive classes that count, with the ignored values.
        ignored_colours: Colours of classes that do not count.
        has_colours: Whether the colours were written down, so that masks can be read by them.
        has_values: Whether the values were written down, and not only their order.
        planes: Whether the classes were written down as independent of one another.
        notes: What was understood without being told.
    """

    classes: Classes
    ignored_colours: tuple[Colour, ...] = ()
    has_colours: bool = False
    has_values: bool = False
    planes: bool = False
    notes: tuple[str, ...] = ()


def find_contract(root: Path, given: Path | None, ignore: Sequence[int]) -> Contract | None:
    """The contract in the given file, else in a usual file of the folder, else None.

    Raises:
        DataError: If the file is missing, unreadable or contradicts itself.
    """
    path = given or next((root / name for name in FILES if (root / name).is_file()), None)
    if path is None:
        return None
    if path.is_relative_to(root) and not stays(path, root.resolve()):
        raise DataError(LEADS_OUT.format(path, root))
    if not path.is_file():
        raise DataError(f"{path} is missing. classes= must be a file. Known kinds: {', '.join(FILES)}.")
    planes, rows, ignored = _read(path)
    return _contract(path, rows, (*ignored, *ignore), planes)


def _read(path: Path) -> tuple[bool, list[Row], tuple[int, ...]]:
    if path.suffix.lower() in {".yaml", ".yml"}:
        return _from_yaml(path)
    rows = _from_csv(path) if path.suffix.lower() == ".csv" else _from_colours(path)
    if not rows:
        raise DataError(f"{path} names no classes. It holds no line of a class. Write one a line.")
    return False, rows, ()


def _from_yaml(path: Path) -> tuple[bool, list[Row], tuple[int, ...]]:
    plain = read_yaml(path)
    if not isinstance(plain, dict):
        raise DataError(f"{path} does not describe classes. Write `classes:` and a list of {{name, value}}.")
    content = cast("dict[str, Any]", plain)
    ignored: Any = content.get("ignored") or []
    if not isinstance(ignored, list) or not all(isinstance(v, int) for v in cast("list[Any]", ignored)):
        raise DataError(f"{path}: 'ignored' must be a list of whole numbers, not {ignored!r}.")
    try:
        # the values that do not count may have a class of their own here: it brings the colour
        classes = Classes.from_dict({**content, "ignored": []})
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    listed = cast("list[Any]", content["classes"])
    coloured = all(isinstance(row, dict) and "colour" in row for row in listed)
    valued = all(isinstance(row, dict) and "value" in row for row in listed)
    columns = zip(classes.names, classes.values, classes.colours, strict=True)
    rows = [Row(name, v if valued else None, c if coloured else None) for name, v, c in columns]
    return not classes.exclusive, rows, tuple(cast("list[int]", ignored))


def _from_csv(path: Path) -> list[Row]:
    lines = [[cell.strip() for cell in line] for line in read_table(path)]
    heads = [cell.lower() for cell in lines[0]] if lines else []
    places = {
        column: heads.index(head) for column, usual in _COLUMNS.items() for head in usual if head in heads
    }
    if "name" not in places:
        raise DataError(f"{path} has no column 'name'. Its first line is {heads}. Write id,name,r,g,b there.")
    has_colour = {"red", "green", "blue"} <= places.keys()
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            cell = {column: line[place] for column, place in places.items()}
            colour = _colour([cell["red"], cell["green"], cell["blue"]]) if has_colour else None
            value = int(cell["value"]) if "value" in places else None
        except (IndexError, ValueError) as error:
            raise DataError(f"{path}, line {number}: {','.join(line)!r} is no class ({error}).") from error
        rows.append(_row(cell["name"], value, colour))
    return rows


def _from_colours(path: Path) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split(maxsplit=3)
        if not words or words[0].startswith("#"):
            continue
        try:
            rows.append(_row(words[3].strip(), None, _colour(words[:3])))
        except (IndexError, ValueError) as error:
            raise DataError(f"{path}, line {number}: {line!r} is not «R G B name».") from error
    return rows


def _colour(words: Sequence[str]) -> Colour:
    red, green, blue = (int(word) for word in words)
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise ValueError(f"colour {red} {green} {blue} is not in 0..255")
    return red, green, blue


def _row(name: str, value: int | None, colour: Colour | None) -> Row:
    return Row(name, value, colour, counts=name.lower() not in VOID_NAMES)


def _contract(path: Path, rows: Sequence[Row], ignored: Sequence[int], planes: bool) -> Contract:
    """Rows with values, sorted into those that count and those that do not."""
    has_values = all(row.value is not None for row in rows)
    has_colours = all(row.colour is not None for row in rows)
    if planes:  # independent classes leave out the background that exclusive masks have
        rows = [Row("background", 0, (0, 0, 0)), *rows]
    valued = [row if has_values else replace(row, value=number) for number, row in enumerate(rows)]
    void = [row for row in valued if not row.counts or row.value in ignored]
    counted = [row for row in valued if row not in void]
    notes = tuple(
        f"{row.name!r} (value {row.value}) of {path.name} does not count: it is ignored."
        for row in void
        if not row.counts
    )
    if not has_values:
        notes += (f"{path.name} gives no values: classes are numbered from 0 in its order.",)
    try:
        classes = Classes(
            names=tuple(row.name for row in counted),
            colours=tuple(row.colour for row in counted if row.colour) if has_colours else (),
            values=tuple(row.value for row in counted if row.value is not None),
            ignored=tuple(sorted({*ignored, *(row.value for row in void if row.value is not None)})),
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    colours = tuple(row.colour for row in void if row.colour)
    return Contract(classes, colours, has_colours, has_values, planes, notes)
