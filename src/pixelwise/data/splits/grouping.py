"""Which images belong together, and how it is known."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.likeness import alike
from pixelwise.data.splits.blocks import blocks
from pixelwise.data.splits.known import Grouping, Known, Link, merged
from pixelwise.data.splits.rules import EVERY, NAMED, alone, in_grid, in_list, named_alike, on_earth, pattern
from pixelwise.data.splits.spacing import Spacing

Fits = Callable[[Grouping], float]

_ANYHOW = Spacing()


def group(
    known: Known, by: str = "auto", *, fits: Fits | None = None, spacing: Spacing = _ANYHOW
) -> Grouping:
    """Group images by a rule; those that show the same belong together by every rule.

    Args:
        known: The images.
        by: «name», «folder», «time», «place», or «block» for squares on the map; «none»; a pattern whose
            first group, or whole match, is the group; or «auto» for the first of groups.csv, place, name,
            folder and time that tells groups.
        fits: How well groups can be parted, 0 for not at all. Where they are too few, auto goes on to the
            next rule, and at last cuts groups into blocks where images lie on a map, and into runs where they
            have an order.
        spacing: Of images that lie on a map. A block asks for rule «block», a buffer for one with places.

    Raises:
        RecipeError: If `by` is no rule and no pattern, or contradicts the spacing.
        DataError: If the rule does not apply to these images.
    """
    if spacing.block is not None and by not in ("auto", "block"):
        raise RecipeError(
            f"groups by {by!r} are not cut into blocks. Leave out --block, or choose --by block."
        )
    by = "block" if spacing.block is not None else by
    found = _found(known, by, fits or _always, spacing)
    if spacing.buffer is not None and found.prints is None:
        raise DataError(
            f"a buffer cannot be kept. Images are grouped by {found.rule}, which does not tell where they "
            "lie. Leave out --buffer, or choose --by place or --by block."
        )
    return found


def told_groups(known: Known) -> Grouping | None:
    """What groups.csv, places or names tell, whether they can be parted or not; None if nothing does."""
    candidates = (rule(known, _ANYHOW) for rule in (in_list, on_earth, in_grid, named_alike))
    every = (found for candidate in candidates for found in candidate)
    return next((found for found in every if found.number > 1 or found.prints is not None), None)


def _always(_grouping: Grouping) -> float:
    return 1.0


def _found(known: Known, by: str, fits: Fits, spacing: Spacing) -> Grouping:
    twins: list[Link] = [(int(first), int(second)) for first, second in alike(known.looks)]
    if by == "auto":
        return _first(known, twins, fits, spacing)
    if by == "none":
        return _joined(alone(known), twins)
    if by not in NAMED:
        return _joined(pattern(known, by), twins)
    rules, missing = NAMED[by]
    every = (found for rule in rules for found in rule(known, spacing))
    plain = next((found for found in every if by != "block" or found.prints is not None), None)
    if plain is None:
        raise DataError(f"images cannot be grouped by {by}: {missing}. Choose --by auto, or a pattern.")
    if by == "block":
        return max(_cut(plain, twins, spacing), key=fits)
    return _joined(plain, twins)


def _first(known: Known, twins: Sequence[Link], fits: Fits, spacing: Spacing) -> Grouping:
    coarse: Grouping | None = None
    for rule in EVERY:
        for plain in rule(known, spacing):
            found = _joined(plain, twins)
            if not fits(found) and plain.prints is not None:
                found = max(_cut(plain, twins, spacing), key=fits)
            if fits(found):
                return found
            coarse = coarse or (plain if plain.prints is None else None)
    if coarse is not None and coarse.order is not None and fits(runs := _in_runs(coarse, twins)):
        return runs
    found = _joined(alone(known), twins)
    if fits(found):
        return found
    reason = "most images show the same, so each stands for itself all the same: expect scores too good"
    return replace(alone(known), reason=reason)


def _cut(found: Grouping, twins: Sequence[Link], spacing: Spacing) -> list[Grouping]:
    """Groups cut into blocks of several sizes; images that show the same never lie on two sides."""
    return [
        replace(one, reason=f"{found.reason}; cut into {one.reason}", links=(*one.links, *twins))
        for one in blocks(found, spacing)
    ]


def _in_runs(found: Grouping, twins: Sequence[Link]) -> Grouping:
    """Groups that may be cut along their order; images that show the same never lie on two sides."""
    reason = f"{found.reason}; as groups too few to part, so each is cut into runs, with a gap between"
    return replace(found, reason=reason, links=(*found.links, *twins))


def _joined(found: Grouping, twins: Sequence[Link]) -> Grouping:
    """Groups joined where images show the same."""
    firsts: dict[int, int] = {}
    same = [(firsts.setdefault(one, number), number) for number, one in enumerate(found.groups)]
    groups = merged(len(found.groups), [*same, *twins])
    across = sum(found.groups[first] != found.groups[second] for first, second in twins)
    told = f"; {across} pairs of images that show the same are kept together" if across else ""
    labels = [found.labels[number] for number in groups]
    return replace(found, groups=groups, labels=labels, reason=found.reason + told, order=None)
