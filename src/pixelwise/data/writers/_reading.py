"""How what was written is read: the options its reader needs, and whether it finds the same."""

from collections.abc import Mapping

from pixelwise.core.errors import listing
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.reader import Listed, Reader
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import Speech
from pixelwise.data.writers._sheets import Sheets, flat_name


def options_of(
    says: Speech, reader: Reader, legend: Legend, counts: Mapping[str, int]
) -> dict[str, str | None]:
    """What the reader of the form must be told to give the same labels.

    Args:
        says: What the form can say.
        reader: The data that were written.
        legend: How their classes were written.
        counts: What the sheets held, as in `lost`.
    """
    options: dict[str, str | None] = {}
    if says.form == "masks":
        return options
    if reader.classes.exclusive and legend.undrawn != "background":
        options["background"] = legend.undrawn
    crowds = bool(counts.get("crowds"))
    if not says.tops and (counts.get("overlaps") or (crowds and not reader.classes.exclusive)):
        options["order"] = "file"
    if says.crowds and crowds and isinstance(reader, Drawn) and reader.rules.crowds_count:
        options["crowds"] = "count"
    return options


def unlike(found: Reader, source: Reader, sheets: Sheets) -> list[str]:
    """What a reader of the form finds otherwise than it was, told without opening images."""
    missed: list[str] = []
    says = sheets.says
    if len(found) != len(source):
        missed.append(f"{len(source) - len(found)} of {len(source)} images: its reader leaves them out.")
    if found.classes.names != source.classes.names:
        missed.append(f"the classes: its reader finds {listing(found.classes.names, 12)}.")
    splits = {name: split for name, split in _splits(source, says).items() if split in sheets.splits}
    if isinstance(source, Listed) and _splits(found, says) != splits:
        missed.append("the splits: its reader finds others in the names of files. Rename these.")
    return missed


def _splits(reader: Reader, says: Speech) -> dict[str, str]:
    """The split of each sample, by the name of its files."""
    if not isinstance(reader, Listed):
        return {}
    found: dict[str, str] = {}
    for split, numbers in reader.splits.items():
        for number in numbers:
            found.setdefault(flat_name(reader.names[number], says), split)
    return found
