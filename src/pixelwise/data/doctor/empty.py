"""Masks and images that show nothing."""

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.doctor._case import UNKNOWN, Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Severity, many

_MANY = 0.5


def empty(case: Case) -> list[Finding]:
    """Masks of one number only, masks that do not count at all, and images of one colour."""
    known = case.meaning.known() if case.raw else {}
    bare: list[Entry] = []
    void: list[Entry] = []
    labelled = [entry for entry in case.read_whole() if case.seen[entry.number].counts]
    for entry in labelled:
        held = {
            known.get(number, UNKNOWN) if case.raw else number for number in case.seen[entry.number].counts
        }
        if held == {IGNORE_INDEX}:
            void.append(entry)
        elif held == {0}:
            bare.append(entry)
    found: list[Finding] = []
    if void:
        saying = f"{many(len(void), 'mask counts', 'masks count')} nowhere: every pixel is ignored."
        found.append(_finding("masks that do not count", "warning", saying, void, "They teach nothing."))
    if bare and not len(case.classes) < 2:
        share = len(bare) / len(labelled)
        saying = (
            f"{len(bare):,} of {len(labelled):,} masks: {case.classes.names[0]!r} everywhere ({share:.0%})."
        )
        found.append(
            _finding(
                "empty masks",
                "warning" if share > _MANY else "note",
                saying,
                bare,
                "Right where there is nothing to see; a fault where labelling was forgotten. Look at some.",
            )
        )
    flat = [entry for entry in case.read_whole() if (look := case.seen[entry.number].look) and look.flat]
    if flat:
        saying = f"{many(len(flat), 'image is', 'images are')} of one colour."
        advice = "Probably black or blank pictures: look at them, and leave them out."
        found.append(_finding("blank images", "warning", saying, flat, advice))
    return found


def _finding(title: str, severity: Severity, saying: str, entries: list[Entry], advice: str) -> Finding:
    return Finding(
        title,
        severity,
        saying,
        count=len(entries),
        files=tuple(entry.name for entry in entries),
        examples=tuple(Example((entry.number,)) for entry in entries[:SHOWN]),
        advice=advice,
    )
