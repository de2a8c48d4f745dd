"""Colours for classes that brought none."""

from colorsys import hsv_to_rgb

Colour = tuple[int, int, int]

BACKGROUND: Colour = (46, 52, 64)  # dark, yet not the black of an empty picture
_FIRST: tuple[Colour, ...] = (
    (240, 110, 70),
    (64, 150, 230),
    (90, 185, 90),
    (235, 190, 60),
    (160, 100, 210),
    (70, 200, 200),
    (225, 90, 150),
    (150, 110, 80),
    (130, 140, 160),
    (180, 210, 90),
)
_GOLDEN_ANGLE = 0.381966  # of a full turn: neighbours in number are far apart in hue


def palette(names: tuple[str, ...]) -> tuple[Colour, ...]:
    """One distinct colour per class; a first class called background is dark."""
    dark = bool(names) and names[0].lower() in {"background", "ground", "other"}
    hues = [_bright(i) for i in range(len(names) - dark)]
    return (BACKGROUND, *hues) if dark else tuple(hues)


def _bright(number: int) -> Colour:
    if number < len(_FIRST):
        return _FIRST[number]
    ring = number - len(_FIRST)
    rgb = hsv_to_rgb(ring * _GOLDEN_ANGLE % 1.0, 0.45 + 0.4 * (ring % 2), 0.95 - 0.25 * (ring // 2 % 2))
    red, green, blue = (round(255 * part) for part in rgb)
    return red, green, blue
