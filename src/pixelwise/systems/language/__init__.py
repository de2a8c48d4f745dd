"""Finds what words mean in an image: "the left circle" becomes a mask."""

from collections.abc import Sequence

from pixelwise.core.comparison import Comparison, Tell


def language(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Expressions about drawn shapes against other words, none, and cells that do not know their places.

    Args:
        seeds: Of scenes and weights.
        quick: Fewer steps.
        tell: Told what goes on.
    """
    from pixelwise.systems.language.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)
