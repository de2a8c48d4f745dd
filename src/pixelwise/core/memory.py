"""Amounts of memory as people write them."""

import re

_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def bytes_of(text: str) -> int:
    """Bytes of a text such as 512M, 8G or 1.5GB; a kilo is 1024.

    Raises:
        ValueError: If it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", text.strip().lower())
    if found is None or not float(found.group(1)):
        raise ValueError(f"{text!r} is no amount of memory. Write it as 512M, 8G or 1.5G.")
    return int(float(found.group(1)) * _UNITS[found.group(2)])


def as_text(amount: int) -> str:
    """Bytes as people read them: 340 MB, 1.5 GB."""
    for unit, name in ((2**40, "TB"), (2**30, "GB"), (2**20, "MB")):
        if amount >= unit:
            number = amount / unit
            return f"{number:.1f} {name}" if number < 10 and name != "MB" else f"{number:.0f} {name}"
    return f"{amount / 2**10:.0f} KB"
