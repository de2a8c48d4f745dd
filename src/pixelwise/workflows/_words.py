"""Signatures and docstrings in words, for people who read no Python."""

import re
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt

_LIMITS: dict[type, tuple[str, str]] = {
    Ge: ("ge", "at least"),
    Gt: ("gt", "above"),
    Le: ("le", "at most"),
    Lt: ("lt", "below"),
}
_KINDS = {int: "whole number", float: "number", str: "text", bool: "true or false", NoneType: "nothing"}


def words_of(annotation: Any) -> str:
    """What values an annotation allows."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        base, *facts = parts
        return ", ".join([words_of(base), *filter(None, map(_limit, facts))])
    if origin is Literal:
        return " | ".join(map(str, parts))
    if origin in (Union, UnionType):
        return " or ".join(words_of(part) for part in parts if part is not NoneType)
    if origin in (tuple, list, Sequence):
        return f"list of {words_of(parts[0])}"
    if origin is dict:
        return "keys and values"
    return _KINDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def arguments_of(docstring: str) -> dict[str, str]:
    """What a docstring of Google's style says of each argument, each on one line."""
    section = re.search(r"^Args:\n((?:[ ]+.*\n|\n)*)", docstring + "\n", re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", section.group(1), re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def _limit(fact: Any) -> str:
    if isinstance(fact, Len):
        return f"at least {fact.min_length} of them"
    if type(fact) not in _LIMITS:
        return ""
    key, word = _LIMITS[type(fact)]
    return f"{word} {getattr(fact, key)}"
