"""All examinations of one case."""

from collections.abc import Callable

from pixelwise.core.catalog import Catalog
from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import SEVERITIES, Finding

EXAMINATIONS = Catalog("pixelwise.data.doctor", "examination")


def examine(case: Case, tell: Callable[[float, str], None] | None = None) -> list[Finding]:
    """What all examinations find, faults first.

    That the reader of mask files refuses them is left out where a fault that it met is told already.
    """
    names = EXAMINATIONS.names()
    by_name: dict[str, list[Finding]] = {}
    for number, name in enumerate(names):
        if tell is not None:
            tell(number / len(names), name.replace("_", " "))
        by_name[name] = EXAMINATIONS[name](case)
    others = [finding for name, found in by_name.items() if name != "recognition" for finding in found]
    if case.raw and case.reader and any(finding.severity == "fault" for finding in others):
        found = others
    else:
        found = [*by_name.get("recognition", []), *others]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
