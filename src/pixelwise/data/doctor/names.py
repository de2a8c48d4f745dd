"""Classes that are called alike."""

from collections import Counter, defaultdict

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, many


def names(case: Case) -> list[Finding]:
    """Names that differ only in capitals, spaces, hyphens or a final s."""
    drawn = Counter(shape.label for entry in case.entries if entry.drawing for shape in entry.drawing.shapes)
    called: defaultdict[str, set[str]] = defaultdict(set)
    for name in (*case.classes.names, *drawn):
        called[_plain(name)].add(name)
    twice = [sorted(same) for same in called.values() if len(same) > 1]
    if not twice:
        return []
    rare = {min(same, key=lambda name: drawn[name]) for same in twice}
    holding = [
        entry
        for entry in case.entries
        if entry.drawing and any(shape.label in rare for shape in entry.drawing.shapes)
    ]
    said = [
        " and ".join(f"{name!r}" + f" ({drawn[name]} shapes)" * bool(drawn) for name in same)
        for same in twice
    ]
    return [
        Finding(
            "classes called alike",
            "warning",
            f"{many(len(twice), 'class has', 'classes have')} two names that hardly differ, learnt as two.",
            count=len(twice),
            files=tuple(said),
            examples=tuple(Example((entry.number,)) for entry in holding[:SHOWN]),
            advice="Not repaired: they may be meant as two. If not, rename one in the labelling tool.",
        )
    ]


def _plain(name: str) -> str:
    bare = "".join(letter for letter in name.lower() if letter.isalnum())
    return bare.removesuffix("s") or name
