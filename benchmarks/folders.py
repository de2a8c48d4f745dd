"""How fast the reader `folders` reads: 720 images of 512x512 with 20 object masks each, drawn on the spot.

    python -m benchmarks.folders [--images 720] [--masks 20] [--size 512] [--threads 4] [--bits 8]

Times the making of the reader (all headers are checked) and the reading of every sample. The files
were just written, so they come from memory: what is timed is decoding and merging, not the disk.
"""

import argparse
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageDraw

from benchmarks._machine import circumstances
from pixelwise.data.readers.folders import folders

DRAWN = 48  # different images; the others are copies


def main() -> None:
    """Draw, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("images", 720), ("masks", 20), ("size", 512), ("threads", 4), ("bits", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        root = Path(folder)
        started = time.perf_counter()
        for number in range(min(DRAWN, asked.images)):
            _draw(root, asked.masks, asked.size, asked.bits, number)
        for number in range(DRAWN, asked.images):
            _copy(root, number)
        drawn = time.perf_counter()
        reader = folders(root)
        made = time.perf_counter()
        with ThreadPoolExecutor(asked.threads) as pool:
            shares = list(pool.map(lambda i: _share(reader[i].labels), range(len(reader))))
        read = time.perf_counter()
    print(
        f"{asked.images} images of {asked.size}x{asked.size}, {asked.masks} masks each ({asked.bits} bits), "
        f"{asked.threads} threads"
    )
    print(f"drawing        {drawn - started:7.2f} s (not counted)")
    print(f"construction   {made - drawn:7.2f} s")
    print(f"reading        {read - made:7.2f} s")
    print(f"together       {read - drawn:7.2f} s, {asked.images / (read - drawn):.1f} images/s")
    print(f"object pixels  {np.mean(shares):7.2%}")
    print(circumstances())


def _draw(root: Path, masks: int, size: int, bits: int, number: int) -> None:
    """One image of discs on noise, and a mask for each disc."""
    rng = np.random.default_rng(number)
    images, objects = _make(root, number)
    image = Image.fromarray(rng.integers(20, 60, (size, size, 3), np.uint8))
    for mask in range(1, masks + 1):
        row, column, radius = *rng.integers(20, size - 20, 2).tolist(), int(rng.integers(6, 20))
        disc = (column - radius, row - radius, column + radius, row + radius)
        picture = Image.new("1" if bits == 1 else "L", (size, size))
        ImageDraw.Draw(picture).ellipse(disc, fill=255)
        picture.save(objects / f"cell{number:04d}_mask_{mask}.png")
        ImageDraw.Draw(image).ellipse(disc, fill=(180, 170, 160))
    image.save(images / f"cell{number:04d}.png", compress_level=1)


def _copy(root: Path, number: int) -> None:
    """A place with the same pictures as one that was drawn: drawing them all takes longer than reading."""
    drawn, name = f"cell{number % DRAWN:04d}", f"cell{number:04d}"
    for here, there in zip(_places(root, number % DRAWN), _make(root, number), strict=True):
        for file in here.iterdir():
            shutil.copyfile(file, there / file.name.replace(drawn, name))


def _make(root: Path, number: int) -> tuple[Path, Path]:
    for folder in _places(root, number):
        folder.mkdir(parents=True)
    return _places(root, number)


def _places(root: Path, number: int) -> tuple[Path, Path]:
    place = root / "train" / f"cell{number:04d}"
    return place / "images", place / "masks"


def _share(labels: object) -> float:
    return float(np.asarray(labels, dtype=np.float32).mean())


if __name__ == "__main__":
    main()
