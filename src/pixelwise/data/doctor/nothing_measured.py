"""Pixels that were never measured and have a class all the same."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.data.doctor._case import Case, Entry, spread
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair
from pixelwise.data.doctor._nothing import collar, unmeasured
from pixelwise.data.doctor._steps import Void
from pixelwise.data.threads import in_threads

_LOOKED_AT = 64
_LEAST = 0.001  # share of an image that is declared
_LEAST_BLACK = 0.01
_ONE_CLASS = 0.99  # of a black margin, where it is one
_USUAL = 0.5  # share of the images: then black is what the background looks like


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Pixels of an entry that have a class and perhaps should not."""

    entry: Entry
    mask: Bool[np.ndarray, "h w"]
    declared: bool


def nothing_measured(case: Case) -> list[Finding]:
    """Declared no-data with a class, and black margins that look like it."""
    labelled = [entry for entry in case.read_whole() if case.seen[entry.number].counts and entry.image]
    looked = spread(labelled, _LOOKED_AT)
    parts = [part for part in in_threads(lambda entry: _part(case, entry), looked) if part is not None]
    declared = [part for part in parts if part.declared]
    black = [part for part in parts if not part.declared]
    found: list[Finding] = []
    void = case.void()
    if declared:
        holding = {part.entry.number for part in declared}
        steps = {
            mask: Void(entry.image, void)
            for entry in case.entries
            for mask in entry.masks
            if entry.image
            and void is not None
            and (entry.number in holding or len(looked) < len(case.entries))
        }
        saying = "images have pixels never measured, as their files say, to which masks give a class."
        repair = (
            Repair(f"give these pixels {void} in the masks, which does not count", steps) if steps else None
        )
        advice = "GeoTIFF's own no-data is left out in training in any case; other programs will learn it."
        found.append(_finding("no-data with a class", saying, declared, looked, repair, advice))
    if black and len(black) <= _USUAL * len(looked):
        saying = "images have a black margin that is one class in their mask: probably never measured."
        advice = (
            "Not repaired: black may be what is there. If it is not, declare 0 as no-data in the images, or "
            "paint it with a number that does not count."
        )
        found.append(_finding("black margins with a class", saying, black, looked, None, advice))
    return found


def _finding(
    title: str,
    saying: str,
    parts: list[_Part],
    looked: list[Entry],
    repair: Repair | None,
    advice: str,
) -> Finding:
    return Finding(
        title,
        "warning",
        f"{len(parts)} of {len(looked)} {saying}",
        count=len(parts),
        files=tuple(f"{part.entry.name}: {part.mask.mean():.1%}" for part in parts),
        examples=tuple(Example((p.entry.number,), "these pixels are marked", p.mask) for p in parts[:SHOWN]),
        repair=repair,
        advice=advice,
    )


def _part(case: Case, entry: Entry) -> _Part | None:
    try:
        image, labels = case.image_of(entry).numpy(), case.labels_of(entry)
        nothing = unmeasured(entry.image) if entry.image else np.zeros(labels.shape, np.bool_)
    except DataError:
        return None
    if labels.shape != nothing.shape or labels.shape != image.shape[1:]:
        return None
    counted = labels != IGNORE_INDEX
    if (nothing & counted).mean() >= _LEAST:
        return _Part(entry, nothing & counted, declared=True)
    margin = collar(image) & counted
    if nothing.any() or not _LEAST_BLACK <= margin.mean() < 1:
        return None
    most = np.unique(labels[margin], return_counts=True)[1].max()
    return _Part(entry, margin, declared=False) if most >= _ONE_CLASS * margin.sum() else None
