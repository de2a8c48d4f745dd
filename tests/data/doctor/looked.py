"""What the doctor says of a drawn folder."""

from pathlib import Path

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._examine import examine
from pixelwise.data.doctor._findings import Finding
from pixelwise.data.doctor._gather import gather


def case_of(root: Path, **options) -> Case:
    return gather(root, **options)


def findings_of(root: Path, **options) -> dict[str, Finding]:
    """Findings by title; a title that stands twice is a fault of the test."""
    found = examine(gather(root, **options))
    assert len({finding.title for finding in found}) == len(found), [finding.title for finding in found]
    return {finding.title: finding for finding in found}


def severe(found: dict[str, Finding]) -> set[str]:
    """Titles of what is worse than a note."""
    return {title for title, finding in found.items() if finding.severity != "note"}
