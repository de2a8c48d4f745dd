"""What a split lets through: images of one thing on both sides of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from pixelwise.core.errors import listing
from pixelwise.data.likeness import Look, alike, resemblance
from pixelwise.data.splits.grouping import told_groups
from pixelwise.data.splits.known import Grouping, Known

_ASKED = 2000  # images that are compared with one another to see whether groups are groups
_ALIKE = 0.5  # of the images, at least, look most like one of their own group
_ABOVE_CHANCE = 1.5


def leaks(known: Known, parts: Sequence[str]) -> list[str]:
    """One sentence for each kind of images that lie on both sides; none where the split is sound.

    Groups that names tell are believed where images confirm them: where most images look most like another
    one of their own group, and by far more than chance would have it.

    Args:
        known: The images.
        parts: The part of each, such as train or test.
    """
    return [*_twins(known, parts), *_divided(known, parts)]


def _twins(known: Known, parts: Sequence[str]) -> list[str]:
    across = [(int(a), int(b)) for a, b in alike(known.looks) if parts[a] != parts[b]]
    if not across:
        return []
    images = {number for pair in across for number in pair}
    told = listing([f"{known.names[a]} ({parts[a]}) and {known.names[b]} ({parts[b]})" for a, b in across], 2)
    return [f"this split leaks: {len(images)} images show the same as one of another part: {told}."]


def _divided(known: Known, parts: Sequence[str]) -> list[str]:
    found = told_groups(known)
    if found is None:
        return []
    if found.prints is not None:
        return _neighbours(known, parts, found)
    sides: dict[str, list[str]] = {}
    for label, part in zip(found.labels, parts, strict=True):
        held = sides.setdefault(label, [])
        if part not in held:
            held.append(part)
    divided: Mapping[str, list[str]] = {label: held for label, held in sides.items() if len(held) > 1}
    if not divided or (found.rule == "name" and not confirmed(found.groups, known.looks)):
        return []
    told = listing([f"{label} in {' and '.join(held)}" for label, held in divided.items()], 4)
    return [
        f"this split leaks: {len(divided)} of {len(sides)} groups of images lie in several parts: {told}. "
        f"Known by {found.rule}. Scores are too good; `pixelwise split` makes a split that does not leak."
    ]


def _neighbours(known: Known, parts: Sequence[str], found: Grouping) -> list[str]:
    across = [(a, b) for a, b in found.links if parts[a] != parts[b]]
    if not across:
        return []
    images = {number for pair in across for number in pair}
    told = listing([f"{known.names[a]} ({parts[a]}) and {known.names[b]} ({parts[b]})" for a, b in across], 2)
    return [
        f"this split leaks: {len(images)} images overlap or touch one of another part: {told}. Known by "
        f"{found.rule}. Scores are too good; `pixelwise split` makes a split that does not leak."
    ]


def confirmed(groups: Sequence[int], looks: Sequence[Look]) -> bool:
    """Whether images look most like one of their own group, far more often than by chance."""
    step = max(1, len(groups) // _ASKED)
    labels = np.array(groups[::step])
    likeness = resemblance(looks[::step])
    np.fill_diagonal(likeness, -2)
    own = float((labels[likeness.argmax(1)] == labels).mean())
    same = (labels[:, None] == labels).sum(1) - 1
    chance = float((same / max(1, len(labels) - 1)).mean())
    return own >= max(_ALIKE, _ABOVE_CHANCE * chance)
