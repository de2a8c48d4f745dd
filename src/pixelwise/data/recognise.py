"""Which reader fits a folder."""

import sys
from pathlib import Path

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.data.layouts.files import check_folder
from pixelwise.data.reader import Recognition


def recognise(root: Path) -> tuple[str, str]:
    """The name of the one reader that can read this folder, and why it can.

    A reader that knows the data set goes before those that only know its layout.

    Raises:
        DataError: If the folder is missing or empty, no reader fits (each tells why), or several do.
    """
    check_folder(root)
    catalog = Catalog("pixelwise.data.readers", "reader")
    answers = {name: _ask(catalog, name, root) for name in catalog.names()}
    known = any(answer.fits and answer.published for answer in answers.values())
    fitting = {
        name: answer.reason
        for name, answer in answers.items()
        if answer.fits and (answer.published or not known)
    }
    if not fitting:
        raise_faults(
            DataError,
            f"no reader fits {root}. Arrange the files as one of them wants, or name it and its options:",
            [f"{name}: {answer.reason}" for name, answer in answers.items()],
        )
    if len(fitting) > 1:
        raise_faults(
            DataError,
            f"{len(fitting)} readers fit {root}. Choose one with --set data.reader.name=...:",
            [f"{name}: {reason}" for name, reason in fitting.items()],
        )
    return next(iter(fitting.items()))


def _ask(catalog: Catalog, name: str, root: Path) -> Recognition:
    """The reader's answer; one without the question (a plug-in's) is not chosen by itself."""
    module = sys.modules[catalog[name].__module__]
    ask = getattr(module, "recognise", None)
    if ask is None:
        return Recognition(False, "does not say what it can read; name it to use it")
    return ask(root)
