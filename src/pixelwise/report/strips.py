"""What several methods make of the same images: a strip of pictures each, side by side under their names."""

from collections.abc import Sequence

import numpy as np

from pixelwise.report.panels import panels
from pixelwise.report.pictures import Rgb

_TIMES, _GAP = 4, 6  # whole pixels that one becomes; white rows between two pictures


def strips(named: Sequence[tuple[str, Sequence[Rgb]]]) -> Rgb:
    """Small pictures of one size, enlarged; those of one name stand below each other.

    Args:
        named: Words above a strip, and its pictures; as many in each.
    """
    sheet = panels([(words, _strip(pictures)) for words, pictures in named], columns=len(named))
    return np.asarray(sheet)


def _strip(pictures: Sequence[Rgb]) -> Rgb:
    white = np.full((_GAP, _TIMES * pictures[0].shape[1], 3), 255, np.uint8)
    parts: list[Rgb] = []
    for picture in pictures:
        parts += [white, picture.repeat(_TIMES, 0).repeat(_TIMES, 1)]
    return np.concatenate(parts[1:])
