"""How masks say which class a pixel is."""

from collections import Counter
from collections.abc import Sequence

from pixelwise.core.errors import listing
from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._depth import depth
from pixelwise.data.doctor._findings import SHOWN, Example, Finding
from pixelwise.data.masks.coding import named

_KINDS = {"values": "one number per pixel", "palette": "palette indices", "colours": "colours"}
_MANY = 32
_LOOKED_AT = 50


def encoding(case: Case) -> list[Finding]:
    """What the masks are written in; masks of several kinds, and numbers that are objects and no classes."""
    tallies = [seen.tally for seen in case.seen.values() if seen.tally]
    if not tallies:
        return []
    kinds = Counter(tally.kind for tally in tallies)
    whole = [path for path in (t.path for t in tallies[:_LOOKED_AT]) if path not in case.damaged]
    bits = Counter(depth(path) for path in whole)
    said = listing([f"{_KINDS[kind]} ({number})" for kind, number in kinds.most_common()])
    numbers = sorted(case.totals())
    saying = f"{len(tallies)} masks looked at: {said}; {listing(bits)}. {_told(numbers, case)}"
    found = [Finding("how masks are written", "note", saying, count=len(tallies))]
    if len(kinds) > 1:
        usual = kinds.most_common(1)[0][0]
        odd = [
            entry for entry in case.read_whole() if (t := case.seen[entry.number].tally) and t.kind != usual
        ]
        found.append(
            Finding(
                "masks written in different ways",
                "warning",
                f"most masks are {_KINDS[usual]}, {len(odd)} are not.",
                count=len(odd),
                files=tuple(case.short(entry.masks[0]) for entry in odd),
                examples=tuple(Example((entry.number,)) for entry in odd[:SHOWN]),
                advice="Look whether they mean the same. Export all alike if in doubt.",
            )
        )
    return found + _two_scales(case)


def _told(numbers: Sequence[int], case: Case) -> str:
    """The numbers found, and what they look like."""
    if case.meaning.coding.by_colour:
        return f"{len(numbers)} colours: {named(numbers, by_colour=True)}."
    if numbers == [0, 255]:
        return "0 and 255: background and foreground, as drawing programs write them."
    if numbers in ([0, 1], [0]):
        return f"{listing(numbers)}: they look black in picture viewers, and are right."
    if numbers == list(range(len(numbers))):
        return f"Numbers 0 to {numbers[-1]}, without gaps."
    inside = [number for number in numbers if number != 255]
    gaps = sorted(set(range(inside[0], inside[-1])) - set(inside)) if inside and inside[-1] < 256 else []
    said = f"Numbers {named(numbers)}"
    return f"{said}; none is {named(gaps)}." if 0 < len(gaps) <= _MANY else f"{said}."


def _two_scales(case: Case) -> list[Finding]:
    """Some masks 0 and 1, others 0 and 255."""
    if case.meaning.coding.by_colour:
        return []
    held = {entry.number: set(case.seen[entry.number].counts) - {0} for entry in case.read_whole()}
    ones = [number for number, kind in held.items() if kind == {1}]
    whites = [number for number, kind in held.items() if kind == {255}]
    if not ones or not whites or any(kind - {1, 255} or len(kind) > 1 for kind in held.values()):
        return []
    few = min(ones, whites, key=len)
    return [
        Finding(
            "0 and 1 beside 0 and 255",
            "fault",
            f"{len(ones)} masks hold 0 and 1, {len(whites)} hold 0 and 255, none holds both 1 and 255.",
            count=len(few),
            files=tuple(case.entries[number].name for number in few),
            examples=tuple(Example((number,)) for number in few[:SHOWN]),
            advice="Not repaired: 255 may be the same class, or mark what does not count. Write all alike.",
        )
    ]
