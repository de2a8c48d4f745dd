"""Every error the package raises on purpose.

PixelwiseError
├── RecipeError (ValueError)        the recipe asks for something impossible
│   └── UnknownNameError            no component of that name
├── DataError (ValueError)          a file is missing, unreadable or inconsistent
├── ShapeError (ValueError)         a tensor does not have the shape it should have
├── CheckpointError (ValueError)    a run or its weights cannot be trusted or do not fit
├── StorageError (OSError)          the disk refuses
├── ExportError (RuntimeError)      a model cannot leave in this form, or would say something else
├── MissingExtraError (ImportError) a library that is not always installed is needed
└── DivergedError (ArithmeticError) training produced numbers that are not numbers

A message says what is wrong, what was found, what to do. Several faults are told together, one a line.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class PixelwiseError(Exception):
    """Base class: catch this to catch everything we raise on purpose."""


class RecipeError(PixelwiseError, ValueError):
    """The recipe asks for something that cannot be built."""


class UnknownNameError(RecipeError):
    """No component of that name exists."""

    def __init__(self, noun: str, name: str, known: Iterable[str]) -> None:
        self.known = sorted(known)
        super().__init__(
            f"unknown {noun} {name!r}.{suggestion(name, self.known)} Known: {', '.join(self.known)}."
        )


class DataError(PixelwiseError, ValueError):
    """A file is missing, unreadable or inconsistent with its neighbours."""


class ShapeError(PixelwiseError, ValueError):
    """A tensor does not have the shape it should have."""


class CheckpointError(PixelwiseError, ValueError):
    """A run folder or a weight file is damaged, foreign, of another version, or a pickle."""


class StorageError(PixelwiseError, OSError):
    """The disk is full or refuses to be written; what was safe before is still safe."""


class ExportError(PixelwiseError, RuntimeError):
    """A model cannot be written for another runtime, or what was written does not agree with it."""


class MissingExtraError(PixelwiseError, ImportError):
    """A library that comes with one of the package's extras is not installed."""

    def __init__(self, noun: str, library: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{noun} needs {library!r}. Found no such library. Run: pip install 'pixelwise[{extra}]'."
        )


class DivergedError(PixelwiseError, ArithmeticError):
    """The loss became NaN or infinite."""


def suggestion(name: str, known: Sequence[str]) -> str:
    """« Did you mean 'dice'?» with a leading space when a known name is near, else nothing."""
    near = get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def listing(items: Iterable[object], most: int = 5) -> str:
    """The first few items, comma-separated, and how many more there are."""
    texts = [str(item) for item in items]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def raise_faults(error: type[PixelwiseError], headline: str, faults: Sequence[str], most: int = 20) -> None:
    """Raise one error that tells all faults, one a line; do nothing where there are none."""
    if not faults:
        return
    shown = [f"  {fault}" for fault in faults[:most]]
    if len(faults) > most:
        shown.append(f"  … and {len(faults) - most} more of the same kinds.")
    raise error("\n".join([headline, *shown]))
