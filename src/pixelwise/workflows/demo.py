"""From nothing to a report in a minute: small scenes drawn by code, a small net, a look at what it learnt."""

from pathlib import Path

from pixelwise.workflows.train import Run, train

SETTINGS = ("data.reader.num_classes=3", "train.epochs=20")


def demo(*, out: Path | str | None = None, quiet: bool = False) -> Run:
    """Train tutorial 000's encoder-decoder on drawn digits.

    Args:
        out: The run folder, new or empty; None for the next free one under runs/.
        quiet: Say nothing on the way.
    """
    return train("digits", settings=SETTINGS, out=out, quiet=quiet)
