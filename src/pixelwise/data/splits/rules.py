"""Rules that tell which images belong together: lists, places, names, folders and moments."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from pixelwise.core.errors import DataError, RecipeError, listing
from pixelwise.data.likeness import Look, resemblance
from pixelwise.data.rasters.files import GROUPS
from pixelwise.data.splits.gridded import by_grid
from pixelwise.data.splits.known import Grouping, Known, Link, called, merged
from pixelwise.data.splits.moments import by_time, moments
from pixelwise.data.splits.names import by_name, by_pattern, in_series
from pixelwise.data.splits.places import footprints, listed, near
from pixelwise.data.splits.spacing import Spacing

Rule = Callable[[Known, Spacing], Iterator[Grouping]]

_ASKED = 2000  # images that are compared with one another
_NEIGHBOURS = 2  # places on either side in a series
_FEWEST_FRAMES = 20  # that can be told from chance
_FOLLOWING = 0.6  # of the images of a video look most like such a neighbour, at least


def alone(known: Known) -> Grouping:
    """Each image by itself."""
    reason = "each image stands for itself: nothing tells of groups"
    return Grouping(range(len(known.names)), known.names, "none", reason)


def pattern(known: Known, said: str) -> Grouping:
    """Images of whose names a pattern finds the same.

    Raises:
        RecipeError: If it is no pattern.
        DataError: If it is not in every name.
    """
    try:
        compiled = re.compile(said)
    except re.error as error:
        raise RecipeError(
            f"{said!r} is no rule and no pattern ({error}). Rules: {', '.join(RULES)}."
        ) from None
    found = by_pattern(known.names, compiled)
    missing = [name for name, label in zip(known.names, found, strict=True) if label is None]
    if missing:
        raise DataError(
            f"the pattern {said!r} is not in {len(missing)} of {len(found)} names: {listing(missing)}. "
            f"Change it, or choose a rule: {', '.join(RULES)}."
        )
    labels = [label for label in found if label is not None]
    return called(labels, said, f"{len(set(labels))} groups by the pattern {said!r}")


def in_list(known: Known, spacing: Spacing) -> Iterator[Grouping]:
    """Groups that groups.csv names; where images lie is told by themselves, else by the file."""
    rows = None if known.root is None else listed(known.root)
    if rows is None:
        return
    found = [rows.get(name) for name in known.names]
    missing = [name for name, row in zip(known.names, found, strict=True) if row is None]
    if missing:
        raise DataError(f"{GROUPS} does not name {len(missing)} images: {listing(missing)}. Add their lines.")
    labels = [row[0] for row in found if row is not None]
    windows = [row[1] for row in found if row is not None and row[1] is not None]
    prints = None if known.files is None else footprints(known.files)
    prints = prints or (windows if len(windows) == len(found) else None)
    links = [] if prints is None else near(prints, spacing.reach(prints))
    number = len(set(labels))
    told = f"{GROUPS} names {number} group{'s' * (number != 1)}"
    yield replace(called(labels, GROUPS, told), prints=prints, links=links)


def on_earth(known: Known, spacing: Spacing) -> Iterator[Grouping]:
    """Images that overlap or touch on Earth, or lie nearer to one another than the buffer."""
    prints = None if known.files is None else footprints(known.files)
    if prints is None:
        return
    links = near(prints, spacing.reach(prints))
    if not links:
        return
    groups = merged(len(prints), links)
    several = sum(size > 1 for size in Counter(groups).values())
    told = f"{several} group{'s' * (several != 1)} of images overlap or touch on Earth"
    labels = [known.names[number] for number in groups]
    yield Grouping(groups, labels, "place", told, links=links, prints=prints)


def in_grid(known: Known, spacing: Spacing) -> Iterator[Grouping]:
    """Tiles of one raster, whose names tell rows and columns."""
    prints = None if known.files is None else by_grid(known.names, known.looks, known.files)
    if prints is None:
        return
    rasters = [one.grid for one in prints]
    number = len(set(rasters))
    told = f"names tell rows and columns of tiles in {number} raster{'s' * (number != 1)}"
    links = near(prints, spacing.reach(prints))
    yield replace(called(rasters, "place", told), prints=prints, links=links)


def named_alike(known: Known, _spacing: Spacing) -> Iterator[Grouping]:
    """Images whose names begin alike, from the finest way to tell that to the coarsest."""
    series = in_series(known.names)
    for labels in by_name(known.names):
        beginnings = list(dict.fromkeys(labels))
        if len(beginnings) == 1 and not _follow(series, known.looks):
            continue  # one beginning tells nothing, unless neighbours show that it is a video
        told = f"names begin with {listing(beginnings, 3)}"
        links = [link for link in _successive(series) if labels[link[0]] == labels[link[1]]]
        yield replace(called(labels, "name", told), order=[float(place) for place in series], links=links)


def in_folders(known: Known, _spacing: Spacing) -> Iterator[Grouping]:
    """Images of one folder, where there are several each of several images."""
    if known.files is None:
        return
    labels = [str(file.parent) for file in known.files]
    if 1 < len(set(labels)) <= len(labels) / 2:
        yield called([Path(label).name for label in labels], "folder", f"{len(set(labels))} folders")


def of_one_time(known: Known, _spacing: Spacing) -> Iterator[Grouping]:
    """Photographs taken one soon after the other."""
    found = None if known.files is None else moments(known.files)
    if found is None:
        return
    labels = by_time(found)
    if len(set(labels)) > 1:
        told = f"{len(set(labels))} series of photographs, by when they were taken"
        yield replace(called(labels, "time", told), order=found)


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


NAMED: Mapping[str, tuple[tuple[Rule, ...], str]] = {
    "name": ((named_alike,), "their names do not begin alike and end with numbers"),
    "folder": ((in_folders,), "they do not lie in several folders"),
    "time": ((of_one_time,), "not every photograph says when it was taken"),
    "place": ((on_earth, in_grid), "not every image says where it lies, or none touch"),
    "block": ((in_list, on_earth, in_grid), "not every image says where it lies"),
}
RULES = ("auto", *NAMED, "none")
EVERY: Sequence[Rule] = (in_list, on_earth, in_grid, named_alike, in_folders, of_one_time)
