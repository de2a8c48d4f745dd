"""Images as they are sent to tensors: looked at from outside before anything is unpacked."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from fastapi import HTTPException
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, StorageError, listing
from pixelwise.core.place import Place
from pixelwise.data.images import Header, read_header
from pixelwise.data.masks.files import GREY_STEP, read_mask
from pixelwise.data.placed import read_placed
from pixelwise.data.rasters.files import TIFF, naming, open_raster
from pixelwise.serve.limits import Limits

_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"II+\0": ".tif",
    b"MM\0+": ".tif",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
    b"BM": ".bmp",
}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_TAKEN = "PNG, JPEG, TIFF, WebP, BMP and GIF are read"


@dataclass(frozen=True, slots=True)
class Upload:
    """An image as it was sent; only its beginning was looked at.

    Attributes:
        content: Its bytes.
        ending: What a file of its kind is called, `.png`.
        header: Size and bands.
    """

    content: bytes
    ending: str
    header: Header


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as models take it.

    Attributes:
        image: As `read_image` returns it.
        missing: Pixels that were never measured.
        place: Where it lies, if it says so.
    """

    image: Tensor
    missing: Tensor
    place: Place | None


def look_at(content: bytes, limits: Limits) -> Upload:
    """What the beginning of an image tells.

    Raises:
        HTTPException: 400 if it is empty or damaged, 413 if it is too large, 415 if it is no image we read.
    """
    ending = _ending(content)
    _check_size(_webp_size(content) if ending == ".webp" else None, limits)
    with _as_file(content, ending) as path:
        header = read_header(path)
        _check_size(header.size, limits)
        if ending in TIFF:
            _check_blocks(path, limits)
    return Upload(content, ending, header)


def decoded(upload: Upload) -> Picture:
    """The image, upright.

    Raises:
        HTTPException: 400 if it is damaged.
    """
    with _as_file(upload.content, upload.ending) as path:
        return Picture(*read_placed(path))


def labels_in(content: bytes, size: tuple[int, int], classes: int, limits: Limits) -> NDArray[np.uint8]:
    """Class of each pixel out of an index PNG, `IGNORE_INDEX` where none is meant.

    Args:
        content: Bytes of the PNG: one number a pixel, or three equal ones.
        size: Rows and columns it must have.
        classes: How many there are.
        limits: As for images.

    Raises:
        HTTPException: 400, 413, 415 as for images; 422 if size or numbers do not fit.
    """
    upload = look_at(content, limits)
    if upload.ending != ".png":
        raise HTTPException(415, f"the labels are no PNG. They are {upload.ending[1:]}. Send an 8-bit PNG.")
    if upload.header.size != size:
        raise HTTPException(
            422,
            f"the labels do not fit the image. They are {upload.header.size}, the image is {size} (rows, "
            "columns). Send one label a pixel.",
        )
    with _as_file(content, ".png") as path:
        mask = read_mask(path)
    numbers, rest = (mask.pixels, 0) if mask.kind != "colours" else np.divmod(mask.pixels, GREY_STEP)
    if np.any(rest):
        raise HTTPException(422, "the labels are colours. One number a pixel is wanted. Send an index PNG.")
    strange = np.setdiff1d(numbers, [*range(classes), IGNORE_INDEX])
    if strange.size:
        raise HTTPException(
            422,
            f"the labels hold numbers of no class: {listing(strange)}. Classes are 0 to {classes - 1}, and "
            f"{IGNORE_INDEX} is none. Send these.",
        )
    return numbers.astype(np.uint8)


def _ending(content: bytes) -> str:
    """What a file with this beginning is called; its own name says nothing."""
    if not content:
        raise HTTPException(
            400, "no image came: the request holds no bytes. Send the bytes of an image file."
        )
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    for beginning, ending in _BEGINNINGS.items():
        if content.startswith(beginning):
            return ending
    raise HTTPException(
        415, f"this is no image we read: it begins with {content[:12]!r}. {_TAKEN}. Send one."
    )


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """Rows and columns of a WebP by its first bytes, for libwebp makes room for them on opening.

    Reference:
        RFC 9649, "WebP Image Format", 2024, section 2.
    """
    kind, bits = content[12:16], int.from_bytes(content[20:30].ljust(10, b"\0"), "little")
    if kind == b"VP8X":
        return (bits >> 56 & 0xFFFFFF) + 1, (bits >> 32 & 0xFFFFFF) + 1
    if kind == b"VP8L":
        return (bits >> 22 & 0x3FFF) + 1, (bits >> 8 & 0x3FFF) + 1
    return (bits >> 64 & 0x3FFF, bits >> 48 & 0x3FFF) if kind == b"VP8 " else None


def _check_size(size: tuple[int, int] | None, limits: Limits) -> None:
    if size is not None and size[0] * size[1] > limits.pixels:
        raise HTTPException(
            413,
            f"the image is too large. It is {size} (rows, columns), {limits.pixels} pixels are the most "
            "here. Send it in pieces, or use `pixelwise predict`.",
        )


def _check_blocks(path: Path, limits: Limits) -> None:
    """Refuse a TIFF whose pieces are larger than an image may be: one is unpacked whole for one pixel."""
    with naming(path), open_raster(path) as raster:
        for rows, columns in raster.block_shapes:
            if rows * columns > limits.pixels:
                raise HTTPException(
                    413, f"the image is stored in too large pieces: {rows, columns}. Save it anew."
                )


@contextmanager
def _as_file(content: bytes, ending: str) -> Generator[Path]:
    """The bytes as a file in a folder of its own: nothing lies beside it that a decoder could follow."""
    with TemporaryDirectory(prefix="pixelwise-") as folder:
        path = Path(folder) / f"image{ending}"
        _write(path, content)
        try:
            yield path
        except DataError as error:
            if isinstance(error.__cause__, _BOMBS):
                raise HTTPException(413, "the image is too large: it would unpack to too much.") from None
            raise HTTPException(400, str(error).replace(str(path), "the image")) from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"the server cannot keep the image while it works. {error}. Try later.") from error


def never(picture: Picture, labels: Tensor, *, exclusive: bool) -> Tensor:
    """The labels without pixels that were never measured."""
    if not picture.missing.any():
        return labels
    return torch.masked_fill(labels, picture.missing, IGNORE_INDEX if exclusive else -1.0)
