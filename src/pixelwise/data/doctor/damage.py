"""Files that cannot be read."""

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import Finding, Repair, many
from pixelwise.data.doctor._steps import LeaveOut


def damage(case: Case) -> list[Finding]:
    """Files that are cut off, damaged, or no images in spite of their names."""
    if not case.damaged:
        return []
    whose = [entry for entry in case.entries if case.damaged.keys() & {entry.image, *entry.masks}]
    steps = {path: LeaveOut() for entry in whose for path in (entry.image, *entry.masks) if path is not None}
    drawn = not steps or any(entry.drawing for entry in whose)
    return [
        Finding(
            "unreadable files",
            "fault",
            f"{many(len(case.damaged), 'file', 'files')} cannot be read: cut off, damaged, or of a kind "
            "that the name does not say.",
            count=len(case.damaged),
            files=tuple(f"{case.short(path)}: {_reason(path, why)}" for path, why in case.damaged.items()),
            repair=None if drawn else Repair("leave out each with its partner", steps),
            advice="Copy or export them again.",
        )
    ]


def _reason(path: object, why: str) -> str:
    """The reason without the path that stands before it."""
    return why.removeprefix(f"{path} ").split(". Replace")[0]
