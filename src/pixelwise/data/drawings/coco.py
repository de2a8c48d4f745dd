"""What the JSON files of COCO have in common, drawn or panoptic: images, and classes by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour, palette
from pixelwise.data.drawings.contract import Declared
from pixelwise.data.drawings.gallery import Gallery
from pixelwise.data.drawings.plain import Plain


@dataclass(frozen=True, slots=True)
class Categories:
    """Names of the numbers that annotations give.

    Attributes:
        names: By number.
        declared: The names in order of their numbers, each once.
    """

    names: Mapping[int, str]
    declared: Declared


@dataclass(frozen=True, slots=True)
class Picture:
    """An entry of `images`.

    Attributes:
        image: The file.
        size: Rows and columns.
        entry: Where it stands.
    """

    image: Path
    size: tuple[int, int]
    entry: Plain


def categories(contents: Sequence[Plain], used: frozenset[int]) -> Categories:
    """The classes that all files declare.

    Numbers may have gaps. A name that stands twice is one class; a number that no annotation has, and
    whose name is another's or the family name of the others (as Roboflow writes), is left out.

    Raises:
        DataError: If files give one number to different names.
    """
    names: dict[int, str] = {}
    colours: dict[str, Colour] = {}
    families: set[str] = set()
    for content in contents:
        for entry in content["categories"].items():
            number, name = entry["id"].whole(), entry["name"].text()
            if names.setdefault(number, name) != name:
                raise entry.fault(
                    f"number {number} is {name!r} here and {names[number]!r} elsewhere. Make them agree."
                )
            families.add(str(entry.get("supercategory", "").value))
            colours.setdefault(name, _colour(entry))
    kept, notes = _without_doubles(names, used, families)
    ordered = tuple(dict.fromkeys(kept[number] for number in sorted(kept)))
    told = all(colours[name] != _NO_COLOUR for name in ordered)
    own = tuple(colours[name] for name in ordered) if told else palette(ordered)
    return Categories(kept, Declared(ordered, own, tuple(notes)))


def pictures(content: Plain, gallery: Gallery) -> tuple[dict[int, Picture], list[str]]:
    """The images of a file by their numbers, and what is wrong with them."""
    found: dict[int, Picture] = {}
    faults: list[str] = []
    for entry in content["images"].items():
        try:
            image = gallery.find(entry["file_name"].text(), content.file)
            number, size = entry["id"].whole(), entry.size()
        except DataError as error:
            faults.append(str(error))
            continue
        if number in found:
            faults.append(str(entry.fault(f"number {number} stands for two images. Export it again.")))
        found[number] = Picture(image, size, entry)
    return found, faults


def number_of(entry: Plain, key: str) -> int | None:
    """A whole number, quickly; None where it is none."""
    value: Any = cast("dict[str, Any]", entry.value).get(key) if isinstance(entry.value, dict) else None
    return value if isinstance(value, int) else None


_NO_COLOUR: Colour = (-1, -1, -1)


def _colour(entry: Plain) -> Colour:
    value: Any = entry.get("color").value
    if not isinstance(value, list) or len(cast("list[Any]", value)) != 3:
        return _NO_COLOUR
    red, green, blue = (part.whole(0, 255) for part in entry["color"].items())
    return red, green, blue


def _without_doubles(
    names: Mapping[int, str], used: frozenset[int], families: set[str]
) -> tuple[dict[int, str], list[str]]:
    """The names without unused doubles, and what was done, in sentences."""
    kept, notes = dict(names), list[str]()
    for number in sorted(names):
        name = names[number]
        same = [other for other in kept if kept[other] == name and other != number]
        if number not in used and (same or name in families) and len(kept) > 1:
            del kept[number]
            why = f"the class is number {same[0]}" if same else "it is the family of the others"
            notes.append(f"number {number}, {name!r}, is drawn nowhere and left out: {why}.")
    for name in sorted({name for name in kept.values() if list(kept.values()).count(name) > 1}):
        numbers = ", ".join(str(number) for number in sorted(kept) if kept[number] == name)
        notes.append(f"the numbers {numbers} are all called {name!r}: they are one class.")
    return kept, notes
