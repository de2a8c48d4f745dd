"""Requests made to hurt: what is in them, and how they are packed."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image
from rasterio import Affine
from rasterio.io import MemoryFile

from tests.serve.asking import encoded, photo

WORDS = ("../../etc/passwd", "a\0b", "é" * 50, "%00", "C:\\x", "'; drop", "", "image", "x" * 300, "\r\nX: 1")
TYPES = (
    *(
        "image/png",
        "image/svg+xml",
        "image/*",
        "application/octet-stream",
        "text/html",
        "application/json",
        "",
    ),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x; charset=hex",
    ),
    *("image/png; charset=utf-16", "application/x-www-form-urlencoded", ";;;", "multipart/mixed; boundary=b"),
)
ACCEPTS = (  # the first three are there
    *(
        "application/json",
        "image/png",
        "image/tiff",
        "*/*",
        "image/*;q=0.5",
        "",
        "text/html",
        ";q=1,,",
        "*/*;q=-1",
    ),
    *("application/vnd.pixelwise.labels+confidence", "image/png;q=9e999", "a/b" * 500),
)
ODD = (
    *(("content-encoding", "gzip"), ("origin", "null"), ("content-length", "-1"), ("x-api-key", "é")),
    *(("content-length", "9" * 30), ("transfer-encoding", "chunked"), ("expect", "100-continue")),
    *(("host", "evil.example"), ("range", "bytes=0-1")),
)


def _png(columns: int, rows: int, *chunks: tuple[bytes, bytes], depth: int = 8, kind: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", columns, rows, depth, kind, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _tiff(rows: int, columns: int, block: int, **options) -> bytes:
    shape = {"height": rows, "width": columns, "count": 3, "dtype": "uint8"}
    layout = {"tiled": True, "blockxsize": block, "blockysize": block, "SPARSE_OK": True, **options}
    place = Affine(1.0, 0.0, 100.0, 0.0, -1.0, 200.0)
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", transform=place, **shape, **layout):
            pass
        return memory.read()


def _animated(kind: str, frames: int) -> bytes:
    pictures = [Image.fromarray(np.full((20, 24, 3), 6 * n, np.uint8)) for n in range(frames)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, kind, save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def _webp(canvas: bytes) -> bytes:
    """An extended WebP that claims a canvas, and holds no picture."""
    chunk = (
        b"VP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + canvas + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    )
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


@cache
def bodies() -> dict[str, bytes]:
    """Images, sound and otherwise, by name."""
    bomb = zlib.compress(bytes(50_000_000), 9)
    svg = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>'
    vrt = b'<VRTDataset rasterXSize="2"><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>'
    gif = bytearray(photo(kind="GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    bmp = bytearray(photo(kind="BMP"))
    bmp[18:26] = struct.pack("<ii", 60_000, -60_000)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 99, "x" * 3000
    return {
        **{kind: photo(kind=kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")},
        "exif": photo(kind="JPEG", exif=exif),
        "cmyk": encoded(np.zeros((9, 9, 4), np.uint8), "TIFF"),
        "grey": encoded(np.zeros((9, 9), np.uint8)),
        "alpha": encoded(np.zeros((9, 9, 4), np.uint8)),
        "sixteen bits": _png(3, 3, depth=16),
        "zero bytes": b"",
        "one byte": b"\x89",
        "svg": svg,
        "vrt": vrt,
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "zip": b"PK\3\4" + bytes(200),
        "npy": b"\x93NUMPY\1\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (9, 9), }",
        "png of 30,000 squared": _png(30_000, 30_000),
        "png of nothing": _png(0, 0),
        "png of a line": _png(2**31 - 1, 1),
        "text bomb": _png(9, 9, (b"zTXt", b"a\0\0" + bomb)),
        "many texts": _png(9, 9, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000)))] * 100),
        "itxt bomb": _png(9, 9, (b"iTXt", b"a\0\1\0\0\0" + bomb)),
        "icc bomb": _png(9, 9, (b"iCCP", b"a\0\0" + bomb)),
        "data bomb": _png(9, 9, (b"IDAT", bomb)),
        "png and html": photo() + b"<html><script>alert(1)</script>",
        "html as png": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
        "gif and js": b"GIF89a/*" + photo(kind="GIF")[8:] + b"*/=1;alert(1)",
        "gif of a giant canvas": bytes(gif),
        "bmp of a giant canvas": bytes(bmp),
        "webp of a giant canvas": _webp(b"\xff\xff\xff" * 2),
        "webp of a canvas": _webp(b"\x09\0\0" * 2),
        "animated gif": _animated("GIF", 5),
        "animated png": _animated("PNG", 5),
        "animated webp": _animated("WEBP", 5),
        "tiff of nothing": _tiff(100_000, 100_000, 16_384),
        "tiff of large blocks": _tiff(8, 8, 32_768),
        "tiff of small size": _tiff(16, 16, 16),
        "tiff of pages": _animated("TIFF", 40),
        "jpeg of nothing": b"\xff\xd8\xff\xd9",
        "riff": b"RIFF\0\0\0\0WEBPVP8 ",
        "avif": b"\0\0\0\x1cftypavif" + bytes(60),
        "text": b"hello",
        "newlines": b"\r\n" * 500,
        "noise": random.Random(0).randbytes(3000),
    }


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _turned(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if changed:
            place = rng.randrange(min(len(changed), 120) if rng.random() < 0.6 else len(changed))
            changed[place] = rng.choice((0, 255, rng.randrange(256), changed[place] ^ 1 << rng.randrange(8)))
    return bytes(changed)


def _joined(content: bytes, rng: random.Random) -> bytes:
    return content + rng.choice(sorted(bodies().values()))


def _twice(content: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(content) + 1)
    return content[:begin] + content[begin // 2 :]


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(lambda content, rng: content,) * 2,
    *(_cut, _turned, _turned, _turned, _joined, _twice),
)


def form(parts: list[tuple[str, str | None, bytes]], boundary: bytes = b"line") -> bytes:
    """A form of fields: name, name of a file or None, content."""
    body = b""
    for name, file, content in parts:
        given = b"" if file is None else b'; filename="' + file.encode("utf-8", "ignore") + b'"'
        head = b'Content-Disposition: form-data; name="' + name.encode("utf-8", "ignore") + b'"' + given
        body += b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"
    return body + b"--" + boundary + b"--\r\n"


def request(seed: int) -> tuple[str, dict[str, str | bytes], bytes]:
    """Path, headers and body of a request; the same for the same seed."""
    rng = random.Random(seed)
    name = sorted(bodies())[seed % len(bodies())]
    content = rng.choice(CHANGES)(bodies()[name], rng)
    path = "/v1/models/scenes/" + rng.choice(
        ("predict",) * 6 + ("corrections", "predict?kind=overlay", "nothing")
    )
    if rng.random() < 0.03:
        path = f"/v1/models/{rng.choice(('..%2f..', 'a%00b', '%ff', 'x' * 2000))}/predict"
    headers: dict[str, str | bytes] = {"accept": rng.choice(ACCEPTS if rng.random() < 0.3 else ACCEPTS[:3])}
    headers["content-type"] = "image/png" if rng.random() < 0.6 else rng.choice(TYPES)
    if rng.random() < 0.35 or path.endswith("corrections"):
        fields = [(rng.choice(("image", "image", "labels", "name", rng.choice(WORDS)))) for _ in range(3)]
        files = [rng.choice((None, "a.png", rng.choice(WORDS))) for _ in range(3)]
        pieces = [content, rng.choice(CHANGES)(bodies()["grey"], rng), b"x"]
        if rng.random() < 0.5:
            fields, files = ["image", "labels", "name"], ["a", "b", None]
        content = form(list(zip(fields, files, pieces, strict=True))[: rng.randint(0, 3)])
        headers["content-type"] = "multipart/form-data; boundary=line"
        if rng.random() < 0.3:
            content = rng.choice(CHANGES)(content, rng)
    if rng.random() < 0.1:
        odd, value = rng.choice(ODD)
        headers[odd] = value.encode("latin-1")
    return path, headers, content
