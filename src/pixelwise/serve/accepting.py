"""Which of the forms we have a client would rather get."""

from collections.abc import Sequence

JSON, PNG, TIFF = "application/json", "image/png", "image/tiff"
LABELS = "application/vnd.pixelwise.labels+confidence"
FORMS = (JSON, PNG, TIFF, LABELS)


def preferred(header: str, forms: Sequence[str] = FORMS) -> str | None:
    """The form that an Accept header likes best; of equals what it names, then our first. None if none.

    Reference:
        RFC 9110, "HTTP Semantics", 2022, section 12.5.1.
    """
    if not header.strip():
        return forms[0]
    wishes = [_wish(text) for text in header.split(",")]
    found: list[tuple[float, int, int, str]] = []
    for place, form in enumerate(forms):
        exactness, weight = max(
            ((_exactness(wanted, form), weight) for wanted, weight in wishes), default=(-1, 0.0)
        )
        if exactness >= 0 and weight > 0:
            found.append((weight, exactness, -place, form))
    return max(found)[-1] if found else None


def _wish(text: str) -> tuple[str, float]:
    """A range of media types and its weight; what cannot be read as a weight is nothing."""
    wanted, *options = (part.strip().lower() for part in text.split(";"))
    weight = next((option[2:] for option in options if option.startswith("q=")), "1")
    try:
        number = float(weight)
    except ValueError:
        return wanted, 0.0
    return wanted, number if 0 <= number <= 1 else 0.0


def _exactness(wanted: str, form: str) -> int:
    """How closely a range names the form; -1 if it does not."""
    if wanted == form:
        return 2
    if wanted == f"{form.partition('/')[0]}/*":
        return 1
    return 0 if wanted == "*/*" else -1
