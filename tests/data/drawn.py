"""Small labelled data sets drawn to disk, in every layout and encoding: discs and squares on noise."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from PIL import Image

Array = np.ndarray[Any, Any]

COLOURS = ((0, 0, 0), (255, 120, 80), (60, 40, 222))
NAMES = ("ground", "disc", "square")
SPLITS = ("train", "val", "test")
LAYOUTS = (
    "parallel",
    "suffix",
    "stems",
    "carvana",
    "split_folders",
    "folder_splits",
    "annot",
    "lists",
    "names",
)
BINARY = ("binary255", "binary01", "bits", "gif", "rgb_grey", "carvana_gif")
BY_COLOUR = ("colour", "colour_alpha")
ENCODINGS = (
    *("index", "index16", "palette", "tiff", "float_tiff", "npy", "nibbles"),
    *BY_COLOUR,
    *BINARY,
)


def scene(number: int, size: tuple[int, int] = (40, 56), seed: int = 0) -> tuple[Array, Array]:
    """A photograph (uint8, `[h w 3]`) and its class indices: 0 ground, 1 discs, 2 squares."""
    rng = np.random.default_rng([seed, number])
    rows, columns = np.mgrid[: size[0], : size[1]]
    labels = np.zeros(size, np.uint8)
    radius = min(size) // 5
    row, column = rng.integers(radius, size[0] - radius), rng.integers(radius, size[1] - radius)
    labels[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = 1
    top, left = rng.integers(0, size[0] - radius), rng.integers(0, size[1] - radius)
    labels[top : top + radius, left : left + radius] = 2
    base = np.array([(60, 70, 60), (200, 90, 70), (70, 80, 210)])[labels]
    noise = rng.normal(0, 12, (*size, 3))
    return (base + noise).clip(0, 255).astype(np.uint8), labels


def draw_pairs(
    root: Path,
    number: int = 6,
    size: tuple[int, int] = (40, 56),
    encoding: str = "index",
    layout: str = "parallel",
    image_suffix: str = ".png",
    seed: int = 0,
) -> None:
    """Draw `number` images and masks; layouts with splits put half in train, the rest in val and test."""
    for i in range(number):
        image, labels = scene(i, size, seed)
        image_path, mask_path = _paths(root, layout, i, split_of(i, number), image_suffix)
        write_image(image_path, image)
        write_mask(mask_path, labels, encoding)
    if layout in {"lists", "names"}:
        _write_lists(root, layout, number, image_suffix)


def draw_folders(
    root: Path,
    number: int = 4,
    size: tuple[int, int] = (40, 56),
    white: int = 255,
    splits: bool = True,
    seed: int = 0,
) -> None:
    """Draw one folder per image with one mask per object; the test image has none."""
    for i in range(number):
        image, labels = scene(i, size, seed)
        split = ("test" if i == number - 1 else "train") if splits else ""
        place = root / split / f"cell{i}"
        write_image(place / "images" / f"cell{i}.png", image)
        if split == "test":
            continue
        (place / "masks").mkdir()
        for value in (1, 2):
            mask = np.where(labels == value, white, 0).astype(np.uint8)
            Image.fromarray(mask).save(place / "masks" / f"cell{i}_mask_{value}.png")


def split_of(i: int, number: int) -> str:
    """The split that layouts with splits give to the sample."""
    return "train" if i < number // 2 else SPLITS[1 + i % 2]


def truth(i: int, encoding: str, size: tuple[int, int] = (40, 56), seed: int = 0) -> Array:
    """The class indices that a reader must conclude from the mask alone."""
    labels = scene(i, size, seed)[1].astype(np.int64)
    if encoding in BINARY:
        return (labels > 0).astype(np.int64)
    order = np.array([0, 2, 1]) if encoding in BY_COLOUR else np.arange(3)  # colours are sorted by #rrggbb
    return order[labels]


def write_image(path: Path, image: Array) -> None:
    """Write a picture in the format its suffix names; TIFF by rasterio."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, image)
    elif path.suffix == ".tif":
        write_tiff(path, image)
    else:
        Image.fromarray(image).save(path, quality=95) if path.suffix == ".jpg" else Image.fromarray(
            image
        ).save(path)


def write_tiff(path: Path, image: Array, **options: Any) -> None:
    """Write `[h w]` or `[h w c]` as GeoTIFF without a place."""
    bands = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = bands.shape
    shape = {"count": count, "height": height, "width": width, "dtype": bands.dtype}
    # a place, so that GDAL does not warn
    place = rasterio.Affine(1.0, 0.0, 100.0, 0.0, -1.0, 200.0)
    with rasterio.open(path, "w", driver="GTiff", transform=place, **shape, **options) as file:
        file.write(bands)


def write_png(path: Path, pixels: Array, depth: int) -> None:
    """Write a PNG that Pillow cannot: grey of 1, 2, 4 bits with plain numbers, or grey and RGB of 16 bits."""
    height, width = pixels.shape[:2]
    rows = [_packed_row(row, depth) for row in pixels]
    colour_type = {2: 0, 3: 2}[pixels.ndim]
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks))


def write_mask(path: Path, labels: Array, encoding: str) -> None:
    """Write class indices in an encoding; the suffix of the path is changed to fit it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix, write = _ENCODERS[encoding]
    write(path.with_suffix(suffix), labels)


def classes_yaml(colours: bool = False) -> str:
    """A file of classes for the drawn scenes."""
    rows = [
        f"  - {{name: {name}, value: {value}" + (f", colour: {list(colour)}}}" if colours else "}")
        for value, (name, colour) in enumerate(zip(NAMES, COLOURS, strict=True))
    ]
    return "\n".join(["classes:", *rows, ""])


def _paths(root: Path, layout: str, i: int, split: str, suffix: str) -> tuple[Path, Path]:
    name = f"scene_{i}"
    image, mask = {
        "parallel": (f"images/{name}", f"masks/{name}"),
        "suffix": (name, f"{name}_mask"),
        "stems": (name, name),
        "carvana": (f"train/{name}", f"train_masks/{name}_mask"),
        "split_folders": (f"{split}/images/{name}", f"{split}/labels/{name}"),
        "folder_splits": (f"img/{split}/{name}", f"gt/{split}/{name}"),
        "annot": (f"{split}/{name}", f"{split}annot/{name}"),
        "lists": (f"images/{name}", f"annotations/{name}"),
        "names": (f"output/{name}", f"output/{name}_m"),
    }[layout]
    return root / f"{image}{suffix}", root / f"{mask}.png"


def _write_lists(root: Path, layout: str, number: int, suffix: str) -> None:
    for split in SPLITS:
        names = [f"scene_{i}" for i in range(number) if split_of(i, number) == split]
        lines = names
        if layout == "lists":
            lines = [f"/far/away/images/{name}{suffix} /far/away/annotations/{name}.png" for name in names]
        (root / f"{split}.txt").write_text("".join(f"{line}\n" for line in lines))


def _save(change: Callable[[Array], Array], mode: str | None = None) -> Callable[[Path, Array], None]:
    def write(path: Path, labels: Array) -> None:
        picture = Image.fromarray(change(labels))
        (picture.convert(mode) if mode else picture).save(path)

    return write


def _save_palette(path: Path, labels: Array) -> None:
    picture = Image.fromarray(labels).convert("P")
    picture.putdata(labels.ravel().tolist())
    picture.putpalette([part for colour in COLOURS for part in colour])
    picture.save(path)


def _packed_row(row: Array, depth: int) -> bytes:
    if depth == 16:
        return row.astype(">u2").tobytes()
    bits = "".join(format(value, f"0{depth}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _white(labels: Array) -> Array:
    return np.where(labels > 0, 255, 0).astype(np.uint8)


def _rgb(labels: Array) -> Array:
    return np.array(COLOURS, np.uint8)[labels]


def _binary_palette(path: Path, labels: Array) -> None:
    picture = Image.fromarray((labels > 0).astype(np.uint8)).convert("P")
    picture.putdata((labels > 0).ravel().astype(int).tolist())
    picture.putpalette([0, 0, 0, 255, 255, 255])
    picture.save(path)


_ENCODERS: dict[str, tuple[str, Callable[[Path, Array], None]]] = {
    "index": (".png", _save(lambda labels: labels)),
    "index16": (".png", _save(lambda labels: labels.astype(np.uint16))),
    "palette": (".png", _save_palette),
    "colour": (".png", _save(_rgb)),
    "colour_alpha": (".png", _save(_rgb, "RGBA")),
    "tiff": (".tif", write_tiff),
    "float_tiff": (".tif", lambda path, labels: write_tiff(path, labels.astype(np.float32))),
    "npy": (".npy", lambda path, labels: np.save(path, labels.astype(np.int64))),
    "nibbles": (".png", lambda path, labels: write_png(path, labels, depth=4)),
    "binary255": (".png", _save(_white)),
    "binary01": (".png", _save(lambda labels: (labels > 0).astype(np.uint8))),
    "bits": (".png", _save(lambda labels: labels > 0)),
    "gif": (".gif", _save(_white)),
    "carvana_gif": (".gif", _binary_palette),
    "rgb_grey": (".png", _save(_white, "RGB")),
}
