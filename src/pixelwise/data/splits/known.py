"""What is known of images before they are grouped, and what grouping them came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.data.likeness import Look
from pixelwise.data.splits.places import Footprint

Link = tuple[int, int]


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
        rule: Of `grouping.RULES`, or «groups.csv» or a pattern.
        reason: One sentence.
        order: Where each image lies in a group, if groups may be cut into runs.
        links: Pairs that must not lie on both sides, wherever groups end.
        prints: Where each image lies, where all say it.
    """

    groups: Sequence[int]
    labels: Sequence[str]
    rule: str
    reason: str
    order: Sequence[float] | None = None
    links: Sequence[Link] = field(default=())
    prints: Sequence[Footprint] | None = None

    @property
    def number(self) -> int:
        """How many groups there are."""
        return len(set(self.groups))


def called(labels: Sequence[str], rule: str, told: str) -> Grouping:
    """Images of one label as one group."""
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return Grouping([numbers[label] for label in labels], labels, rule, told)


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
