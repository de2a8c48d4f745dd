"""What cameras tell: when each photograph was taken."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

from PIL import Image

from pixelwise.data.threads import in_threads

_EXIF, _TAKEN, _CHANGED = 0x8769, 0x9003, 0x0132  # tags
_FIRST = 8  # files that are asked before all are
_LEAST_S, _MOST_S = 30.0, 3600.0


def moments(files: Sequence[Path]) -> list[float] | None:
    """When each photograph was taken, in seconds; None unless all say it."""
    if any(taken(file) is None for file in files[:_FIRST]):
        return None
    found = in_threads(taken, files)
    known = [moment for moment in found if moment is not None]
    return known if len(known) == len(files) else None


def taken(file: Path) -> float | None:
    """When a photograph was taken, as its EXIF says; None where it does not."""
    if file.suffix.lower() not in {".jpg", ".jpeg", ".webp"}:
        return None
    try:
        with Image.open(file) as picture:
            exif = picture.getexif()
            told = exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(_CHANGED)
        return datetime.strptime(str(told), "%Y:%m:%d %H:%M:%S").timestamp()
    except (OSError, ValueError, SyntaxError):
        return None


def by_time(found: Sequence[float]) -> list[str]:
    """Photographs taken one soon after the other, as groups called after their first moment.

    A pause ends a group: twenty times the usual one, though at least half a minute and at most an hour.
    """
    order = sorted(range(len(found)), key=lambda number: found[number])
    pauses = [found[later] - found[earlier] for earlier, later in pairwise(order)]
    longest = min(_MOST_S, max(_LEAST_S, 20 * median(pauses))) if pauses else _LEAST_S
    groups, start = [""] * len(found), order[0] if order else 0
    for place, number in enumerate(order):
        if place and pauses[place - 1] > longest:
            start = number
        groups[number] = f"{datetime.fromtimestamp(found[start]):%Y-%m-%d %H:%M:%S}"
    return groups
