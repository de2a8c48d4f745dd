"""Reads data sets that may be hostile, in little memory and time."""

import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixelwise.core.catalog import Catalog
from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.data.reader import Reader
from tests.data.readers.small import Small

CATALOG = Catalog("pixelwise.data.readers", "reader")
MEMORY = 3 * 2**30  # bytes that may be wanted, whatever a file says of itself
PATIENCE_S = 120  # only what hangs takes as long


class HangsError(BaseException):
    """Not an `Exception`, so that nothing takes it for a fault of the file."""


@contextmanager
def bounds() -> Iterator[None]:
    """Little time, and little memory where the system tells how much is used."""

    def hangs(*_: Any) -> None:
        raise HangsError(f"no answer in {PATIENCE_S} s")

    status = Path("/proc/self/status")
    used = re.search(r"VmData:\s+(\d+) kB", status.read_text()) if status.exists() else None
    before, limits = signal.signal(signal.SIGALRM, hangs), resource.getrlimit(resource.RLIMIT_DATA)
    if used:
        resource.setrlimit(resource.RLIMIT_DATA, (int(used[1]) * 1024 + MEMORY, limits[1]))
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_DATA, limits)


def read(small: Small, root: Path) -> str:
    """What the reader refuses to read, in its words; nothing when every sample is sound."""
    assert CATALOG.module(small.reader).recognise(root).reason
    try:
        with bounds():
            reader: Reader = CATALOG[small.reader](root, **small.options)
            assert len(reader) > 0
            for index in range(len(reader)):
                check_sample(reader, index)
    except DataError as error:
        return str(error)
    return ""


def check_sample(reader: Reader, index: int) -> None:
    sample = reader[index]
    assert sample.labels is not None and sample.image.isfinite().all()
    assert sample.labels.shape[-2:] == sample.image.shape[-2:]
    if reader.classes.exclusive:
        counted = sample.labels[sample.labels != IGNORE_INDEX]
        assert ((counted >= 0) & (counted < len(reader.classes))).all()
    else:
        assert ((sample.labels >= -1) & (sample.labels <= 1)).all()
        assert len(sample.labels) == len(reader.classes)
