"""Brush strokes as Label Studio packs them."""

import numpy as np
from jaxtyping import Bool

from pixelwise.data.drawings.runs import runs

_CHANNELS = 4
_WORD = 8
_WIDTHS = (3, 4, 8, 16)  # bits that the length of a run may have


def pack_brush(mask: Bool[np.ndarray, "h w"]) -> bytes:
    """The inverse of `unpack_brush`: white and opaque where the mask is, else nothing.

    Reference:
        Label Studio, `label_studio_converter/brush.py`,
        https://github.com/HumanSignal/label-studio-converter.
    """
    head = f"{mask.size * _CHANNELS:032b}{_WORD - 1:05b}" + "".join(f"{width - 1:04b}" for width in _WIDTHS)
    words = ("0" * _WORD, "1" * _WORD)
    strokes = [
        _run(part, words[number % 2])
        for number, length in enumerate(runs(mask).lengths.tolist())
        for part in _portions(length * _CHANNELS)
    ]
    bits = head + "".join(strokes)
    return np.packbits(np.frombuffer(bits.encode("ascii"), np.uint8) - ord("0")).tobytes()


def _portions(length: int) -> list[int]:
    most = 2 ** _WIDTHS[-1]
    return [most] * (length // most) + [rest for rest in (length % most,) if rest]


def _run(length: int, word: str) -> str:
    """One word, repeated: the flag, which width, the length less 1, the word."""
    which = next(number for number, width in enumerate(_WIDTHS) if length <= 2**width)
    return f"1{which:02b}{length - 1:0{_WIDTHS[which]}b}{word}"
