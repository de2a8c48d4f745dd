"""Whether masks hold what the classes say."""

from pixelwise.data.doctor._case import UNKNOWN, Case
from pixelwise.data.doctor._findings import SHOWN, Example, Finding
from pixelwise.data.doctor._mixtures import mark, mixtures
from pixelwise.data.masks.coding import named, shares


def contract(case: Case) -> list[Finding]:
    """Masks without a settled meaning, numbers of no class, and classes that never occur."""
    if case.raw and case.meaning.contract is None:
        return _unsettled(case)
    return _strangers(case) + _absent(case)


def _unsettled(case: Case) -> list[Finding]:
    if not case.meaning.problem or (not case.meaning.written and mixtures(case) is not None):
        return []  # what mixtures hide is told there
    return [
        Finding(
            "meaning of the masks",
            "fault",
            case.meaning.problem,
            count=len(case.seen),
            examples=tuple(Example((entry.number,)) for entry in case.read_whole()[:SHOWN]),
            advice="Not repaired: what the numbers mean is yours to say, in classes.yaml.",
        )
    ]


def _strangers(case: Case) -> list[Finding]:
    """Numbers that are neither a class nor ignored."""
    known = case.meaning.known() if case.raw else {}
    if not known or mixtures(case) is not None:
        return []
    strange = {number: pixels for number, pixels in case.totals().items() if number not in known}
    if not strange:
        return []
    whole = sum(case.totals().values())
    holding = [entry for entry in case.read_whole() if case.seen[entry.number].counts.keys() & strange.keys()]
    by_colour = case.meaning.coding.by_colour
    what = "colours" if by_colour else "values"
    most = dict(sorted(strange.items(), key=lambda item: -item[1])[:10])
    return [
        Finding(
            f"{what} of no class",
            "fault",
            f"{len(strange)} {what} on {sum(strange.values()) / whole:.2%} of the pixels are "
            f" neither a class nor ignored; among them {shares(most, by_colour)}. "
            f"Classes are {named(tuple(known), by_colour)}.",
            count=len(holding),
            files=tuple(case.short(entry.masks[0]) for entry in holding),
            examples=tuple(
                Example((entry.number,), "what is no class is marked", mark(case, entry, tuple(known)))
                for entry in holding[:SHOWN]
            ),
            advice="Not repaired: they may be a class or what does not count. Add them to `classes` or to "
            "`ignored` of classes.yaml.",
        )
    ]


def _absent(case: Case) -> list[Finding]:
    """Classes that no mask shows."""
    known = case.meaning.known() if case.raw else {index: index for index in range(len(case.classes))}
    seen = {known.get(number, UNKNOWN) for number in case.totals()}
    absent = [name for index, name in enumerate(case.classes.names) if index not in seen]
    if not absent or not case.totals() or mixtures(case) is not None:
        return []
    return [
        Finding(
            "classes that never occur",
            "warning",
            f"{len(absent)} of {len(case.classes)} classes are in no mask{case.of()}.",
            count=len(absent),
            files=tuple(absent),
            advice="They cannot be learnt, and count as absent in scores. Leave them out if none will come.",
        )
    ]
