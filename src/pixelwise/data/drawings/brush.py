"""Brush strokes of Label Studio: a stream of bits that holds an RGBA picture."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8

from pixelwise.core.errors import DataError

_CHANNELS = 4


@dataclass(slots=True)
class _Bits:
    """Bits of a stream, the highest of each byte first."""

    bits: UInt8[np.ndarray, " _"]
    at: int = 0

    def take(self, number: int) -> UInt8[np.ndarray, " _"]:
        self.at += number
        if self.at > len(self.bits):
            raise DataError(
                f"the brush stroke is cut off. {self.at} bits are wanted, {len(self.bits)} are there. Export "
                "it again."
            )
        return self.bits[self.at - number : self.at]

    def number(self, bits: int) -> int:
        return int.from_bytes(np.packbits(np.pad(self.take(bits), (-bits % 8, 0))).tobytes(), "big")


def unpack_brush(stream: bytes, size: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    """The pixels of a brush stroke over an image of that many rows and columns: where its alpha is not 0.

    A stream begins with the number of words (32 bits), the bits of a word less 1 (5 bits), and four widths
    less 1 (4 bits each). Then come runs until all words are there: a bit that says whether one word is
    repeated, 2 bits for which of the widths the length has, the length less 1, and the one word, or as
    many words. The words are the red, green, blue and alpha of the pixels, row by row.

    Raises:
        DataError: If the stream is cut off, or of an image of another size.

    Reference:
        Label Studio, `label_studio_converter/brush.py`,
        https://github.com/HumanSignal/label-studio-converter.
    """
    bits = _Bits(np.unpackbits(np.frombuffer(stream, np.uint8)))
    number, word = bits.number(32), bits.number(5) + 1
    widths = [bits.number(4) + 1 for _ in range(4)]
    wanted = size[0] * size[1] * _CHANNELS
    if number != wanted or word > 16:
        raise DataError(
            f"the brush stroke is not of its image. It has {number} numbers of {word} bits, an image of "
            f"{size} (rows, columns) has {wanted} of 8. Export it again."
        )
    words = np.empty(number, np.uint16)
    place = 0
    while place < number:
        repeated, width = bits.number(1), widths[bits.number(2)]
        length = min(bits.number(width) + 1, number - place)
        taken = bits.take(word if repeated else word * length).reshape(-1, word)
        words[place : place + length] = taken @ (1 << np.arange(word)[::-1]).astype(np.uint16)
        place += length
    return words.reshape(*size, _CHANNELS)[..., 3] > 0
