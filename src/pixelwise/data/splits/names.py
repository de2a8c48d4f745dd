"""What names tell of images that belong together: views of a car, frames of a video, tiles of a mosaic."""

import re
from collections import Counter
from collections.abc import Sequence

from pixelwise.data.layouts.naming import natural

_NUMBERED = re.compile(r"^(.*\S)[\s_\-./]+[\(\[]?[A-Za-z]{0,6}\d+[\)\]]?$")
_YEAR = re.compile(r"^(19|20)\d\d$")
_SEPARATOR = re.compile(r"[\s_\-.]")
_LEVELS = 3  # numbers that are taken off the end, one after the other
_NUMBERED_SHARE = 0.9  # of the names, at least
_TOGETHER = 1.5  # images in a group, on average, at least


def by_name(names: Sequence[str]) -> list[list[str]]:
    """Ways to group images by the beginnings of their names, from the finest to the coarsest.

    A number at the end, with what separates it, is taken off («car7_03», «M-34_12», «seq05_f00030»),
    then the number before it, and so on. A way counts if it finds several groups, and in them more than one
    image each; years are no groups.

    Returns:
        For each way, the group of each image.
    """
    ending = common_ending(names)
    keys = [name.removesuffix(ending) for name in names]
    ways: list[list[str]] = []
    for _ in range(_LEVELS):
        found = [_NUMBERED.match(key) for key in keys]
        if sum(match is not None for match in found) < _NUMBERED_SHARE * len(keys):
            break
        keys = [key if match is None else match[1] for key, match in zip(keys, found, strict=True)]
        groups = Counter(keys)
        if all(_YEAR.match(key) for key in groups):
            break
        if len(keys) >= _TOGETHER * len(groups):
            ways.append(keys)
        if len(groups) == 1:
            break
    return ways


def by_pattern(names: Sequence[str], pattern: re.Pattern[str]) -> list[str | None]:
    """What the pattern finds in each name: its first group, else all it matches; None where it does not."""
    found = [pattern.search(name) for name in names]
    return [None if match is None else match[min(1, pattern.groups)] for match in found]


def in_series(names: Sequence[str]) -> list[int]:
    """Place of each image in the order of the names, by which 2 comes before 10."""
    order = sorted(range(len(names)), key=lambda number: natural(names[number]))
    places = [0] * len(names)
    for place, number in enumerate(order):
        places[number] = place
    return places


def common_ending(names: Sequence[str]) -> str:
    """What all names end with, from a separator on."""
    if len(names) < 2:
        return ""
    same = 0
    for letters in zip(*(reversed(name) for name in names), strict=False):
        if len(set(letters)) > 1:
            break
        same += 1
    ending = names[0][len(names[0]) - same :]
    start = _SEPARATOR.search(ending)
    return ending[start.start() :] if start else ""
