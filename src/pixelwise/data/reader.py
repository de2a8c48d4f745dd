"""What a reader promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pixelwise.core.classes import Classes
from pixelwise.core.sample import Sample


@runtime_checkable
class Reader(Protocol):
    """A labelled data set: how many samples, what their labels mean, and each of them.

    A reader finds its files and reads the label contract when it is made, raising one `DataError`
    that tells every fault. `__getitem__` opens files, may be called from several threads, and raises
    a `DataError` that names the file when its content is damaged or breaks the contract.
    """

    @property
    def classes(self) -> Classes:
        """What the labels mean."""
        ...

    @property
    def splits(self) -> Mapping[str, Sequence[int]]:
        """Sample numbers of the splits that the data bring along (train, val, test); empty if none."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What was inferred and not told, one sentence each: said aloud before training."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Sample: ...


@runtime_checkable
class Listed(Protocol):
    """What a reader of files may add: names and image files of its samples, known without opening them."""

    @property
    def names(self) -> Sequence[str]:
        """Name of each sample, as its `Sample` has it."""
        ...

    @property
    def files(self) -> Sequence[Path]:
        """Image file of each sample."""
        ...


@dataclass(frozen=True, slots=True)
class Recognition:
    """A reader's answer to «can you read this folder?».

    Attributes:
        fits: Whether the reader can read it.
        reason: One sentence: what was found, or what is missing.
        published: Whether it is a data set whose masks the reader knows the meaning of. Then it goes before
            readers of any layout, which could only guess.
    """

    fits: bool
    reason: str
    published: bool = False
