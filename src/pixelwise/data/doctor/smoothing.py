"""Masks whose numbers were blurred: smooth edges, JPEG, near-colours."""

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair, many
from pixelwise.data.doctor._mixtures import Mixtures, mark, mixtures
from pixelwise.data.doctor._steps import Snap
from pixelwise.data.masks.coding import named


def smoothing(case: Case) -> list[Finding]:
    """Numbers that are mixtures of classes, and masks that are JPEG."""
    found = mixtures(case)
    if found is not None:
        return [_finding(case, found)]
    lossy = [path for path, header in case.masks.items() if header.lossy]
    if not lossy:
        return []
    clear = case.raw and bool(case.meaning.known()) and not set(case.totals()) - set(case.meaning.known())
    return [
        Finding(
            "masks are JPEG",
            "fault",
            f"{many(len(lossy), 'mask is', 'masks are')} JPEG, which blurs numbers at every edge.",
            count=len(lossy),
            files=tuple(case.short(path) for path in lossy),
            repair=Repair("save them as PNG: no number was changed", {path: _snap(case) for path in lossy})
            if clear
            else None,
            advice="Not repaired: which numbers are classes cannot be told. Export them as PNG.",
        )
    ]


def _snap(case: Case) -> Snap:
    return Snap(tuple(case.meaning.known()), case.meaning.coding.by_colour)


def _finding(case: Case, found: Mixtures) -> Finding:
    by_colour = case.meaning.coding.by_colour
    share = sum(found.strange.values()) / max(1, sum(case.totals().values()))
    title, cause = _named_and_caused(found)
    what, classes = "colours" if by_colour else "numbers", named(found.classes, by_colour)
    repair, advice = _remedy(case, found)
    return Finding(
        title,
        "fault",
        f"{len(found.strange)} {what} on {share:.2%} of the pixels are no class: {cause}. "
        f"Classes are {classes}.",
        count=len(found.entries),
        files=tuple(case.short(entry.masks[0]) for entry in found.entries),
        examples=tuple(
            Example((entry.number,), "what is no class is marked", mark(case, entry, found.classes))
            for entry in found.entries[:SHOWN]
        ),
        repair=repair,
        advice=advice,
    )


def _named_and_caused(found: Mixtures) -> tuple[str, str]:
    """What the fault is called, and where the mixtures come from."""
    if found.lossy == len(found.entries):
        return "masks damaged by JPEG", "JPEG blurred them"
    if found.near:
        return "colours near those of classes", "each is close to one class, and none is its colour"
    also = f"; {many(found.lossy, 'mask is', 'masks are')} JPEG" if found.lossy else ""
    return "edges drawn smoothly", f"{found.at_edges:.0%} of them lie along edges{also}"


def _remedy(case: Case, found: Mixtures) -> tuple[Repair | None, str]:
    """The repair, or why there is none."""
    if found.doubtful:
        return None, (
            "Not repaired: a class lies between two others, so a smooth edge between these looks like it. "
            "Export the masks without smoothing."
        )
    if case.of():
        return (
            None,
            "Not repaired: not all masks were looked at. Inspect with --all, or export without smoothing.",
        )
    by_colour = case.meaning.coding.by_colour
    steps = {
        mask: Snap(found.classes, by_colour)
        for entry in case.entries
        for mask in entry.masks
        if entry in found.entries or (mask in case.masks and case.masks[mask].lossy)
    }
    said = "give each of these pixels the class that is nearest to it in the mask and by its number"
    return Repair(
        f"{said}: {named(found.classes, by_colour)}", steps
    ), "Export masks as PNG, without smoothing."
