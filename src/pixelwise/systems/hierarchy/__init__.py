"""Finds a vessel, then what is in it: the vessel's outline steers the second network (valve filters)."""

from collections.abc import Sequence

from pixelwise.core.comparison import Comparison, Tell


def hierarchy(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Valve filters against an image without a region, an image cut out by it, and a region as a band.

    Args:
        seeds: Of scenes and weights.
        quick: Fewer steps and variants.
        tell: Told what goes on.
    """
    from pixelwise.systems.hierarchy.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)
