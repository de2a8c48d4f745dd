"""Finds what words mean in an image: "the left circle" becomes a mask."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.language.answer import find_meant as find_meant
    from pixelwise.systems.language.answer import open_answering as open_answering
    from pixelwise.systems.language.teaching import teach as teach

_HOMES = {"find_meant": "answer", "open_answering": "answer", "teach": "teaching"}


def language(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Expressions about drawn shapes against other words, none, and cells that do not know their places.

    Args:
        seeds: Of scenes and weights.
        quick: Fewer steps.
        tell: Told what goes on.
    """
    from pixelwise.systems.language.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
