"""Text files that people and tools write, opened without trusting them."""

import csv
from pathlib import Path
from typing import Any, cast

import yaml
from yaml.composer import ComposerError

from pixelwise.core.errors import DataError
from pixelwise.data.layouts.files import LEADS_OUT, stays


def read_text(path: Path, *, within: Path | None = None) -> str:
    """The text of a file; bytes that are no UTF-8 become the sign for unknown letters.

    Args:
        path: The file.
        within: A folder that no link may lead out of: what stands in a list may be told in an error.

    Raises:
        DataError: If it is missing, no file of a disk, leads out, or may not be read.
    """
    if within is not None and not stays(path, within.resolve()):
        raise DataError(LEADS_OUT.format(path, within))
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, a device has no end
            raise DataError(f"{path} is no file. It is a folder, a pipe or a device. Remove it.")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(f"{path} cannot be read. {error.strerror}. Check it, or remove it.") from error


def read_yaml(path: Path) -> object:
    """The content of a YAML file: dictionaries, lists, text, numbers, None.

    Aliases are refused: a few lines of them stand for more than any memory holds.

    Raises:
        DataError: If it cannot be read or is no YAML; the line is named.
    """
    try:
        return cast("object", yaml.load(read_text(path), _WithoutAliases))
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        told = " ".join(str(error).split())[:300]
        raise DataError(f"{path} is no YAML. {told}. Mend that line.") from error


def read_table(path: Path) -> list[list[str]]:
    """The cells of each line of a CSV file; lines without any are passed over.

    Raises:
        DataError: If it cannot be read or is no CSV.
    """
    try:
        return [line for line in csv.reader(read_text(path).splitlines()) if any(line)]
    except csv.Error as error:
        raise DataError(f"{path} is no CSV. {error}. Export it again.") from error


class _WithoutAliases(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases are not read here", mark)
        return super().compose_node(parent, index)
