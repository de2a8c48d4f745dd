"""YAML in and out, and single values set by their path."""

import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import yaml

from pixelwise.core.errors import RecipeError, listing, raise_faults


class _Loader(yaml.SafeLoader):
    """Safe YAML that reads 1e-3 as a number and off as a word, as YAML 1.2 and people do."""


_NUMBER = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)$")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool") or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+0123456789."))


def read_yaml(path: Path) -> Any:
    """The plain values of a YAML file.

    Raises:
        RecipeError: If it cannot be read.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read {path}. {error}. Give a recipe file in YAML.") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"{path} is not YAML. {' '.join(str(error).split())}.") from None


def write_text(plain: Any) -> str:
    """Plain values as YAML, in their own order."""
    return yaml.safe_dump(plain, sort_keys=False, width=100, allow_unicode=True)


def with_settings(plain: Any, settings: Sequence[str]) -> Any:
    """A copy of plain values with some set, each as `path.to.key=value`; list items by number.

    Raises:
        RecipeError: If a setting has no `=`, or its path leads through something that has no parts;
            all are told.
    """
    changed, faults = deepcopy(plain), list[str]()
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path.strip():
            faults.append(f"{setting!r} sets nothing. Write it as train.lr=0.001 or loss.0.name=dice.")
            continue
        try:
            _set(changed, path.strip().split("."), yaml.load(text, Loader=_Loader))
        except (KeyError, yaml.YAMLError) as error:
            faults.append(f"{setting!r}: {error.args[0] if error.args else error}")
    raise_faults(RecipeError, "these settings cannot be made:", faults)
    return changed


def _set(values: Any, path: list[str], value: Any) -> None:
    """Set one value in place.

    Raises:
        KeyError: With a sentence, if the path leads nowhere.
    """
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(values, list):
            values = _item(cast("list[Any]", values), part, path[: depth + 1], value, last)
        elif isinstance(values, dict):
            entries = cast("dict[str, Any]", values)
            if last:
                entries[part] = value
            else:
                values = entries[part] if entries.get(part) is not None else entries.setdefault(part, {})
                if entries[part] is None:
                    values = entries[part] = {}
        else:
            raise KeyError(f"{'.'.join(path[:depth])} is {values!r}, which has no {part!r}.")


def _item(items: list[Any], part: str, path: list[str], value: Any, last: bool) -> Any:
    if not part.isdigit() or int(part) > len(items):
        have = listing(range(len(items) + 1), 10)
        raise KeyError(
            f"{'.'.join(path)}: a list of {len(items)} takes the numbers {have} (the last one adds)."
        )
    number = int(part)
    if number == len(items):
        items.append({})
    if last:
        items[number] = value
    return items[number]
