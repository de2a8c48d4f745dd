"""Finds a vessel, then what is in it: the vessel's outline steers the second network (valve filters)."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.hierarchy.answer import find_contents as find_contents
    from pixelwise.systems.hierarchy.answer import open_chain as open_chain
    from pixelwise.systems.hierarchy.teaching import teach as teach

_HOMES = {"find_contents": "answer", "open_chain": "answer", "teach": "teaching"}


def hierarchy(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Valve filters against an image without a region, an image cut out by it, and a region as a band.

    Args:
        seeds: Of scenes and weights.
        quick: Fewer steps and variants.
        tell: Told what goes on.
    """
    from pixelwise.systems.hierarchy.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
