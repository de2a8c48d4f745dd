"""Expressions as numbers: words apart, each with its place in a vocabulary, filled up at the front."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jaxtyping import Int
from torch import Tensor, tensor

from pixelwise.core.errors import DataError
from pixelwise.data.texts import read_text

PADDING, UNKNOWN = "<pad>", "<unk>"
LENGTH = 20  # words of an expression that are heard; what follows is not

_BETWEEN = re.compile(r"(\W+)")


def words_of(text: str) -> list[str]:
    """The words of an expression in lower case; signs are words too, but for a full stop at the end."""
    words = [part.strip().lower() for part in _BETWEEN.split(text) if part.strip()]
    return words[:-1] if words[-1:] == ["."] else words


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that are known, each by its number.

    Attributes:
        words: In the order of their numbers; `<pad>` and `<unk>` are among them.
        length: Words of an expression as numbers.
    """

    words: tuple[str, ...]
    length: int = LENGTH
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_numbers", {word: number for number, word in enumerate(self.words)})
        missing = [word for word in (PADDING, UNKNOWN) if word not in self._numbers]
        if missing or len(self._numbers) < len(self.words):
            raise DataError(
                f"this is no vocabulary. {len(self.words)} words, {len(self._numbers)} of them different, "
                f"without {', '.join(missing) or 'gaps'}. Give each word once, {PADDING} and {UNKNOWN} too."
            )

    def __len__(self) -> int:
        return len(self.words)

    def numbers(self, text: str) -> Int[Tensor, " n"]:
        """The words of an expression as numbers: cut off at `length`, filled up in front with `<pad>`."""
        known = [self._numbers.get(word, self._numbers[UNKNOWN]) for word in words_of(text)[: self.length]]
        return tensor([self._numbers[PADDING]] * (self.length - len(known)) + known)

    def known(self, text: str) -> list[str]:
        """Words of an expression that were learnt."""
        return [word for word in words_of(text) if word in self._numbers]

    def unknown(self, text: str) -> list[str]:
        """Words of an expression that were never learnt."""
        return [word for word in words_of(text) if word not in self._numbers]


def vocabulary(texts: Iterable[str], *, length: int = LENGTH, least: int = 1) -> Vocabulary:
    """The words of many expressions, by the alphabet.

    Args:
        texts: Of the training samples, and no others.
        length: Words of an expression that are heard.
        least: How often a word must occur to be known.
    """
    counts = Counter(word for text in texts for word in words_of(text))
    return Vocabulary((PADDING, UNKNOWN, *sorted(w for w, often in counts.items() if often >= least)), length)


def read_vocabulary(path: Path, *, length: int = LENGTH) -> Vocabulary:
    """A vocabulary with one word a line, as the paper's authors publish theirs.

    Raises:
        DataError: If it cannot be read, holds a word twice, or lacks `<pad>` or `<unk>`.
    """
    return Vocabulary(tuple(line.strip() for line in read_text(path).splitlines()), length)
