"""Libraries that are installed with one of the package's extras, and only then."""

from importlib import import_module
from types import ModuleType

from pixelwise.core.errors import MissingExtraError


def need(library: str, *, extra: str, noun: str) -> ModuleType:
    """The library, imported now.

    Args:
        library: Its module, such as `transformers`.
        extra: The extra of this package that installs it.
        noun: What needs it, for the message.

    Raises:
        MissingExtraError: If it is not installed. A library that is and cannot be imported keeps its own
            error.
    """
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library.partition(".")[0]:
            raise
        raise MissingExtraError(noun, library, extra) from None
