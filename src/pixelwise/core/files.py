"""Files that are whole or not there: written beside, synced, and renamed."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from pixelwise.core.errors import StorageError


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically.

    Raises:
        StorageError: If the disk refuses; an older file of that name is untouched.
    """
    write_with(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file beside `path`, bring it safely to disk, then give it the name.

    Raises:
        StorageError: If the disk refuses; an older file of that name is untouched.
    """
    beside = path.with_name(f".{path.name}.part")  # one name: what a kill leaves, the next write replaces
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        beside.chmod(0o644)  # safetensors would keep it from everybody else
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    except Exception as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        if not isinstance(error, OSError) and "o space left" not in str(error):  # safetensors wraps it
            raise
        raise StorageError(
            f"cannot write {path}. {error}. What was saved before is untouched; make room, or choose "
            "another --out."
        ) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
