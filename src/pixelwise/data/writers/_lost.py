"""What a form cannot say of the data at hand, in sentences."""

from collections.abc import Mapping

from pixelwise.core.errors import listing
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.reader import Reader
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import MOST_THINGS, Speech


def lost(
    name: str, says: Speech, reader: Reader, legend: Legend, counts: Mapping[str, int]
) -> tuple[str, ...]:
    """One sentence for each thing that is not in the files, or that only classes.yaml tells.

    Args:
        name: Of the form.
        says: What it can say.
        reader: The data.
        legend: How the classes were written.
        counts: What the sheets held: `shapes`, `overlaps` of classes, polygons with `holes`, `things` of
            several shapes, `crowds`, `thin` outlines, pixels `shared` by planes, and those that do not
            count `partly`, in some planes; things `parted` by others, and images of `many` things.
    """
    found = _of_masks(says, counts) if says.form == "masks" else _of_drawings(name, says, counts)
    if counts.get("partly"):
        found.append("pixels that do not count for some classes only: they count for none.")
    crowded = counts.get("crowds", 0)
    if crowded and not says.crowds:
        counted = isinstance(reader, Drawn) and reader.rules.crowds_count
        fate = "are of their class" if counted else "do not count"
        found.append(f"that {crowded} shapes are crowds: their pixels {fate}.")
    return (*found, *_of_classes(name, says, reader, legend, counts))


def _of_masks(says: Speech, counts: Mapping[str, int]) -> list[str]:
    found: list[str] = []
    if counts.get("shapes"):
        things = "" if says.things else ", and which of them a pixel shows"
        found.append(f"the outlines of {counts['shapes']} shapes, finer than pixels{things}.")
    if counts.get("many") and says.things:
        found.append(
            f"which thing a pixel shows, in {counts['many']} images of more than {MOST_THINGS} things."
        )
    if counts.get("overlaps"):
        found.append(f"what lies below: {counts['overlaps']} times a shape covers a pixel of another class.")
    if counts.get("shared"):
        found.append(f"{counts['shared']} pixels are of several classes: the last of them is kept.")
    return found


def _of_drawings(name: str, says: Speech, counts: Mapping[str, int]) -> list[str]:
    found: list[str] = []
    if counts.get("holes") and not says.holes:
        found.append(
            f"holes: {counts['holes']} polygons of {name} would need some, and are {says.masks} of the same "
            "pixels."
        )
    if counts.get("things") and not says.things:
        found.append(f"which shapes are one thing: {counts['things']} things of several outlines fall apart.")
    if counts.get("parted") and says.things and not says.apart:
        found.append(f"that {counts['parted']} things go on behind others: their shapes fall apart.")
    if counts.get("overlaps") and not says.tops:
        found.append(
            f"what lies on top: {counts['overlaps']} times a shape covers a pixel of another class. What "
            "stands later does, if it is read with order=file."
        )
    if counts.get("thin"):
        found.append(f"{counts['thin']} outlines of fewer than three points, which cover nothing.")
    return found


def _of_classes(
    name: str, says: Speech, reader: Reader, legend: Legend, counts: Mapping[str, int]
) -> list[str]:
    found: list[str] = []
    classes, written = reader.classes, legend.classes
    void = [label for label in legend.void if counts.get(f"void {label}")]
    if says.form == "drawings" and void:
        found.append(
            f"that {listing(void)} does not count: only classes.yaml says so; {name} takes it for a class."
        )
    value = legend.void[legend.nothing]
    if says.form == "masks" and classes.ignored not in ((), (value,)):
        found.append(f"the values {listing(classes.ignored)} of pixels that do not count: all are {value}.")
    if says.form == "masks" and classes.values != written.values and not isinstance(reader, Drawn):
        said = listing(written.values, 10)
        found.append(f"the values {listing(classes.values, 10)} of the classes: {name} has {said}.")
    return found
