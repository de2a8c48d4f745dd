"""The label contract: what the numbers and colours of a mask mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.palette import Colour, palette

IGNORE_INDEX = 255  # label, in memory, of a pixel that does not count


@dataclass(frozen=True, slots=True)
class Classes:
    """Names, colours and file values of the classes, in order of their index.

    Exclusive classes are integer labels `[h w]` (softmax): each pixel is one of them. Classes that
    are not exclusive are planes `[k h w]` in 0..1 (sigmoid): a pixel may be several, or none.

    Attributes:
        names: One name per class, all different.
        colours: One RGB colour per class, 0..255; in colour-coded masks also what is looked up.
        values: What each class is called in mask files; index `i` in memory is `values[i]` on disk.
        ignored: Values of mask files that do not count; `IGNORE_INDEX` in memory.
        exclusive: Whether each pixel is exactly one class.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()
    values: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    exclusive: bool = True

    def __post_init__(self) -> None:
        if not self.colours:
            object.__setattr__(self, "colours", palette(self.names))
        if not self.values:
            object.__setattr__(self, "values", tuple(range(len(self.names))))
        raise_faults(DataError, "these classes contradict themselves:", _faults(self))

    def __len__(self) -> int:
        return len(self.names)

    def foreground(self) -> "Classes":
        """The same classes without the first, as independent planes: binary masks become one plane."""
        return replace(
            self,
            names=self.names[1:],
            colours=self.colours[1:],
            values=self.values[1:],
            exclusive=False,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `classes.yaml` holds them."""
        rows = zip(self.values, self.names, self.colours, strict=True)
        return {
            "exclusive": self.exclusive,
            "ignored": list(self.ignored),
            "classes": [{"value": v, "name": n, "colour": list(c)} for v, n, c in rows],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Classes":
        """The inverse of `to_dict`; values may be left out of all classes, colours of any.

        Raises:
            DataError: If a key is unknown or missing, or the classes contradict themselves.
        """
        faults = [f"unknown key {key!r}" for key in plain if key not in {"exclusive", "ignored", "classes"}]
        rows = plain.get("classes")
        if not isinstance(rows, list) or not rows:
            faults.append("'classes' must be a list of {name, value, colour}")
            rows = []
        entries = [_entry(row) for row in cast("list[Any]", rows)]
        faults += [
            f"class {number}: {entry}" for number, entry in enumerate(entries) if isinstance(entry, str)
        ]
        raise_faults(DataError, "not a description of classes:", faults)
        named = [entry for entry in entries if not isinstance(entry, str)]
        names = tuple(str(entry["name"]) for entry in named)
        colours = [entry.get("colour", own) for entry, own in zip(named, palette(names), strict=True)]
        values = [entry["value"] for entry in named if "value" in entry]
        return cls(
            names=names,
            colours=tuple((int(r), int(g), int(b)) for r, g, b in colours),
            values=tuple(int(value) for value in values),
            ignored=tuple(int(value) for value in plain.get("ignored") or ()),
            exclusive=bool(plain.get("exclusive", True)),
        )


def _entry(row: Any) -> dict[str, Any] | str:
    """A class as a dictionary, or what is wrong with it."""
    if isinstance(row, str):
        return {"name": row}
    if not isinstance(row, dict) or "name" not in row:
        return f"{row!r} has no name"
    entry = cast("dict[str, Any]", row)
    unknown = sorted(set(entry) - {"name", "value", "colour"})
    if unknown:
        return f"unknown key {unknown[0]!r}"
    if "colour" in entry and not _is_colour(entry["colour"]):
        return f"colour must be three numbers 0..255, not {entry['colour']!r}"
    if "value" in entry and not isinstance(entry["value"], int):
        return f"value must be a whole number, not {entry['value']!r}"
    return entry


def _is_colour(colour: Any) -> bool:
    if not isinstance(colour, list | tuple) or len(cast("list[Any]", colour)) != 3:
        return False
    return all(isinstance(part, int) and 0 <= part <= 255 for part in cast("list[Any]", colour))


def _faults(classes: Classes) -> list[str]:
    number = len(classes.names)
    faults = ["no classes at all"] if not number else []
    if number > IGNORE_INDEX:
        faults.append(f"{number} classes, at most {IGNORE_INDEX} are possible")
    for what, given in (("colours", classes.colours), ("values", classes.values)):
        if len(given) != number:
            faults.append(f"{number} names but {len(given)} {what}; give one to each class or to none")
    for what, given in (("name", classes.names), ("value", classes.values)):
        twice = sorted({str(entry) for entry in given if list(given).count(entry) > 1})
        faults += [f"the {what} {entry!r} stands twice" for entry in twice]
    both = sorted(set(classes.values) & set(classes.ignored))
    faults += [f"the value {value} is both a class and ignored" for value in both]
    return faults
