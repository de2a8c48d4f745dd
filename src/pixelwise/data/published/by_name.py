"""Data sets in a usual layout that are known by how their files are named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.core.classes import Classes
from pixelwise.data.masks.written import Contract


@dataclass(frozen=True, slots=True)
class Known:
    """A data set whose file names give it away.

    Attributes:
        title: What it is called.
        named: Matches the stem of every image, and of few other images in the world.
        classes: What the numbers in its masks mean, from 0; None where they are background and one object.
        object_name: What that object is.
    """

    title: str
    named: re.Pattern[str]
    classes: Classes | None = None
    object_name: str = "foreground"


KNOWN = (
    Known(
        "LandCover.ai",  # named after sheets of the Polish map, tiles with a number behind
        re.compile(r"[MN]-3[34]-\d{1,3}-[A-D]-[a-d]-[1-4]-[1-4](_\d+)?"),
        Classes(
            ("background", "building", "woodland", "water", "road"),
            ((46, 52, 64), (222, 45, 38), (35, 139, 69), (49, 130, 189), (150, 150, 150)),
        ),
    ),
    Known("Carvana", re.compile(r"[0-9a-f]{12}_(0[1-9]|1[0-6])"), object_name="car"),
)


def known_by_name(images: Sequence[Path]) -> Known | None:
    """The data set that all these images are named after, if any."""
    if not images:
        return None
    return next((known for known in KNOWN if all(known.named.fullmatch(p.stem) for p in images)), None)


def contract_of(known: Known | None, ignore: Sequence[int]) -> Contract | None:
    """What the masks of a known data set mean, where it is more than background and an object."""
    if known is None or known.classes is None:
        return None
    note = (
        f"the files are named like those of {known.title}, so its classes are taken: "
        f"{', '.join(known.classes.names)}. Write classes.yaml if they are others."
    )
    kept = [value for value in known.classes.values if value not in ignore]
    classes = Classes(
        names=tuple(known.classes.names[value] for value in kept),
        colours=tuple(known.classes.colours[value] for value in kept),
        values=tuple(kept),
        ignored=tuple(ignore),
    )
    return Contract(classes, has_values=True, notes=(note,))
