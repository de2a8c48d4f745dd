"""Learning from a few clicks or strokes an image, with a prior of where things are."""

from collections.abc import Sequence
from pathlib import Path

from pixelwise.core.comparison import Comparison, Tell


def points(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """What clicks, strokes and an objectness prior add to image labels, on drawn scenes.

    Args:
        seeds: Of scenes, clicks, weights and order, one run each.
        quick: Fewer steps and the variants that the quick margins need.
        tell: Told what goes on.
    """
    from pixelwise.systems.points.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)


def on_camvid(folder: Path, *, seconds: float, tell: Tell) -> Comparison:
    """CamVid with one to five clicks per class and image: the share of full supervision that they reach.

    Args:
        folder: Of CamVid, as the reader `camvid` takes it.
        seconds: To train each variant.
        tell: Told what goes on.

    Raises:
        DataError: If the folder cannot be read.
    """
    from pixelwise.systems.points.streets import compare

    return compare(folder, seconds=seconds, tell=tell)
