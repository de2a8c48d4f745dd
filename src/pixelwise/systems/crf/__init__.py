"""DeepLab as a whole: holes instead of strides, several fields of view, and a CRF that finds the edges."""

from collections.abc import Sequence

from pixelwise.core.comparison import Comparison, Tell


def crf(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """The CRF on blurred scores, and a small DeepLab with each of its three parts and without.

    Args:
        seeds: Of scenes, weights and batches.
        quick: Fewer steps and images; the same margins but one.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.crf.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)
