"""Times as people write them."""

import re

_UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(text: str) -> float:
    """Seconds of a text such as 90s, 10m, 1h30m or 1.5h.

    Raises:
        ValueError: If it is none.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([smh])", text.strip().lower())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip().lower():
        raise ValueError(f"{text!r} is not a time. Write it as 90s, 10m, 1h30m or 1.5h.")
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if total <= 0:
        raise ValueError(f"{text!r} is no time at all. Write it as 90s, 10m, 1h30m or 1.5h.")
    return total


def as_text(seconds: float) -> str:
    """Seconds as people read them: 8.4 s, 3 min 20 s, 2 h 05 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
