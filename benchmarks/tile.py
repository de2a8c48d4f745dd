"""How fast `pixelwise tile` cuts mosaics, against the OpenCV loop of the published tutorial.

    python -m benchmarks.tile [--size 9000] [--mosaics 2] [--tile 1024] [--rounds 3]

Draws mosaics with masks (GeoTIFF, plain and deflated), then cuts them to JPEG images and PNG masks with both,
in turns, and prints seconds of the clock and of the processor, their ratios, and peaks of memory. The loop
needs an interpreter with OpenCV, named by PIXELWISE_CV_PYTHON (`pip install opencv-python-headless`). Seconds
are those of the work, without the start of Python; the files come from memory.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from benchmarks._machine import circumstances

KINDS = {
    "plain": {},
    "deflate": {"compress": "deflate", "predictor": 2, "tiled": True, "blockxsize": 512, "blockysize": 512},
    "lzw strips": {"compress": "lzw"},
}
OURS = """
import sys, time
from pathlib import Path
from pixelwise.workflows.tile import tile
began, worked = time.perf_counter(), time.process_time()
tile(sys.argv[1], masks=sys.argv[2], out=sys.argv[3], size=int(sys.argv[4]), form="jpg", quiet=True)
print(time.perf_counter() - began, time.process_time() - worked)
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000)
"""


def main() -> None:
    """Draw, cut in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("size", 9000), ("mosaics", 2), ("tile", 1024), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    peer = os.environ.get("PIXELWISE_CV_PYTHON")
    loop = None if peer is None else [peer, str(Path(__file__).with_name("_tile_opencv.py"))]
    print(f"{asked.mosaics} mosaics of {asked.size}x{asked.size}, tiles of {asked.tile}")
    for kind, options in KINDS.items():
        with TemporaryDirectory() as folder:
            root = Path(folder)
            for number in range(asked.mosaics):
                _draw(root, f"M-{number}", asked.size, options, number)
            ours: list[tuple[float, float, float]] = []
            theirs: list[tuple[float, float, float]] = []
            for turn in range(asked.rounds):
                ours.append(_time([sys.executable, "-c", OURS], root, f"ours{turn}", asked.tile))
                if loop is not None:
                    theirs.append(_time(loop, root, f"theirs{turn}", asked.tile))
                    _compare(root / f"ours{turn}", root / f"theirs{turn}")
            _print(kind, "pixelwise tile", ours)
            if theirs:
                _print(kind, "OpenCV loop", theirs)
                ratios = sorted(their[0] / our[0] for our, their in zip(ours, theirs, strict=True))
                works = [their[1] / our[1] for our, their in zip(ours, theirs, strict=True)]
                print(
                    f"{kind:12} ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
                    f"of the processor {median(works):.2f}"
                )
    print(circumstances())


def _draw(root: Path, name: str, size: int, options: dict[str, object], seed: int) -> None:
    """A mosaic like a photograph from above: large and small patches, and noise; its mask is of patches."""
    rng = np.random.default_rng(seed)
    image = sum(0.45 * _patches(rng, size, 3, side) for side in (64, 8)) + rng.normal(0, 4, (size, size, 1))
    mask = _patches(rng, size, 1, 96) // 52
    shape = {
        "height": size,
        "width": size,
        "crs": "EPSG:2180",
        "transform": from_origin(5e5, 6e5, 0.25, 0.25),
    }
    for folder, pixels, how in (
        ("images", np.clip(image, 0, 255).astype(np.uint8), {"photometric": "RGB", **options}),
        ("masks", mask.astype(np.uint8), {"compress": "deflate"}),
    ):
        (root / folder).mkdir(exist_ok=True)
        kind = {"driver": "GTiff", "count": pixels.shape[2], "dtype": "uint8", "interleave": "pixel"}
        with rasterio.open(root / folder / f"{name}.tif", "w", **kind, **shape, **how) as file:
            file.write(pixels.transpose(2, 0, 1))


def _patches(rng: np.random.Generator, size: int, bands: int, side: int) -> np.ndarray:
    seen = rng.integers(0, 256, (bands, size // side + 2, size // side + 2), np.uint8)
    wide = [np.asarray(Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC)) for one in seen]
    return np.stack(wide, axis=-1).astype(np.float32)


def _time(command: list[str], root: Path, name: str, size: int) -> tuple[float, float, float]:
    """Seconds of the clock and of the processor, and the peak of memory in MB."""
    paths = [str(root / folder) for folder in ("images", "masks", name)]
    done = subprocess.run([*command, *paths, str(size)], check=True, capture_output=True, text=True)
    seconds, worked, peak = map(float, done.stdout.split())
    return seconds, worked, peak


def _compare(ours: Path, theirs: Path) -> None:
    """Both must have made the same tiles, masks to the bit."""
    names = sorted(path.name for path in theirs.iterdir())
    if names != sorted(path.name for path in ours.iterdir() if path.suffix in {".jpg", ".png"}):
        raise SystemExit("the tiles differ in number or name")
    for name in names:
        if name.endswith(".png") and not np.array_equal(Image.open(ours / name), Image.open(theirs / name)):
            raise SystemExit(f"{name} differs")


def _print(kind: str, who: str, times: list[tuple[float, float, float]]) -> None:
    seconds = sorted(time for time, _, _ in times)
    print(
        f"{kind:12} {who:15} {median(seconds):6.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f}), "
        f"{median(worked for _, worked, _ in times):6.2f} s of the processor, "
        f"peak {max(peak for _, _, peak in times):.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
