"""A folder seen as a catalog: one public file is one name.

`Catalog("pixelwise.losses", "loss")["dice"]` is the function `dice` of `pixelwise/losses/dice.py`.
Nothing is imported before it is asked for. Outside packages join through the entry-point
group of the same name.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import Parameter, signature
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pixelwise.core.errors import RecipeError, UnknownNameError, raise_faults, suggestion


class Catalog:
    """Names of one family of components, and the functions behind them."""

    def __init__(self, package: str, noun: str, *, folders: bool = False) -> None:
        """A catalog of the public files of a package, or of its folders."""
        self.package = package
        self.noun = noun
        self._folders = folders

    def names(self) -> list[str]:
        """Every name, ours and the plug-ins', sorted."""
        path = import_module(self.package).__path__
        ours = {m.name for m in pkgutil.iter_modules(path) if m.ispkg == self._folders and m.name[0] != "_"}
        return sorted(ours | set(_plugins(self.package)))

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if name not in self.names():
            raise UnknownNameError(self.noun, name, self.names())
        plugins = _plugins(self.package)
        if name in plugins:
            return plugins[name].load()
        return getattr(self.module(name), name)

    def module(self, name: str) -> ModuleType:
        """The file behind one of our own names."""
        return import_module(f"{self.package}.{name}")

    def configure(self, name: str, params: Mapping[str, Any]) -> Callable[..., Any]:
        """Bind checked keyword parameters to the function called `name`.

        Only what stands after the `*` of the signature can be set; what stands before are facts.

        Raises:
            UnknownNameError: If nothing is called `name`.
            RecipeError: If parameters are unknown, missing or of the wrong type; all are told.
        """
        function = self[name]
        options = {
            k: p for k, p in signature(function).parameters.items() if p.kind is Parameter.KEYWORD_ONLY
        }
        checked: dict[str, Any] = {}
        faults = [
            f"missing parameter {key!r}"
            for key, option in options.items()
            if option.default is Parameter.empty and key not in params
        ]
        for key, value in params.items():
            if key not in options:
                known = ", ".join(options) or "none"
                faults.append(f"unknown parameter {key!r}.{suggestion(key, list(options))} Known: {known}.")
                continue
            try:
                checked[key] = TypeAdapter(options[key].annotation).validate_python(value)
            except ValidationError as error:
                faults.append(f"{key}={value!r}: {error.errors()[0]['msg']}")
        if len(faults) == 1:
            raise RecipeError(f"{self.noun} {name!r}: {faults[0]}")
        raise_faults(RecipeError, f"{self.noun} {name!r}:", faults)
        return partial(function, **checked)


@cache
def _plugins(group: str) -> Mapping[str, EntryPoint]:
    """What installed packages add to a family; looking takes tens of milliseconds, so it is done once."""
    return {entry.name: entry for entry in entry_points(group=group)}
