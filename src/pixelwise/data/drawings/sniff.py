"""What kind of file this is, told from a glance: enough to choose a reader, not to trust the file."""

import json
import re
from pathlib import Path

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.gallery import files_below

_WHOLE = 2**23  # bytes up to which a file is read whole
_GLANCE = 2**18
_KEY = re.compile(r'"([A-Za-z_][\w-]*)"\s*:')


def glance(root: Path, suffix: str, most: int = 3) -> list[tuple[Path, str]]:
    """The first files of a suffix below a folder with beginning and end of their text; none on trouble."""
    try:
        files = files_below(root, suffix)
    except (DataError, OSError):
        return []
    return [(file, _text(file)) for file in files[:most]]


def keys(text: str) -> frozenset[str]:
    """Names at the top of JSON text, and in the first entry of a list; of text cut off, all names."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset(_KEY.findall(text))
    if isinstance(value, list) and value:
        value = value[0]
    return frozenset(map(str, value)) if isinstance(value, dict) else frozenset()


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            if size <= _WHOLE:
                return opened.read().decode("utf-8-sig", errors="replace")
            beginning = opened.read(_GLANCE)
            opened.seek(-_GLANCE, 2)
            return (beginning + b"\n" + opened.read()).decode("utf-8", errors="replace")
    except OSError:
        return ""
