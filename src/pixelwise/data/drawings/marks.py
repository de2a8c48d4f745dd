"""What the marks of labelling tools have in common: lines without area, pictures within text."""

import base64
import binascii
import io
import zlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool
from numpy.typing import NDArray
from PIL import Image

from pixelwise.data.drawings.plain import Plain
from pixelwise.data.rasters.files import UNREADABLE
from pixelwise.ops.outlines import line
from pixelwise.ops.polygons import Polygon, Ring

_MOST_BYTES = 2**28  # of a picture within text, unpacked


@dataclass(frozen=True, slots=True)
class Pen:
    """How lines and points are drawn, which have no area of their own.

    Attributes:
        width: In pixels; 0 leaves them out; None refuses them.
    """

    width: float | None

    def draw(self, points: Ring, mark: Plain, kind: str) -> tuple[Polygon, ...]:
        """What the pen covers; nothing where lines are left out.

        Raises:
            DataError: If no width was told.
        """
        if self.width is None:
            raise mark.fault(
                f"a {kind} covers no pixels. Say how wide it is with line_width=, in pixels; 0 leaves out "
                "all lines and points."
            )
        return tuple(line(points, self.width)) if self.width else ()


def base64_of(text: Plain) -> bytes:
    """The bytes that base64 text stands for.

    Raises:
        DataError: If it is none.
    """
    try:
        return base64.b64decode(text.text().partition("base64,")[2] or text.text(), validate=False)
    except (binascii.Error, ValueError) as error:
        raise text.fault(f"this is no base64 text ({error}). Export it again.") from error


def unzipped(data: bytes, mark: Plain) -> bytes:
    """The bytes that zlib packed; as they are where it did not.

    Raises:
        DataError: If they are more than a picture can be.
    """
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, _MOST_BYTES)
    except zlib.error:
        return data
    if unpacker.unconsumed_tail:
        raise mark.fault(f"more than {_MOST_BYTES} bytes are packed here, which no mask needs. Remove it.")
    return content


def picture_mask(data: bytes, mark: Plain) -> Bool[np.ndarray, "h w"]:
    """The mask in a PNG: its alpha where it has any, else what is not 0.

    Raises:
        DataError: If it is damaged.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            pixels: NDArray[np.generic] = np.asarray(
                picture.convert("RGBA") if picture.mode in {"PA", "RGBA", "LA"} else picture
            )
    except UNREADABLE as error:
        raise mark.fault(f"the mask in it cannot be read ({error}). Export it again.") from error
    if pixels.ndim == 2:
        return pixels != 0
    return pixels[..., 3] != 0 if pixels.shape[2] == 4 else (pixels != 0).any(2)
