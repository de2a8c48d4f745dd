"""Numbers, cells and structures out of MATLAB files of version 5, read without trusting a byte.

SciPy reads them too, but a damaged file can end the whole process there.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.errors import DataError

Numbers = NDArray[Any]
Value = Numbers | list[Any] | list[dict[str, Any]]  # lists of cells, and of structures by field

_HEADER, _VERSION = 128, 0x0100
_MATRIX, _COMPRESSED = 14, 15
_KINDS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CELL, _STRUCTURE, _FIRST_NUMERIC, _LAST_NUMERIC = 1, 2, 6, 15
_DEEPEST = 8  # cells within cells
_MOST_BYTES = 2**28  # unpacked
_MOST_ENTRIES = 2**16  # of cells and structures


class _DamagedError(Exception):
    """What is in the file cannot be."""


@dataclass(frozen=True, slots=True)
class _Element:
    """A kind, and its bytes."""

    kind: int
    data: memoryview


def read_matlab(path: Path) -> dict[str, Value]:
    """The variables of a file by name; text, sparse matrices and objects are left out.

    Raises:
        DataError: If it cannot be read, is damaged, or of another version.

    Reference:
        The MathWorks, "MAT-File Format", version 5.
    """
    try:
        content = path.read_bytes()
        order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
        if order is None or struct.unpack_from(f"{order}H", content, 124)[0] != _VERSION:
            raise _DamagedError("its header is not that of version 5")
        return dict(_variables(memoryview(content)[_HEADER:], order))
    except (OSError, struct.error, zlib.error, _DamagedError) as error:
        raise DataError(
            f"{path} cannot be read as MATLAB's version 5. Its {_size(path)} bytes are damaged or of another "
            f"kind ({error}). Replace the file."
        ) from error


def _variables(data: memoryview, order: str) -> Iterator[tuple[str, Value]]:
    for element in _elements(data, order):
        inside = element
        if element.kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            unpacked = unpacker.decompress(element.data, _MOST_BYTES)
            if not unpacker.eof:
                raise _DamagedError("a packed part is cut off or too large")
            inside = next(_elements(memoryview(unpacked), order), element)
        if inside.kind == _MATRIX:
            name, value = _matrix(inside.data, order, 0)
            if value is not None:
                yield name, value


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    """The parts of some bytes, one after the other."""
    while len(data):
        word, length = struct.unpack_from(f"{order}II", data)
        start = 8
        if word >> 16:  # a part of four bytes or fewer stands within its own tag
            word, length, start = word & 0xFFFF, word >> 16, 4
            whole = 8
        else:
            whole = start + (length if word == _COMPRESSED else -(-length // 8) * 8)
        if start + length > min(len(data), whole):
            raise _DamagedError(f"{length} bytes should follow where {len(data) - start} are left")
        yield _Element(word, data[start : start + length])
        data = data[whole:]


def _matrix(data: memoryview, order: str, depth: int) -> tuple[str, Value | None]:
    """Name and value; None for a kind that is left out."""
    if depth > _DEEPEST:
        raise _DamagedError("its cells lie too deep within one another")
    if not len(data):
        return "", np.zeros((0, 0))
    parts = _elements(data, order)
    flags, shape, name = (_array(part, order) for part in (_next(parts), _next(parts), _next(parts)))
    if not flags.size or shape.dtype.kind != "i" or (shape < 0).any():
        raise _DamagedError("an array has no kind or no size")
    size, kind = tuple(int(length) for length in shape), int(flags[0]) & 0xFF
    called = name.tobytes().decode("latin-1")
    if kind == _CELL:
        return called, [_matrix(_next(parts).data, order, depth + 1)[1] for _ in range(_entries(size))]
    if kind == _STRUCTURE:
        return called, _structures(parts, _entries(size), order, depth)
    if not _FIRST_NUMERIC <= kind <= _LAST_NUMERIC:
        return called, None
    numbers = _array(_next(parts), order)
    if numbers.size != _product(size):
        raise _DamagedError(f"an array of {size} holds {numbers.size} numbers")
    return called, numbers.reshape(size, order="F")


def _structures(parts: Iterator[_Element], number: int, order: str, depth: int) -> list[dict[str, Any]]:
    length = _array(_next(parts), order)
    text = _next(parts).data.tobytes()
    if length.size != 1 or not 0 < int(length[0]) <= 64:
        raise _DamagedError("a structure has no fields")
    width = int(length[0])
    fields = [text[at : at + width].split(b"\0")[0].decode("latin-1") for at in range(0, len(text), width)]
    return [
        {field: _matrix(_next(parts).data, order, depth + 1)[1] for field in fields} for _ in range(number)
    ]


def _next(parts: Iterator[_Element]) -> _Element:
    part = next(parts, None)
    if part is None:
        raise _DamagedError("a part is missing")
    return part


def _array(part: _Element, order: str) -> Numbers:
    if part.kind not in _KINDS:
        raise _DamagedError(f"a part is of the unknown kind {part.kind}")
    dtype = np.dtype(order + _KINDS[part.kind])
    if len(part.data) % dtype.itemsize:
        raise _DamagedError("numbers are cut off")
    return np.frombuffer(part.data, dtype)


def _entries(size: tuple[int, ...]) -> int:
    number = _product(size)
    if number > _MOST_ENTRIES:
        raise _DamagedError(f"{number} cells are more than can be")
    return number


def _product(size: tuple[int, ...]) -> int:
    number = 1
    for length in size:
        number *= length
    return number


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
