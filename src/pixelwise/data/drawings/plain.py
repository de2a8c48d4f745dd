"""Files of labelling tools as checked plain values: every fault is told with its file and place."""

import json
import math
import reprlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pixelwise.core.errors import DataError
from pixelwise.ops.polygons import Ring

FARTHEST = 1e7  # pixels: no image is as large, and no fault so large is a slip of the hand

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Plain:
    """A value out of a file, which knows its place there.

    Attributes:
        value: What JSON or XML hold: dictionaries, lists, text, numbers, None.
        file: The file.
        place: Where in it: `shapes[3].points`; empty for the whole.
    """

    value: Any
    file: Path
    place: str = ""

    def fault(self, problem: str) -> DataError:
        """An error that names file and place."""
        return DataError(f"{self.file}{f', {self.place}' if self.place else ''}: {problem}")

    def has(self, key: str) -> bool:
        """Whether there is something of that name, and not null."""
        return isinstance(self.value, dict) and cast("dict[str, Any]", self.value).get(key) is not None

    def __getitem__(self, key: str) -> "Plain":
        """What has that name.

        Raises:
            DataError: If this has no names, or not that one.
        """
        if not isinstance(self.value, dict):
            raise self.fault(f"named values are wanted here, not {_said(self.value)}.")
        named = cast("dict[str, Any]", self.value)
        if key not in named:
            raise self.fault(f"{key!r} is missing. Found {_said(sorted(map(str, named)))}.")
        return Plain(named[key], self.file, f"{self.place}.{key}".lstrip("."))

    def get(self, key: str, default: Any = None) -> "Plain":
        """What has that name, or the default."""
        return self[key] if self.has(key) else Plain(default, self.file, f"{self.place}.{key}".lstrip("."))

    def items(self) -> Iterator["Plain"]:
        """The entries of a list, or of a dictionary without their names.

        Raises:
            DataError: If it is neither.
        """
        if isinstance(self.value, dict):
            pairs = cast("dict[str, Any]", self.value).items()
        elif isinstance(self.value, list):
            pairs = enumerate(cast("list[Any]", self.value))
        else:
            raise self.fault(f"a list is wanted here, not {_said(self.value)}.")
        for number, value in pairs:
            yield Plain(value, self.file, f"{self.place}[{number}]")

    def names(self) -> list[str]:
        """The names of a dictionary."""
        if not isinstance(self.value, dict):
            raise self.fault(f"named values are wanted here, not {_said(self.value)}.")
        return [str(name) for name in cast("dict[str, Any]", self.value)]

    def text(self) -> str:
        """Text that is not empty; a number is taken as its digits."""
        value = self.value
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise self.fault(f"text is wanted here, not {_said(value)}.")

    def number(self, least: int | float = -FARTHEST, most: int | float = FARTHEST) -> float:
        """A finite number, in digits or as text."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.fault(f"a number is wanted here, not {_said(value)}.")
        try:
            value = float(value)
        except (ValueError, OverflowError):
            raise self.fault(f"a number is wanted here, not {_said(value)}.") from None
        if not (math.isfinite(value) and least <= value <= most):
            raise self.fault(f"a number in {least:g}..{most:g} is wanted here, not {value}.")
        return value

    def whole(self, least: int = -(2**53), most: int = 2**53) -> int:
        """A whole number, in digits or as text."""
        value = self.number(least, most)
        if value != int(value):
            raise self.fault(f"a whole number is wanted here, not {value}.")
        return int(value)

    def flag(self) -> bool:
        """True or false; 0, 1 and their texts as well."""
        known = {"0": False, "1": True, "false": False, "true": True, "": False, "none": False}
        said = str(self.value).strip().lower()
        if said not in known:
            raise self.fault(f"true or false is wanted here, not {_said(self.value)}.")
        return known[said]

    def size(self, rows: str = "height", columns: str = "width") -> tuple[int, int]:
        """Rows and columns of an image, under these names; both at least 1."""
        most = int(FARTHEST)
        return self[rows].whole(1, most), self[columns].whole(1, most)

    def numbers(self) -> Ring:
        """A list of pairs of finite numbers, as they stand, `[n 2]`."""
        try:
            pairs = np.asarray(self.value, np.float64)
        except (ValueError, TypeError, OverflowError):
            raise self.fault(f"pairs of numbers are wanted here, not {_said(self.value)}.") from None
        if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
            raise self.fault(f"pairs of numbers are wanted here, not {_said(self.value)}.")
        if not (np.abs(pairs) <= FARTHEST).all():  # not so for NaN
            worst = int(np.flatnonzero(~(np.abs(pairs) <= FARTHEST).all(1))[0])
            raise self.fault(f"point {worst} is no place in an image. It is {pairs[worst].tolist()} (x, y).")
        return pairs

    def points(self, least: int = 1) -> Ring:
        """A list of points [x, y], as (y, x)."""
        points = np.ascontiguousarray(self.numbers()[:, ::-1])
        if len(points) < least:
            raise self.fault(f"at least {least} points are wanted here, not {len(points)}.")
        return points


def read_json(file: Path) -> Plain:
    """The content of a JSON file.

    Raises:
        DataError: If it cannot be read or is cut off; the line is named.
    """
    try:
        return Plain(json.loads(file.read_text(encoding="utf-8-sig")), file)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{file} is no JSON. {error.msg} at line {error.lineno}, column {error.colno} of "
            f"{len(error.doc.splitlines())} lines: damaged, or cut off. Export it again."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file} cannot be read. {error}. Export it again.") from error


def read_xml(file: Path) -> Element:
    """The root of an XML file; entities and document types are refused, so that nothing is expanded.

    Raises:
        DataError: If it cannot be read, is cut off, or declares a document type.
    """
    try:
        return fromstring(file.read_bytes(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise DataError(
            f"{file} declares a document type or entities. These can name other files or grow without end, "
            "and no labelling tool writes them. Remove the declaration."
        ) from error
    except (OSError, ValueError, LookupError, ParseError) as error:
        raise DataError(f"{file} is no XML. {error}: damaged, or cut off. Export it again.") from error


def attributes(element: Element, file: Path, place: str) -> Plain:
    """The attributes of an XML element as named values."""
    return Plain(dict(element.attrib), file, place)


def child_texts(element: Element, file: Path, place: str) -> Plain:
    """The texts of the elements in an XML element as named values; of equal names the first."""
    texts: dict[str, Any] = {}
    for child in element:
        texts.setdefault(child.tag, (child.text or "").strip())
    return Plain(texts, file, place)


def gathered(sources: Iterable[_T], read: Callable[[_T], _R]) -> tuple[list[_R], list[str]]:
    """What could be read of the sources, and the faults of those that could not."""
    found: list[_R] = []
    faults: list[str] = []
    for source in sources:
        try:
            found.append(read(source))
        except DataError as error:
            faults.append(str(error))
    return found, faults


def _said(value: Any) -> str:
    text = reprlib.repr(value)  # a beginning only: a value may be as large as its file
    return text if len(text) <= 60 else f"{text[:57]}..."
