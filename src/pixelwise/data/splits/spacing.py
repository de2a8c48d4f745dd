"""How large blocks are and how far parts stay apart, as people say it: «500m», «2048px»."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.splits.places import Footprint

_SAID = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(px|m|km)\s*$")


@dataclass(frozen=True, slots=True)
class Length:
    """A length on the ground, in metres, or in the image, in pixels."""

    value: float
    metres: bool

    def among(self, prints: Sequence[Footprint]) -> float:
        """The length in the units of the footprints; of pixels of several sizes the largest counts.

        Raises:
            DataError: If it is in metres, and where images lie is known in pixels only.
        """
        if not self.metres:
            return self.value * max(one.pixel for one in prints)
        if not all(one.metres for one in prints):
            raise DataError(
                f"{self.value:g}m cannot be told in these images. Where they lie is known in pixels only. "
                "Give pixels, such as 512px."
            )
        return self.value


@dataclass(frozen=True, slots=True)
class Spacing:
    """What is asked for of blocks.

    Attributes:
        block: Side of a block; None: chosen from the data.
        buffer: Images of two parts are farther apart than this; None: they neither overlap nor touch.
    """

    block: Length | None = None
    buffer: Length | None = None

    def reach(self, prints: Sequence[Footprint]) -> float:
        """The buffer in the units of the footprints."""
        return 0.0 if self.buffer is None else self.buffer.among(prints)


def length(said: str) -> Length:
    """A length as it is said.

    Raises:
        RecipeError: If it is none.

    >>> length("0.5km")
    Length(value=500.0, metres=True)
    """
    found = _SAID.match(said)
    if found is None:
        raise RecipeError(f"{said!r} is no length. Give metres or pixels, such as 500m, 2km or 2048px.")
    return Length(float(found[1]) * (1000 if found[2] == "km" else 1), found[2] != "px")


def told(distance: float, prints: Sequence[Footprint]) -> str:
    """A length in the units of footprints, for people.

    >>> told(512, [Footprint("a", (0, 0, 512, 512), pixel=1)])
    '512 px'
    """
    if all(one.metres for one in prints):
        return f"{distance:.4g} m" if distance < 10_000 else f"{distance / 1000:.4g} km"
    return f"{distance / max(one.pixel for one in prints):.4g} px"
