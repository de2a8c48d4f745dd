"""Pixels to files, quickly and, but for JPEG, without losing a bit; where they lie on Earth goes along."""

import struct
import zlib
from pathlib import Path
from typing import Any, Literal, cast
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image

from pixelwise.core.palette import Colour
from pixelwise.core.place import Place
from pixelwise.data.rasters.files import quietly
from pixelwise.data.rasters.reading import Raster

Format = Literal["png", "jpg", "tif"]
Pixels = NDArray[Any]

_PNG_KINDS = {1: 0, 2: 4, 3: 2, 4: 6}  # bands -> colour type
_BLOCK = 256


def unfit(raster: Raster, form: Format) -> str | None:
    """Why the numbers of a raster cannot be kept in files of a format; None where they can."""
    bands, kind = raster.bands, f"{raster.bands} band{'s' * (raster.bands != 1)} of {raster.dtype}"
    if form == "tif":
        return None
    if form == "jpg":
        fits = raster.dtype == np.uint8 and bands in (1, 3)
        return None if fits else f"{kind}, and JPEG holds 1 or 3 of uint8"
    measured = bands in (2, 4) and not raster.alpha
    if raster.dtype.name not in ("uint8", "uint16") or bands > 4 or measured:
        return f"{kind}, and PNG holds grey or RGB, perhaps with alpha, of uint8 or uint16"
    return None


def write_jpg(path: Path, pixels: Pixels, *, quality: int, palette: tuple[Colour, ...] = ()) -> None:
    """Write `[h w c]` as JPEG; a palette is replaced by its colours."""
    shown = _colours(pixels, palette) if palette else pixels
    Image.fromarray(np.ascontiguousarray(shown.squeeze(-1) if shown.shape[2] == 1 else shown)).save(
        path, "JPEG", quality=quality
    )


def write_png(path: Path, pixels: Pixels, *, palette: tuple[Colour, ...] = ()) -> None:
    """Write `[h w c]` of uint8 or uint16 as PNG.

    Runs are packed and nothing else is tried, which is several times as fast as Pillow at its quickest
    and about as small. One band is stored as it is, colours as differences to the pixel on their left.

    Reference:
        ISO/IEC 15948:2004, "Portable Network Graphics (PNG): Functional specification", sections 9
        and 11.
    """
    rows, columns, bands = pixels.shape
    depth = pixels.dtype.itemsize
    plain = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">")).view(np.uint8)
    plain = plain.reshape(rows, -1)
    lines = np.empty((rows, 1 + plain.shape[1]), np.uint8)
    step = bands * depth
    lines[:, 0] = bands > 1
    lines[:, 1:] = plain
    if bands > 1:
        lines[:, 1 + step :] -= plain[:, :-step]
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    data = packer.compress(lines.data) + packer.flush()
    kind = 3 if palette else _PNG_KINDS[bands]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8 * depth, kind, 0, 0, 0))]
    if palette:
        chunks.append((b"PLTE", bytes(part for colour in palette for part in colour)))
    chunks += [(b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks))


def write_tif(
    path: Path,
    pixels: Pixels,
    *,
    place: Place | None,
    nodata: float | None,
    palette: tuple[Colour, ...] = (),
    alpha: bool = False,
) -> None:
    """Write `[h w c]` as GeoTIFF, deflated, with its place and the value of pixels never measured.

    A fourth band is a measurement unless the last is said to be `alpha`.
    """
    rows, columns, bands = pixels.shape
    options: dict[str, Any] = {"compress": "deflate", "zlevel": 1, "interleave": "pixel", "nodata": nodata}
    options["predictor"] = 3 if pixels.dtype.kind == "f" else 2
    if min(rows, columns) >= _BLOCK:
        options |= {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK}
    if bands in (3, 4) and pixels.dtype == np.uint8:
        options["photometric"] = "RGB"  # without it, GDAL calls a fourth band alpha
    if alpha:
        options["alpha"] = "YES"
    if place is not None:
        options |= {"crs": place.crs or None, "transform": rasterio.Affine(*place.transform)}
    shape = {"count": bands, "height": rows, "width": columns, "dtype": pixels.dtype}
    with quietly():
        raster = cast("Any", rasterio).open(path, "w", driver="GTiff", **shape, **options)
    with raster as file:
        file.write(pixels.transpose(2, 0, 1))
        if palette:
            file.write_colormap(1, dict(enumerate(palette)))


def sidecar(path: Path) -> Path:
    """The file beside an image that tells programs built on GDAL where it lies."""
    return path.with_name(f"{path.name}.aux.xml")


def write_sidecar(path: Path, place: Place) -> None:
    """Write where the image in `path` lies into the file beside it."""
    a, b, c, d, e, f = place.transform
    grid = ", ".join(repr(float(number)) for number in (c, a, b, f, d, e))
    system = f"  <SRS>{escape(place.crs)}</SRS>\n" if place.crs else ""
    text = f"<PAMDataset>\n{system}  <GeoTransform>{grid}</GeoTransform>\n</PAMDataset>\n"
    sidecar(path).write_text(text, encoding="utf-8")


def _colours(pixels: Pixels, palette: tuple[Colour, ...]) -> Pixels:
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = palette
    return table[pixels[..., 0]]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
