"""The page of the label doctor: offline, self-contained, for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelwise.core.errors import PixelwiseError
from pixelwise.core.files import write_text
from pixelwise.data.doctor._case import Case, spread
from pixelwise.data.doctor._findings import SEVERITIES, Example, Finding
from pixelwise.report import tables, words
from pixelwise.report._template import rendered
from pixelwise.report.inspection_facts import class_shares, facts, left_out
from pixelwise.report.inspection_pictures import Strip, strip
from pixelwise.report.pictures import STRIPES

FILES_SHOWN = 8  # of a finding, before they are folded away
_FILES_FOLDED = 200
_SAMPLES = 6
_PLURALS = {"fault": "faults", "warning": "warnings", "note": "notes"}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as the page shows it."""

    finding: Finding
    strips: list[Strip]
    first: list[str]
    rest: list[str]
    more: int


def verdict(findings: Sequence[Finding]) -> str:
    """What the findings come to, in one sentence."""
    counts = Counter(finding.severity for finding in findings)
    told = [kind for kind in SEVERITIES[:2] if counts[kind]]
    said = [f"{counts[kind]} {kind if counts[kind] == 1 else _PLURALS[kind]}" for kind in told]
    mended = sum(finding.repair is not None for finding in findings)
    if not said:
        return "Nothing is wrong with these data, as far as was looked."
    repairs = "" if not mended else f" {mended} of them can be repaired beyond doubt."
    return f"{' and '.join(said).capitalize()}.{repairs}"


def write_inspection(path: Path, case: Case, findings: Sequence[Finding], *, command: str = "") -> None:
    """Write what was found as one HTML file that loads nothing else.

    Args:
        path: The file.
        case: What was looked at.
        findings: What was found, faults first.
        command: What to type next.

    Raises:
        StorageError: If the disk refuses.
    """
    filters = {"percent": words.percent, "number": words.number, "css": tables.css}
    write_text(path, rendered("inspection.html", _all(case, findings, command), filters))


def _all(case: Case, findings: Sequence[Finding], command: str) -> dict[str, Any]:
    told = [_told(case, finding) for finding in findings]
    shares = class_shares(case)
    return {
        "title": case.root.resolve().name,
        "verdict": verdict(findings),
        "facts": facts(case),
        "groups": [
            (_PLURALS[kind], kind, [each for each in told if each.finding.severity == kind])
            for kind in SEVERITIES
            if any(each.finding.severity == kind for each in told)
        ],
        "classes": shares,
        "widest": max((row.share for row in shares), default=0.0) or 1.0,
        "left_out": left_out(case),
        "looked_at": len(case.seen),
        "numbered": case.raw,
        "samples": _samples(case),
        "stripes": [tables.css(colour) for colour in STRIPES],
        "notes": case.notes,
        "command": command,
    }


def _told(case: Case, finding: Finding) -> Told:
    strips = [shown for example in finding.examples if (shown := _shown(case, example)) is not None]
    files = list(finding.files)
    rest = files[FILES_SHOWN:_FILES_FOLDED]
    return Told(finding, strips, files[:FILES_SHOWN], rest, max(0, len(files) - _FILES_FOLDED))


def _samples(case: Case) -> list[Strip]:
    labelled = [entry for entry in case.read_whole() if case.seen[entry.number].counts]
    chosen = [_shown(case, Example((entry.number,))) for entry in spread(labelled, _SAMPLES)]
    return [shown for shown in chosen if shown is not None]


def _shown(case: Case, example: Example) -> Strip | None:
    try:
        return strip(case, example)
    except PixelwiseError:  # what cannot be drawn is told in words all the same
        return None
