"""The page's own PNG files, outlines and shapes against what other programs make of the same pixels."""

import base64
import io
import zlib

import numpy as np
from PIL import Image

from tests.serve.page.people import Array
from tests.serve.page.test_correcting import drawn, told


def test_png_files_are_read_exactly_by_every_filter(visitor) -> None:
    rng = np.random.default_rng(0)
    for filtered in range(5):
        pixels = rng.integers(0, 256, (7, 11, 2), dtype=np.uint8)
        pixels[..., 0] //= 3  # a smooth channel and a rough one
        found = visitor.page.evaluate(
            """async (text) => {
              const { decode } = await import("/page/png.js");
              const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
              const { rows, columns, pixels } = await decode(bytes);
              return [rows, columns, [...pixels]];
            }""",
            base64.b64encode(png(pixels, filtered)).decode(),
        )
        assert found == [7, 11, (pixels[..., 0] + 256 * pixels[..., 1].astype(int)).ravel().tolist()]


def test_png_files_are_written_for_others_to_read(visitor) -> None:
    indices = np.random.default_rng(0).integers(0, 256, (13, 9), dtype=np.uint8)
    written = visitor.page.evaluate(
        """async (values) => {
          const { encode } = await import("/page/png.js");
          const palette = Uint8Array.from({ length: 768 }, (_, i) => i % 251);
          return [...(await encode(Uint8Array.from(values), 13, 9, palette))];
        }""",
        indices.ravel().tolist(),
    )
    picture = Image.open(io.BytesIO(bytes(written)))
    np.testing.assert_array_equal(np.asarray(picture), indices)
    assert picture.getpalette() == [i % 251 for i in range(768)]


def test_a_png_that_lies_is_refused(visitor) -> None:
    short = png(np.zeros((4, 4, 2), np.uint8), 0, rows=5)
    for content, words in ((b"GIF89a..........", "no PNG"), (short, "ends too early")):
        told = visitor.page.evaluate(
            """async (bytes) => {
              const { decode } = await import("/page/png.js");
              return decode(Uint8Array.from(bytes)).catch((error) => error.message);
            }""",
            list(content),
        )
        assert words in told


def test_outlines_are_those_of_the_house(visitor) -> None:
    rng = np.random.default_rng(0)
    for size in ((1, 1), (5, 1), (9, 14), (23, 17)):
        labels = rng.integers(0, 3, size, dtype=np.uint8)
        labels[rng.random(size) < 0.1] = 255
        outlines = visitor.page.evaluate(
            """async ([values, rows, columns]) => {
              const { trace } = await import("/page/trace.js");
              const classes = ["ground", "disc", "square"].map((name, index) => ({ index, name }));
              return trace(Uint16Array.from(values, (value) => value | 0x8000), rows, columns, classes);
            }""",
            [labels.ravel().tolist(), *size],
        )
        assert told(outlines) == drawn(labels)


def png(pixels: Array, filtered: int, rows: int | None = None) -> bytes:
    """A PNG file of grey and alpha whose rows all have one filter."""
    lines = pixels.astype(int).reshape(pixels.shape[0], -1)
    left, up = np.pad(lines, ((0, 0), (2, 0)))[:, :-2], np.pad(lines, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(lines, ((1, 0), (2, 0)))[:-1, :-2]
    guess = left + up - corner
    nearest = np.argmin([abs(guess - each) for each in (left, up, corner)], axis=0)
    paeth = np.choose(nearest, [left, up, corner])
    rest = (lines - (0, left, up, (left + up) // 2, paeth)[filtered]) % 256
    raw = np.pad(rest, ((0, 0), (1, 0)), constant_values=filtered).astype(np.uint8).tobytes()
    header = b"".join(side.to_bytes(4, "big") for side in (pixels.shape[1], rows or pixels.shape[0]))
    chunks = ((b"IHDR", header + bytes([8, 4, 0, 0, 0])), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in chunks
    )
