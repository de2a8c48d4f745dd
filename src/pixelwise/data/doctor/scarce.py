"""Classes that too few images show."""

from collections import defaultdict
from collections.abc import Mapping

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import listing
from pixelwise.data.doctor._case import UNKNOWN, Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, many
from pixelwise.data.splits.grouping import told_groups
from pixelwise.data.splits.known import Known

_PARTS = 3  # train, val, test
_FEWEST = 6  # labelled images; of fewer, every class stands in few


def scarce(case: Case) -> list[Finding]:
    """Classes that stand in one mask only, or in too few groups of images for train, val and test."""
    shown = _shown(case)
    labelled = {entry.number for entry in case.read_whole() if case.seen[entry.number].counts}
    if len(labelled) < _FEWEST:
        return []
    groups, rule = _groups(case)
    names = case.classes.names
    alone: dict[str, list[Entry]] = {}
    together: dict[str, list[Entry]] = {}
    for index, entries in shown.items():
        homes = {groups[entry.number] for entry in entries if entry.number in groups}
        if len(entries) == 1:
            alone[names[index]] = entries
        elif homes and len(homes) < _PARTS:
            together[names[index]] = entries
    found: list[Finding] = []
    if alone:
        said = many(len(alone), "class stands", "classes stand")
        saying = f"{said} in one mask only{case.of()}."
        found.append(_finding("classes in one mask", saying, alone))
    if together:
        said = many(len(together), "class stands", "classes stand")
        saying = (
            f"{said} in fewer than {_PARTS} groups of images{case.of()} that must not be divided ({rule})."
        )
        found.append(_finding("classes in few groups", saying, together))
    return found


def _shown(case: Case) -> dict[int, list[Entry]]:
    """Entries that show each class, by its index."""
    known = case.meaning.known() if case.raw else {}
    shown: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in case.read_whole():
        numbers = case.seen[entry.number].counts
        for index in {known.get(number, UNKNOWN) if case.raw else number for number in numbers}:
            if index not in (IGNORE_INDEX, UNKNOWN):
                shown[index].append(entry)
    return dict(sorted(shown.items()))


def _groups(case: Case) -> tuple[dict[int, int], str]:
    """Group of each entry, and how that is known; nothing where the data are parted or not grouped."""
    looked = [(entry, look) for entry in case.read_whole() if (look := case.seen[entry.number].look)]
    files = [entry.image for entry, _ in looked if entry.image is not None]
    known = Known(
        [entry.name for entry, _ in looked],
        [look for _, look in looked],
        files if len(files) == len(looked) else None,
        case.root,
    )
    comparable = len({look.thumbnail.shape for look in known.looks}) == 1
    found = told_groups(known) if comparable else None
    splits = any(entry.split for entry in case.entries)
    if found is None or splits or found.number < _PARTS:  # so few groups are cut into blocks or runs
        return {}, ""
    return {entry.number: group for (entry, _), group in zip(looked, found.groups, strict=True)}, found.reason


def _finding(title: str, saying: str, shown: Mapping[str, list[Entry]]) -> Finding:
    return Finding(
        title,
        "warning",
        saying,
        count=len(shown),
        files=tuple(
            f"{name}: {listing([entry.name for entry in entries], 3)}" for name, entries in shown.items()
        ),
        examples=tuple(
            Example((entries[0].number,), f"the class {name}")
            for name, entries in list(shown.items())[:SHOWN]
        ),
        advice="Train, val and test cannot all show them: they are learnt or judged, not both. Label more of "
        "them, merge them with classes like them, or let them not count (ignored, in classes.yaml).",
    )
