"""Which labels of drawings are which classes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, listing, suggestion
from pixelwise.core.palette import Colour, palette
from pixelwise.data.drawings.paint import Order
from pixelwise.data.drawings.shapes import Drawing
from pixelwise.data.layouts.naming import natural
from pixelwise.data.masks.written import FILES, VOID_NAMES, find_contract
from pixelwise.data.texts import read_yaml

ClassChoice = Path | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person told about classes and painting; the same words in every reader of drawings.

    Attributes:
        classes: Names in the order wanted, or a file of classes.
        ignore: Labels whose pixels do not count.
        order: What is painted first; see `paint.Rules`.
        background: Name of the class where nothing was drawn; None if that does not count.
        planes: Independent planes, so that classes may overlap.
        bands: Bands of images; see `read_image`.
        crowds_count: Whether crowds are of their class.
    """

    classes: ClassChoice
    ignore: tuple[str, ...]
    order: Order
    background: str | None
    planes: bool
    bands: int | None
    crowds_count: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Which label is which class.

    Attributes:
        classes: As the reader promises them.
        indices: Index of each label that occurs; `IGNORE_INDEX` for those that do not count.
        background: Index where nothing was drawn.
        notes: What was understood without being told.
        faults: Labels that are no class, and contradictions.
    """

    classes: Classes
    indices: Mapping[str, int]
    background: int
    notes: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """Classes that the files of a tool declare themselves, in order, with colours where they have any."""

    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()
    notes: tuple[str, ...] = ()


def settle(root: Path, drawings: Sequence[Drawing], declared: Declared | None, wishes: Wishes) -> Settled:
    """The classes: as told, else as a file of classes in `root` says, else as declared, else as found.

    Raises:
        DataError: If a file of classes is missing or contradicts itself, or no class is left.
    """
    found = Counter(shape.label for drawing in drawings for shape in drawing.shapes)
    counted, void, notes = _wanted(root, found, declared, wishes)
    planes = wishes.planes or not counted.exclusive
    counted = replace(counted, exclusive=True)
    if planes and wishes.background is None:
        raise DataError("planes have no background. background=null was told. Leave one of them out.")
    classes = counted if wishes.background is None else _with_background(counted, wishes.background)
    known = {name: index for index, name in enumerate(classes.names)}
    background = IGNORE_INDEX if wishes.background is None else known[wishes.background]
    faults = _strangers(found, known, void, wishes.ignore)
    if planes:
        known = {name: index for index, name in enumerate(_background_first(classes, background).names)}
        classes, background = _background_first(classes, background).foreground(), 0
    indices = {label: known.get(label, IGNORE_INDEX) for label in found}
    absent = [name for name in classes.names if name not in found and name != wishes.background]
    if absent:
        notes = (*notes, f"{len(absent)} of {len(classes)} classes are never drawn: {listing(absent)}.")
    return Settled(classes, indices, background, notes, tuple(faults))


def _wanted(
    root: Path, found: Counter[str], declared: Declared | None, wishes: Wishes
) -> tuple[Classes, frozenset[str], tuple[str, ...]]:
    """The classes that count, the labels that do not, and what was understood."""
    void = frozenset(wishes.ignore)
    if isinstance(wishes.classes, tuple):
        return Classes(wishes.classes), void, ()
    written = find_contract(root, wishes.classes, ())
    if written is not None:
        dropped = _dropped(root, wishes.classes, written.classes)
        classes = replace(written.classes, exclusive=not written.planes)
        return classes, void | dropped, written.notes
    origin = f"{len(found)} labels" if declared is None else "the classes that the files declare"
    names = tuple(sorted(found, key=natural)) if declared is None else declared.names
    notes = () if declared is None else declared.notes
    colours = palette(names) if declared is None or not declared.colours else declared.colours
    kept = [(name, colour) for name, colour in zip(names, colours, strict=True) if name not in void]
    if not kept:
        raise DataError(
            f"no class is left in {root}. Of {origin}, {listing(sorted(void)) or 'none'} are ignored. Label "
            "something, or ignore fewer."
        )
    names, colours = (tuple(column) for column in zip(*kept, strict=True))
    if declared is None:
        notes = (f"the labels found are the classes: {listing(names, 12)}.",)
    return Classes(names, colours if declared and declared.colours else ()), void, notes


def _dropped(root: Path, given: Path | None, classes: Classes) -> frozenset[str]:
    """Names that a file of classes lists as not counting."""
    path = given or next(root / name for name in FILES if (root / name).is_file())
    if path.suffix.lower() not in {".yaml", ".yml"}:
        return VOID_NAMES - set(classes.names)
    rows: Any = cast("dict[str, Any]", read_yaml(path))["classes"]
    names = {str(row["name"] if isinstance(row, dict) else row) for row in cast("list[Any]", rows)}
    return frozenset(names - set(classes.names))


def _with_background(classes: Classes, name: str) -> Classes:
    """The classes with that one, which is put first where it was not named."""
    if name in classes.names:
        return classes
    free = next(value for value in range(len(classes) + 1) if value not in classes.values)
    names = (name, *classes.names)
    return replace(
        classes, names=names, colours=(palette((name,))[0], *classes.colours), values=(free, *classes.values)
    )


def _background_first(classes: Classes, background: int) -> Classes:
    order = [background, *(index for index in range(len(classes)) if index != background)]
    return replace(
        classes,
        names=tuple(classes.names[index] for index in order),
        colours=tuple(classes.colours[index] for index in order),
        values=tuple(classes.values[index] for index in order),
    )


def _strangers(
    found: Counter[str], known: Mapping[str, int], void: frozenset[str], ignore: Sequence[str]
) -> list[str]:
    """Labels that are neither a class nor ignored, and classes that are both."""
    faults = [f"{name!r} is both a class and ignored" for name in sorted(set(known) & set(ignore))]
    faults += [
        f"{found[label]} shapes are labelled {label!r}, which is no class.{suggestion(label, [*known])} "
        f"Classes: {listing(known, 12)}. Add it to the classes, or to ignore=."
        for label in sorted(set(found) - set(known) - void)
    ]
    return faults


def hex_colour(text: str) -> Colour | None:
    """The colour that `#rrggbb` names; None if it names none."""
    try:
        red, green, blue = bytes.fromhex(text.strip().removeprefix("#"))
    except ValueError:
        return None
    return red, green, blue
