"""The split file: who learns and who judges, by name, with all that is needed to trust it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from pixelwise.core.errors import DataError, listing
from pixelwise.data.texts import read_yaml
from pixelwise.data.threads import in_threads

NAME = "split.yaml"

_KEYS = {"rule", "reason", "seed", "data", "parts", "left_out", "leaks"}
_HEAD = "# Made by `pixelwise split`. Who edits it by hand is told of: the hash no longer fits.\n"


@dataclass(frozen=True, slots=True)
class SplitFile:
    """Names of the images of each part.

    Attributes:
        parts: Names of train, val and test; parts may be missing.
        rule: How images were grouped.
        reason: The same in a sentence.
        seed: Of the drawing.
        data: Digest of the names and files that were split.
        left_out: Names that lie too near to another part.
        leaks: Sentences that tell which images lie on both sides.
        edited: Whether the file was changed after it was made.
    """

    parts: Mapping[str, Sequence[str]]
    rule: str
    reason: str
    seed: int
    data: str
    left_out: Sequence[str] = ()
    leaks: Sequence[str] = ()
    edited: bool = field(default=False, compare=False)

    def to_yaml(self) -> str:
        """The text of the file."""
        plain = self._plain()
        text = yaml.safe_dump(plain | {"hash": _hash(plain)}, sort_keys=False, width=100, allow_unicode=True)
        return _HEAD + text

    def _plain(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "reason": self.reason,
            "seed": self.seed,
            "data": self.data,
            "parts": {part: list(names) for part, names in self.parts.items()},
            "left_out": list(self.left_out),
            "leaks": list(self.leaks),
        }


def read_split(path: Path) -> SplitFile:
    """The split file in `path`.

    Raises:
        DataError: If it is missing, no split file, or names an image twice.
    """
    try:
        plain = read_yaml(path)
    except DataError as error:
        raise DataError(
            f"{path} cannot be read as a split. {error} Make one with `pixelwise split`."
        ) from None
    parts = cast("dict[str, Any]", plain).get("parts") if isinstance(plain, dict) else None
    if not isinstance(parts, dict) or not all(isinstance(names, list) for names in parts.values()):
        raise DataError(f"{path} is no split: it has no lists of names under `parts`. Make one anew.")
    content = {key: value for key, value in cast("dict[str, Any]", plain).items() if key in _KEYS}
    named = {str(part): [str(name) for name in names] for part, names in parts.items()}
    every = [name for names in named.values() for name in names]
    twice = sorted({name for name in every if every.count(name) > 1}) if len(set(every)) < len(every) else []
    if twice:
        raise DataError(
            f"{path} names {len(twice)} images more than once: {listing(twice)}. Keep one of each."
        )
    return SplitFile(
        named,
        rule=str(content.get("rule", "")),
        reason=str(content.get("reason", "")),
        seed=int(content.get("seed") or 0),
        data=str(content.get("data", "")),
        left_out=[str(name) for name in content.get("left_out") or ()],
        leaks=[str(leak) for leak in content.get("leaks") or ()],
        edited=cast("dict[str, Any]", plain).get("hash") != _hash(content),
    )


def numbers_of(file: SplitFile, names: Sequence[str], origin: Path) -> tuple[dict[str, list[int]], list[str]]:
    """Sample numbers of each part, and a sentence for each thing that does not fit.

    Args:
        file: The split.
        names: Names of the samples there are.
        origin: Path of the file, for the sentences.

    Raises:
        DataError: If a part of the file has no sample left.
    """
    known = {name: number for number, name in enumerate(names)}
    parts = {part: [known[name] for name in named if name in known] for part, named in file.parts.items()}
    empty = [part for part, numbers in parts.items() if not numbers]
    if empty:
        raise DataError(
            f"{origin} is of other data: of its images in {listing(empty)}, none is there. The data have "
            f"{listing(names, 3)}. Make a split of them with `pixelwise split`."
        )
    notes = [f"the split is that of {origin}: {file.reason or 'no reason is told'}."]
    if file.edited:
        notes.append(f"{origin} was changed after it was made: its hash does not fit.")
    gone = [name for named in file.parts.values() for name in named if name not in known]
    if gone:
        notes.append(f"{len(gone)} images of {origin} are no longer there: {listing(gone)}.")
    said = {name for named in (*file.parts.values(), file.left_out) for name in named}
    new = [name for name in names if name not in said]
    if new:
        notes.append(f"{len(new)} images stand in no part of {origin}, and are left out: {listing(new)}.")
    return parts, notes


def data_digest(names: Sequence[str], files: Sequence[Path] | None) -> str:
    """SHA-256 of the names and, where they are known, the bytes of the image files, in the names' order."""
    contents = [b""] * len(names) if files is None else in_threads(_file_digest, files)
    digest = hashlib.sha256()
    for name, content in sorted(zip(names, contents, strict=True)):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _hash(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
