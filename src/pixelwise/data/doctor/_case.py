"""What examinations look at: the files of a data set, what they hold, and what their numbers mean."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.data.drawings.shapes import Drawing
from pixelwise.data.images import Header
from pixelwise.data.likeness import Look
from pixelwise.data.masks.coding import Coding, packed
from pixelwise.data.masks.files import MaskHeader
from pixelwise.data.masks.scan import Tally
from pixelwise.data.masks.written import Contract

UNKNOWN = -1  # label of a number that is no class
Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One image and what belongs to it.

    Attributes:
        number: Its place among the entries.
        name: Unique; its path below the root without the ending, else the reader's name.
        image: The image file, if it is one.
        masks: Mask files: one, or one for each object.
        drawing: What was drawn over it, if that is known.
        split: The split that the data put it into.
    """

    number: int
    name: str
    image: Path | None
    masks: tuple[Path, ...] = ()
    drawing: Drawing | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was learnt by reading an entry whole.

    Attributes:
        look: What its image looks like from afar; None where it could not be read.
        tally: What its mask file holds, for masks of one file.
        counts: Pixels of each number: the mask's own where `Case.raw`, else class indices.
    """

    look: Look | None = None
    tally: Tally | None = None
    counts: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the numbers of masks mean, as far as that is settled.

    Attributes:
        contract: The classes; None where no meaning is beyond doubt.
        coding: By value or by colour.
        problem: Why there is no contract.
        written: The file of classes, where one was found.
    """

    contract: Contract | None = None
    coding: Coding = field(default_factory=Coding)
    problem: str = ""
    written: Path | None = None

    def known(self) -> dict[int, int]:
        """Class index of each number, `IGNORE_INDEX` for those that do not count; empty if unsettled."""
        if self.contract is None:
            return {}
        classes = self.contract.classes
        if self.coding.by_colour:
            void = dict.fromkeys(map(packed, self.contract.ignored_colours), IGNORE_INDEX)
            return void | {packed(colour): index for index, colour in enumerate(classes.colours)}
        void = dict.fromkeys(classes.ignored, IGNORE_INDEX)
        return void | {value: index for index, value in enumerate(classes.values)}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A labelled data set as it lies there, whatever state it is in.

    Attributes:
        root: Its folder.
        reader: The reader that fits; empty if none does.
        reason: Why it fits, or why none does.
        entries: Every image that has, or should have, labels.
        headers: What the beginnings of image files tell.
        masks: What the beginnings of mask files tell.
        damaged: Files that cannot be read, with the reason.
        seen: What the entries hold that were read whole, by number.
        meaning: What the numbers of mask files mean, where `raw`.
        classes: The classes; where nothing is settled, the most frequent numbers.
        image_of: Reads the image of an entry; its pixels in 0..1 for files of whole numbers.
        labels_of: Reads class indices of an entry, `IGNORE_INDEX` where it does not count, `UNKNOWN` where
            the mask holds what is no class.
        raw: Whether masks are looked at as they are written, and not as a reader understands them.
        lonely_images: Images without a mask, in folders where others have one.
        lonely_masks: Masks without an image.
        told: Faults of the layout besides.
        notes: What the layout and the reader say without being asked.
        refusal: Why the reader does not take the data, a fault a line; empty if it does.
    """

    root: Path
    reader: str
    reason: str
    entries: tuple[Entry, ...]
    headers: Mapping[Path, Header]
    masks: Mapping[Path, MaskHeader]
    damaged: Mapping[Path, str]
    seen: Mapping[int, Seen]
    meaning: Meaning
    classes: Classes
    image_of: Callable[[Entry], Float[Tensor, "c h w"]]
    labels_of: Callable[[Entry], Int[np.ndarray, "h w"]]
    raw: bool = False
    lonely_images: tuple[Path, ...] = ()
    lonely_masks: tuple[Path, ...] = ()
    told: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""

    def short(self, path: Path) -> str:
        """A path as people know it: below the root."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def read_whole(self) -> list[Entry]:
        """The entries whose content was looked at."""
        return [entry for entry in self.entries if entry.number in self.seen]

    def of(self) -> str:
        """« of N looked at», where not everything was; empty otherwise."""
        return f" of {len(self.seen)} looked at" if len(self.seen) < len(self.entries) else ""

    def totals(self) -> dict[int, int]:
        """Pixels of each number over all entries looked at."""
        sums: Counter[int] = Counter()
        for seen in self.seen.values():
            sums.update(seen.counts)
        return dict(sums)

    def void(self) -> int | None:
        """The number for pixels that do not count: one that is declared, else a free one; None by colour."""
        contract = self.meaning.contract
        if contract is None or self.meaning.coding.by_colour or not self.raw:
            return None
        if contract.classes.ignored:
            return contract.classes.ignored[0]
        taken = {*contract.classes.values, *self.totals()}
        return next((number for number in range(IGNORE_INDEX, -1, -1) if number not in taken), None)


def spread(entries: Sequence[Entry], most: int) -> list[Entry]:
    """At most so many of the entries, evenly spaced."""
    number = min(len(entries), most)
    return [entries[place * len(entries) // number] for place in range(number)]
