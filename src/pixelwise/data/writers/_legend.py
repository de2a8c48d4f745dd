"""Which name and which number stands for which class in what is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import yaml
from jaxtyping import Int64, UInt8

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.palette import Colour
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.reader import Reader

VOID = "void"  # what pixels that do not count are called where they must have a name
VOID_COLOUR: Colour = (224, 224, 192)  # of the rims in PASCAL VOC
_BLACK: Colour = (0, 0, 0)
_MOST = 255


@dataclass(frozen=True, slots=True)
class Legend:
    """The classes as they are written.

    Attributes:
        classes: With the values that masks hold.
        void: Values of the names of what does not count; the first is that of pixels.
        undrawn: The class where no shape is; None where that does not count, and for planes.
    """

    classes: Classes
    void: Mapping[str, int]
    undrawn: str | None

    @property
    def nothing(self) -> str:
        """Name of pixels that do not count."""
        return next(iter(self.void))

    @property
    def drawn(self) -> tuple[str, ...]:
        """Names of the classes that are drawn."""
        return tuple(name for name in self.classes.names if name != self.undrawn)

    @property
    def labels(self) -> tuple[str, ...]:
        """All names that shapes may have; those of classes that are drawn come first."""
        return (*self.drawn, *([] if self.undrawn is None else [self.undrawn]), *self.void)

    def listed(self, used: Collection[str]) -> tuple[str, ...]:
        """The names that a tool must know: the classes, and what else was used."""
        return tuple(name for name in self.labels if name in self.drawn or name in used)

    def colour(self, name: str) -> Colour:
        """Colour of a class, or of what does not count."""
        known = dict(zip(self.classes.names, self.classes.colours, strict=True))
        return known.get(name, VOID_COLOUR)

    def encoded(self, labels: Int64[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 1"]:
        """The values of labels, as a mask file holds them."""
        table = np.zeros(IGNORE_INDEX + 1, np.uint8)
        values = self.classes.values if self.classes.exclusive else (0, *self.classes.values)
        table[: len(values)] = values
        table[IGNORE_INDEX] = self.void[self.nothing]
        return table[labels][..., None]

    def palette(self) -> tuple[Colour, ...]:
        """Colours of the values 0 to 255; black where none is used."""
        colours = dict(zip(self.classes.values, self.classes.colours, strict=True))
        colours[self.void[self.nothing]] = VOID_COLOUR
        return tuple(colours.get(value, _BLACK) for value in range(_MOST + 1))

    def to_yaml(self, used: Collection[str]) -> str:
        """The text of classes.yaml.

        Args:
            used: Names of what does not count that were written.
        """
        plain = self.classes.to_dict()
        void = {name: value for name, value in self.void.items() if name in used}
        plain["classes"] += [{"value": v, "name": n, "colour": list(VOID_COLOUR)} for n, v in void.items()]
        plain["ignored"] = sorted({*plain["ignored"], *void.values()})
        return yaml.safe_dump(plain, sort_keys=False, default_flow_style=None, allow_unicode=True, width=100)


def legend_of(reader: Reader, *, values: bool) -> Legend:
    """How the classes of a reader are written.

    Args:
        reader: The data.
        values: Whether masks may hold any number up to 255; else the classes are 0, 1, 2 and on. Of planes,
            0 is none of them.
    """
    own = reader.classes.values
    made_up = isinstance(reader, Drawn) and list(own) != sorted(own)  # drawings have no values
    classes = _numbered(reader.classes, values and not made_up)
    labels: list[str] = []
    undrawn = "background" if classes.exclusive and "background" in classes.names else None
    if isinstance(reader, Drawn):
        indices, ground = reader.rules.indices, reader.rules.background
        labels = sorted(label for label, index in indices.items() if index == IGNORE_INDEX)
        counts = classes.exclusive and ground != IGNORE_INDEX
        undrawn = classes.names[ground] if counts else None
    taken = {*classes.names, *labels}
    nothing = next(name for name in (VOID, *(f"{VOID}_{n}" for n in range(2, 600))) if name not in taken)
    return Legend(classes, dict(zip((nothing, *labels), _free(classes), strict=False)), undrawn)


def _numbered(classes: Classes, values: bool) -> Classes:
    """The classes with values that masks can hold."""
    least = 0 if classes.exclusive else 1
    fits = values and all(least <= value <= _MOST for value in classes.values)
    kept = classes.values if fits else tuple(range(least, least + len(classes)))
    none = () if classes.exclusive else (0,)
    ignored = tuple(v for v in classes.ignored if 0 <= v <= _MOST and v not in (*kept, *none))
    if not values:
        ignored = (IGNORE_INDEX,) if classes.ignored else ()
    elif classes.ignored and not ignored:
        ignored = (_free(replace(classes, values=kept, ignored=()))[0],)
    return replace(classes, values=kept, ignored=ignored)


def _free(classes: Classes) -> list[int]:
    """Values for what does not count: those told, the largest first, then all that nothing else has."""
    used = {*classes.values, *classes.ignored} | (set() if classes.exclusive else {0})
    return [*sorted(classes.ignored, reverse=True), *(v for v in range(_MOST, -1, -1) if v not in used)]
