"""Which images belong together, and how it is known."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from pixelwise.core.errors import DataError, RecipeError, listing
from pixelwise.data.likeness import Look, alike, resemblance
from pixelwise.data.rasters.files import GROUPS
from pixelwise.data.splits.moments import by_time, moments
from pixelwise.data.splits.names import by_name, by_pattern, in_series
from pixelwise.data.splits.places import Footprint, along, footprints, listed, touching

RULES = ("auto", "name", "folder", "time", "place", "none")

Link = tuple[int, int]

_ASKED = 2000  # images that are compared with one another
_NEIGHBOURS = 2  # places on either side in a series
_FEWEST_FRAMES = 20  # that can be told from chance
_FOLLOWING = 0.6  # of the images of a video look most like such a neighbour, at least


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the images before they are grouped.

    Attributes:
        names: Their names.
        looks: What they look like.
        files: Their files, where the reader knows them.
        root: The folder of all, where there is one.
    """

    names: Sequence[str]
    looks: Sequence[Look]
    files: Sequence[Path] | None = None
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Images that belong together.

    Attributes:
        groups: Group of each image, as a number.
        labels: What each image's group is called.
        rule: Of `RULES`, or «groups.csv» or a pattern.
        reason: One sentence.
        order: Where each image lies in a group, if groups may be cut into runs.
        links: Pairs that must not lie on both sides, and may only because groups are cut.
    """

    groups: Sequence[int]
    labels: Sequence[str]
    rule: str
    reason: str
    order: Sequence[float] | None = None
    links: Sequence[Link] = field(default=())

    @property
    def number(self) -> int:
        """How many groups there are."""
        return len(set(self.groups))


def group(known: Known, by: str = "auto", *, fits: Callable[[Grouping], bool] | None = None) -> Grouping:
    """Group images by a rule; those that show the same belong together by every rule.

    Args:
        known: The images.
        by: «name», «folder», «time» or «place»; «none»; a pattern whose first group, or whole match, is the
            group; or «auto» for the first of groups.csv, place, name, folder and time that tells groups.
        fits: Whether groups can be parted; where they are too few, auto goes on to the next rule, and at
            last cuts groups whose images have an order into runs.

    Raises:
        RecipeError: If `by` is no rule and no pattern.
        DataError: If the rule does not apply to these images.
    """
    twins: list[Link] = [(int(first), int(second)) for first, second in alike(known.looks)]
    if by == "auto":
        return _first(known, twins, fits or (lambda _: True))
    if by == "none":
        return _merged(_alone(known), twins)
    if by not in RULES:
        return _merged(_by_pattern(known, by), twins)
    found = next(_RULES[by](known), None)
    if found is None:
        raise DataError(f"images cannot be grouped by {by}: {_MISSING[by]}. Choose --by auto, or a pattern.")
    return _merged(found, twins)


def told_groups(known: Known) -> Grouping | None:
    """What groups.csv, places or names tell, whether they can be parted or not; None if nothing does."""
    candidates = (rule(known) for rule in (_listed, _by_place, _by_name))
    return next((found for candidate in candidates for found in candidate if found.number > 1), None)


def merged(number: int, links: Sequence[Link]) -> list[int]:
    """The smallest number that each of some numbers is linked to, over others too."""
    above = list(range(number))

    def top(one: int) -> int:
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for first, second in links:
        one, other = sorted((top(first), top(second)))
        above[other] = one
    return [top(one) for one in range(number)]


def _first(known: Known, twins: Sequence[Link], fits: Callable[[Grouping], bool]) -> Grouping:
    coarse: Grouping | None = None
    for rule in (_listed, _by_place, _by_name, _by_folder, _by_time):
        for plain in rule(known):
            found = _merged(plain, twins)
            if fits(found):
                return replace(found, order=None, links=())
            coarse = coarse or plain
    if coarse is not None and coarse.order is not None:
        reason = f"{coarse.reason}; as groups too few to part, so each is cut into runs, with a gap between"
        cut = replace(coarse, reason=reason, links=(*coarse.links, *twins))
        if fits(cut):
            return cut
    found = _merged(_alone(known), twins)
    if fits(found):
        return found
    reason = "most images show the same, so each stands for itself all the same: expect scores too good"
    return replace(_alone(known), reason=reason)


def _alone(known: Known) -> Grouping:
    reason = "each image stands for itself: nothing tells of groups"
    return Grouping(range(len(known.names)), known.names, "none", reason)


def _listed(known: Known) -> Iterator[Grouping]:
    rows = None if known.root is None else listed(known.root)
    if rows is None:
        return
    found = [rows.get(name) for name in known.names]
    missing = [name for name, row in zip(known.names, found, strict=True) if row is None]
    if missing:
        raise DataError(f"{GROUPS} does not name {len(missing)} images: {listing(missing)}. Add their lines.")
    labels = [row[0] for row in found if row is not None]
    prints = [row[1] for row in found if row is not None]
    told = f"{GROUPS} names {len(set(labels))} groups"
    yield _with_prints(_called(labels, GROUPS, told), [one for one in prints if one is not None])


def _by_place(known: Known) -> Iterator[Grouping]:
    prints = None if known.files is None else footprints(known.files)
    if prints is None:
        return
    pairs = touching(prints)
    if not pairs:
        return
    groups = merged(len(prints), pairs)
    several = sum(size > 1 for size in Counter(groups).values())
    told = f"{several} groups of images overlap or touch on Earth"
    labels = [known.names[number] for number in groups]
    yield _with_prints(Grouping(groups, labels, "place", told), prints)


def _by_name(known: Known) -> Iterator[Grouping]:
    series = in_series(known.names)
    for labels in by_name(known.names):
        beginnings = list(dict.fromkeys(labels))
        if len(beginnings) == 1 and not _follow(series, known.looks):
            continue  # one beginning tells nothing, unless neighbours show that it is a video
        told = f"names begin with {listing(beginnings, 3)}"
        links = [link for link in _successive(series) if labels[link[0]] == labels[link[1]]]
        yield replace(_called(labels, "name", told), order=[float(place) for place in series], links=links)


def _successive(series: Sequence[int]) -> list[Link]:
    numbers = sorted(range(len(series)), key=lambda number: series[number])
    return list(pairwise(numbers))


def _follow(series: Sequence[int], looks: Sequence[Look]) -> bool:
    """Whether images look most like a neighbour in the series, as frames of a video do."""
    numbers = sorted(range(len(series)), key=lambda number: series[number])[:_ASKED]
    likeness = resemblance([looks[number] for number in numbers])
    np.fill_diagonal(likeness, -2)
    apart = np.abs(likeness.argmax(1) - np.arange(len(numbers)))
    chance = 2 * _NEIGHBOURS / max(1, len(numbers) - 1)
    following = float((apart <= _NEIGHBOURS).mean())
    return len(numbers) >= _FEWEST_FRAMES and following >= max(_FOLLOWING, 3 * chance)


def _by_folder(known: Known) -> Iterator[Grouping]:
    if known.files is None:
        return
    labels = [str(file.parent) for file in known.files]
    if 1 < len(set(labels)) <= len(labels) / 2:
        yield _called([Path(label).name for label in labels], "folder", f"{len(set(labels))} folders")


def _by_time(known: Known) -> Iterator[Grouping]:
    found = None if known.files is None else moments(known.files)
    if found is None:
        return
    labels = by_time(found)
    if len(set(labels)) > 1:
        told = f"{len(set(labels))} series of photographs, by when they were taken"
        yield replace(_called(labels, "time", told), order=found)


def _by_pattern(known: Known, pattern: str) -> Grouping:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise RecipeError(
            f"{pattern!r} is no rule and no pattern ({error}). Rules: {', '.join(RULES)}."
        ) from None
    found = by_pattern(known.names, compiled)
    missing = [name for name, label in zip(known.names, found, strict=True) if label is None]
    if missing:
        raise DataError(
            f"the pattern {pattern!r} is not in {len(missing)} of {len(found)} names: {listing(missing)}. "
            f"Change it, or choose a rule: {', '.join(RULES)}."
        )
    labels = [label for label in found if label is not None]
    return _called(labels, pattern, f"{len(set(labels))} groups by the pattern {pattern!r}")


def _called(labels: Sequence[str], rule: str, told: str) -> Grouping:
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return Grouping([numbers[label] for label in labels], labels, rule, told)


def _with_prints(found: Grouping, prints: Sequence[Footprint]) -> Grouping:
    """The grouping with the order and the neighbours of images whose place in their group is known."""
    if len(prints) < len(found.groups):
        return found
    return replace(found, order=along(prints), links=touching(prints))


def _merged(found: Grouping, twins: Sequence[Link]) -> Grouping:
    """Groups joined where images show the same."""
    firsts: dict[int, int] = {}
    same = [(firsts.setdefault(one, number), number) for number, one in enumerate(found.groups)]
    groups = merged(len(found.groups), [*same, *twins])
    across = sum(found.groups[first] != found.groups[second] for first, second in twins)
    told = f"; {across} pairs of images that show the same are kept together" if across else ""
    labels = [found.labels[number] for number in groups]
    return replace(found, groups=groups, labels=labels, reason=found.reason + told, order=None, links=())


_RULES: Mapping[str, Callable[[Known], Iterator[Grouping]]] = {
    "name": _by_name,
    "folder": _by_folder,
    "time": _by_time,
    "place": _by_place,
}
_MISSING = {
    "name": "their names do not begin alike and end with numbers",
    "folder": "they do not lie in several folders",
    "time": "not every photograph says when it was taken",
    "place": "not every image says where it lies, or none touch",
}
