"""A folder of labelled data to everything that is wrong with it, a page, and a mended copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.core.errors import RecipeError, StorageError
from pixelwise.core.files import write_text
from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._examine import examine
from pixelwise.data.doctor._findings import Finding
from pixelwise.data.doctor._gather import gather
from pixelwise.data.masks.written import FILES
from pixelwise.report.inspection import verdict, write_inspection
from pixelwise.workflows._repair import CLASSES, Repaired, contract_text, repair
from pixelwise.workflows._talk import Talk

_LOOKING = 0.75  # of the bar


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found.

    Attributes:
        case: What was looked at.
        findings: Faults first.
        page: The page.
        classes: The file of classes that was written; None if none was.
        repaired: What was mended in a copy.
        left: What is still found in the copy; without one, what was found.
    """

    case: Case
    findings: Sequence[Finding]
    page: Path
    classes: Path | None
    repaired: Repaired | None
    left: Sequence[Finding]

    @property
    def code(self) -> int:
        """0: clean; 1: warnings; 2: faults. Of the copy, where there is one."""
        severities = {finding.severity for finding in self.left}
        return 2 if "fault" in severities else 1 if "warning" in severities else 0


def inspect(
    data: Path | str,
    *,
    repair_to: Path | str | None = None,
    page: Path | str = "inspection.html",
    reader: str | None = None,
    everything: bool = False,
    write_classes: bool = True,
    quiet: bool = False,
) -> Inspection:
    """Examine labelled data, whatever state they are in.

    The meaning of the masks, where it is beyond doubt and nobody has written it down, is written to
    `classes.yaml` in the folder, which all commands obey from then on.

    Args:
        data: The folder.
        repair_to: New or empty folder for a copy in which everything is mended that can be beyond doubt;
            then `classes.yaml` is written there.
        page: Where the page is written.
        reader: Name of the reader; None finds out.
        everything: Look at every file whole, however many there are.
        write_classes: Whether `classes.yaml` is written.
        quiet: Say nothing on the way.

    Raises:
        DataError: If there is no folder, or nothing in it.
        RecipeError: If the folder for the copy is not empty, or the page would lie in the data.
        StorageError: If the disk refuses.
    """
    root, page, talk = Path(data), Path(page), Talk(quiet=quiet)
    if page.resolve().is_relative_to(root.resolve()):
        raise RecipeError(f"{page} lies in {root}, which is only read. Choose another --page.")
    case, findings = _look(root, reader, talk, everything=everything)
    write_inspection(page, case, findings, command=_next(root, findings, mended=repair_to is not None))
    talk.say(f"page: {page}")
    if repair_to is None:
        written = _write_classes(case, talk) if write_classes else None
        return Inspection(case, findings, page, written, None, findings)
    done = repair(case, findings, Path(repair_to))
    after, left = _look(done.folder, reader, talk, everything=everything)
    written = _write_classes(after, talk) if write_classes else None
    talk.say(f"the copy in {done.folder}: {verdict(left)}")
    return Inspection(case, findings, page, written, done, left)


def _look(root: Path, reader: str | None, talk: Talk, *, everything: bool) -> tuple[Case, list[Finding]]:
    with talk.share(f"inspecting {root}") as tell:
        case = gather(
            root,
            reader=reader,
            everything=everything,
            tell=lambda share, words: tell(_LOOKING * share, words),
        )
        findings = examine(case, lambda share, words: tell(_LOOKING + (1 - _LOOKING) * share, words))
    return case, findings


def _next(root: Path, findings: Sequence[Finding], *, mended: bool) -> str:
    """What to type next."""
    if any(finding.repair is not None for finding in findings) and not mended:
        return f"pixelwise inspect {root} --repair {root.resolve().name}-repaired"
    return (
        "" if any(finding.severity == "fault" for finding in findings) else f"pixelwise train --data {root}"
    )


def _write_classes(case: Case, talk: Talk) -> Path | None:
    """Write the contract down, where it is beyond doubt and nobody has done so."""
    drawn = any(entry.drawing is not None for entry in case.entries)
    settled = case.raw and case.meaning.contract is not None and not case.meaning.problem
    if case.refusal or not (settled or drawn) or any((case.root / name).is_file() for name in FILES):
        return None
    if len(case.seen) < len(case.entries):
        talk.say(f"{CLASSES} is not written: not every mask was looked at. Inspect with --all.")
        return None
    path = case.root / CLASSES
    try:
        write_text(path, contract_text(case))
    except StorageError as error:
        talk.say(f"{CLASSES} is not written: {error}")
        return None
    talk.say(f"classes: {path} says what the masks mean; all commands obey it")
    return path
