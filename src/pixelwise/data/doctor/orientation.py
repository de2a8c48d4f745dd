"""Photographs that an EXIF orientation turns."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from pixelwise.data.doctor._case import Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair, Severity, many
from pixelwise.data.doctor._steps import Unturn

_ORIENTATION = 0x0112  # EXIF tag
_QUARTER = 5  # from here on rows and columns change places


def orientation(case: Case) -> list[Finding]:
    """Turned photographs whose masks fit them as stored, as shown, or both ways."""
    stored: list[Entry] = []
    shown: list[Entry] = []
    either: list[Entry] = []
    for entry in case.entries:
        header = case.headers.get(entry.image) if entry.image else None
        if header is None or not header.turned:
            continue
        size = case.masks[entry.masks[0]].size if entry.masks and entry.masks[0] in case.masks else None
        if size == header.size:
            quarter = _orientation(entry.image) >= _QUARTER and header.size[0] != header.size[1]
            (shown if quarter or size is None else either).append(entry)
        elif size == header.size[::-1]:
            stored.append(entry)
    found: list[Finding] = []
    if stored:
        steps = {entry.image: Unturn() for entry in stored if entry.image}
        repair = Repair("write «upright» into the photographs; their pixels stay as they are", steps)
        saying = "turned away from the mask by an EXIF orientation."
        found.append(_finding(case, "turned by EXIF", "fault", saying, stored, repair))
    if either:
        saying = "turned by EXIF, and the mask would fit before and after."
        advice = (
            "Not repaired: sizes cannot tell. They are read upright; see whether outlines fit, and if not, "
            "strip the EXIF orientation."
        )
        found.append(_finding(case, "turned by EXIF, doubtful", "warning", saying, either, None, advice))
    if shown:
        saying = "turned by EXIF; the mask fits it upright, as it is read."
        advice = "Nothing to do here; programs that ignore EXIF will show them turned."
        found.append(_finding(case, "turned by EXIF, read upright", "note", saying, shown, None, advice))
    return found


def _finding(
    case: Case,
    title: str,
    severity: Severity,
    saying: str,
    entries: Sequence[Entry],
    repair: Repair | None,
    advice: str = "",
) -> Finding:
    return Finding(
        title,
        severity,
        f"{many(len(entries), 'photograph is', 'photographs are')} {saying}",
        count=len(entries),
        files=tuple(case.short(entry.image) for entry in entries if entry.image),
        examples=tuple(Example((entry.number,)) for entry in entries[:SHOWN]),
        repair=repair,
        advice=advice,
    )


def _orientation(path: Path | None) -> int:
    if path is None:
        return 1
    with Image.open(path) as picture:
        return int(picture.getexif().get(_ORIENTATION, 1))
