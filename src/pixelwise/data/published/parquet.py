"""Rows of Parquet files: keys at once, and bytes when asked for."""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from pixelwise.core.errors import DataError
from pixelwise.core.extras import need

_FILES_HELD = 4


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """The values of some columns, a tuple per row.

    Raises:
        DataError: If the file is damaged or lacks a column.
        MissingExtraError: If PyArrow is not installed.
    """
    with _opened(path) as file:
        lacking = [name for name in columns if name not in file.schema_arrow.names]
        if lacking:
            raise DataError(
                f"{path} lacks the columns {', '.join(lacking)}. It has "
                f"{', '.join(file.schema_arrow.names)}. Fetch the files of version 2."
            )
        table = file.read(columns=list(columns))
    return list(zip(*(table[name].to_pylist() for name in columns), strict=True))


class Blobs:
    """The bytes in one column of Parquet files, in the rows that are wanted.

    Of a file all wanted rows are read together and held while few others are asked for: a Parquet file can
    hardly be opened in the middle. A copy for another process begins with nothing held.
    """

    def __init__(self, column: str, wanted: dict[Path, tuple[int, ...]]) -> None:
        self._column, self._wanted = column, wanted
        self._lock = Lock()
        self._held: OrderedDict[Path, dict[int, bytes]] = OrderedDict()

    def __reduce__(self) -> tuple[Any, ...]:
        return Blobs, (self._column, self._wanted)

    def read(self, path: Path, row: int) -> bytes:
        """The bytes in one row.

        Raises:
            DataError: If the file is damaged.
        """
        with self._lock:
            if path not in self._held:
                self._held[path] = self._rows(path)
                while len(self._held) > _FILES_HELD:
                    self._held.popitem(last=False)
            self._held.move_to_end(path)
            return self._held[path][row]

    def _rows(self, path: Path) -> dict[int, bytes]:
        wanted, found, start = frozenset(self._wanted[path]), dict[int, bytes](), 0
        with _opened(path) as file:
            for batch in file.iter_batches(batch_size=8, columns=[self._column]):
                here = batch.column(0)
                found |= {start + i: here[i].as_py() for i in range(len(here)) if start + i in wanted}
                start += len(here)
        return found


@contextmanager
def _opened(path: Path) -> Generator[Any]:
    parquet: Any = need("pyarrow.parquet", extra="waymo", noun="reader 'waymo'")
    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except DataError:
        raise
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as Parquet ({error}). Replace the file.") from error
