"""Ways in which files go wrong: cut off, overwritten, of another kind, with values nobody would write."""

import gzip
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

SECRET = "tell-nobody"  # in a file outside of the data set

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 255, 256, 2**31, 2**63, 10**400, -0.5, 1e300, 1e-300),
    *(float("nan"), float("inf"), -float("inf"), "", " ", "x", "1", "-1", "NaN", "1e999", "9" * 5000),
    *("../../../etc/passwd", "/etc/passwd", "scene_0.png", "\0", "\ud800", "é" * 300, "=" * 3, "#ff"),
    *([], {}, [[]], [[1, 2]], [[1, 2], [3]], [[float("nan")] * 2] * 4, [1] * 7, {"a": 1}, [{}], [None]),
)
ODD_WORDS = (
    *("", "-1", "0", "nan", "inf", "1e999", "9" * 5000, "x", "é", "\0", "../../etc/passwd", "true", "null"),
    *("<a>", "</a>", "&a;", '"', "'", ",", ";", ":", "- ", "[", "]", "{", "&x *x", "!!python/object:a.b {}"),
    *("2001-99-99", "!!int ''", "!!float x", "*a", "<<: 1", "? [a]", "\t", "\n\n", "#", "0x", "1_000", "|"),
)
_WORD = re.compile(r"[^\s<>\"'=,;:/\[\]{}()]+")


@dataclass(frozen=True)
class Mutation:
    """One fault in one file of a data set.

    Attributes:
        kind: Name of the fault, of `FAULTS`.
        seed: What decides the file, and where in it.
        value: Put in somewhere by the kinds that need one.
    """

    kind: str
    seed: int
    value: Any


def mutations() -> st.SearchStrategy[Mutation]:
    """Any fault, with values that are odd or made up."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    made = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )
    return st.builds(
        Mutation, st.sampled_from(sorted(FAULTS)), st.integers(0, 2**32), st.sampled_from(ODD_VALUES) | made
    )


def apply(mutation: Mutation, files: list[Path], outside: Path) -> str:
    """Do it to one of the files, and say which; `outside` lies in no data set."""
    rng = random.Random(mutation.seed)
    file = rng.choice(files)
    FAULTS[mutation.kind](file, rng, mutation.value, outside)
    return f"{mutation.kind} of {file.name}"


def places(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in JSON."""
    if place:
        yield place
    lists = enumerate(content) if isinstance(content, list) else ()
    for key, value in content.items() if isinstance(content, dict) else lists:
        yield from places(value, (*place, key))


def holder(content: Any, place: tuple[Any, ...]) -> Any:
    """The dictionary or list that a value stands in."""
    for key in place[:-1]:
        content = content[key]
    return content


def _bytes(change: Callable[[bytes, random.Random], bytes]) -> Callable[..., None]:
    """A fault of bytes; of packed files, half of the time before they are packed."""

    def fault(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b" and rng.random() < 0.5:
            file.write_bytes(gzip.compress(change(gzip.decompress(content), rng), 1))
        else:
            file.write_bytes(change(content or b"0", rng))

    return fault


def _span(content: bytes, rng: random.Random, most: int = 12) -> tuple[int, int]:
    """A short piece; half of the time near the beginning, where the sizes stand."""
    begin = rng.randrange(min(len(content), 80) if rng.random() < 0.5 else len(content))
    return begin, min(begin + rng.randint(1, most), len(content))


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _overwritten(content: bytes, rng: random.Random) -> bytes:
    begin, end = _span(content, rng)
    new = rng.choice((rng.randbytes(end - begin), b"\xff" * (end - begin), bytes(end - begin)))
    return content[:begin] + new + content[end:]


def _bit_turned(content: bytes, rng: random.Random) -> bytes:
    begin, _ = _span(content, rng)
    return content[:begin] + bytes([content[begin] ^ 1 << rng.randrange(8)]) + content[begin + 1 :]


def _lacking(content: bytes, rng: random.Random) -> bytes:
    begin, end = _span(content, rng, 40)
    return content[:begin] + content[end:]


def _doubled(content: bytes, rng: random.Random) -> bytes:
    begin, end = _span(content, rng, 200)
    return content[:end] + content[begin:]


def _json(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    """Another value, name or number of entries; text that is no JSON gets another word."""
    try:
        content = json.loads(file.read_text())
        place = rng.choice(list(places(content)))
    except (ValueError, IndexError):
        _word(file, rng, value, outside)
        return
    inside, key, kind = holder(content, place), place[-1], rng.random()
    if kind < 0.7:
        inside[key] = value
    elif kind < 0.8:
        del inside[key]
    elif isinstance(inside, dict):
        inside[f"{key}s"] = inside.pop(key)
    else:
        inside += [inside[key]] * rng.choice((1, 1, 1000))
    file.write_text(json.dumps(content))


def _word(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    """Another word or name in a text; other files are overwritten."""
    try:
        text = file.read_bytes().decode()
        word = rng.choice(list(_WORD.finditer(text)))
    except (ValueError, IndexError):
        _bytes(_overwritten)(file, rng, value, outside)
        return
    new = rng.choice(ODD_WORDS)
    file.write_bytes((text[: word.start()] + new + text[word.end() :]).encode("utf-8", "replace"))


def _other_content(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    """Sound files of other kinds and sizes, under this name."""
    other = rng.choice([*sorted(outside.glob("other*")), *sorted(file.parent.iterdir())])
    if other.is_file():
        file.write_bytes(other.read_bytes())


def _link_out(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    file.unlink()
    file.symlink_to(rng.choice([outside / "secret.txt", outside / "other.png", outside, outside / "nothing"]))


def _folder(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    file.unlink()
    file.mkdir()


def _made(file: Path, rng: random.Random, value: Any, outside: Path) -> None:
    file.write_text(json.dumps(value), encoding="utf-8", errors="replace")


FAULTS: dict[str, Callable[[Path, random.Random, Any, Path], None]] = {
    "cut": _bytes(_cut),
    "nothing in it": _bytes(lambda content, rng: b""),
    "overwritten": _bytes(_overwritten),
    "bit turned": _bytes(_bit_turned),
    "piece lacking": _bytes(_lacking),
    "piece doubled": _bytes(_doubled),
    "noise": _bytes(lambda content, rng: rng.randbytes(rng.choice((1, 16, 300)))),
    "another value": _json,
    "a value of JSON": _json,
    "another word": _word,
    "a word of text": _word,
    "other content": _other_content,
    "made up": _made,
    "missing": lambda file, rng, value, outside: file.unlink(),
    "a folder": _folder,
    "link that leads out": _link_out,
}


def restore(root: Path, contents: dict[Path, bytes]) -> None:
    """Bring back the files as they were, and nothing else."""
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_symlink() or (path.is_file() and path not in contents):
            path.unlink()
        elif path in contents and path.is_dir():
            shutil.rmtree(path)
    for path, content in contents.items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
