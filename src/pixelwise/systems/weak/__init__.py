"""Learning from image labels and boxes instead of masks, by expectation maximisation."""

from collections.abc import Sequence
from pathlib import Path

from pixelwise.core.comparison import Comparison, Tell


def weak(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """What image labels, boxes and one mask among image labels are worth, on drawn scenes.

    Args:
        seeds: Of scenes, weights and order, one run each.
        quick: Fewer steps and the variants that the quick margins need.
        tell: Told what goes on.
    """
    from pixelwise.systems.weak.experiment import compare

    return compare(seeds=seeds, quick=quick, tell=tell)


def on_camvid(folder: Path, *, seconds: float, tell: Tell) -> Comparison:
    """The same on CamVid, its masks reduced to image labels and to boxes.

    Args:
        folder: Of CamVid, as the reader `camvid` takes it.
        seconds: To train each variant.
        tell: Told what goes on.

    Raises:
        DataError: If the folder cannot be read.
    """
    from pixelwise.systems.weak.streets import compare

    return compare(folder, seconds=seconds, tell=tell)
