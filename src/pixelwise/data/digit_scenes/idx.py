"""Pools of digits from the IDX files of MNIST and its likes."""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from pixelwise.core.errors import DataError
from pixelwise.data.digit_scenes.scene import SIDE, Pool

SPLITS = ("train", "t10k")  # what MNIST calls its digits to train and to test with
_UNSIGNED_BYTES = 0x0800  # what an IDX file begins with, and then the number of dimensions
_MOST_BYTES = 2**30  # the largest of this kind that was published holds half as much
_KINDS = {"images": 3, "labels": 1}  # and the dimensions of each


def candidates(split: str, kind: str) -> list[str]:
    """The names such a file goes by."""
    names = [f"{split}-{kind}{mark}idx{_KINDS[kind]}-ubyte" for mark in "-."]
    return [name + packed for name in names for packed in (".gz", "")]


def missing_files(root: Path) -> list[str]:
    """One sentence for each file that is not in the folder under any of its names."""
    if not root.is_dir():
        return [f"{root} is not a folder."]
    return [
        f"no {kind} of {split} in {root}. Looked for: {', '.join(candidates(split, kind))}."
        for split in SPLITS
        for kind in _KINDS
        if not _paths(root, split, kind)
    ]


def read_pools(root: Path) -> tuple[list[Pool], list[str]]:
    """The digits to train and to test with, and what is wrong with the files, if anything."""
    faults = missing_files(root)
    if faults:
        return [], faults
    pools: list[Pool] = []
    for split in SPLITS:
        paths = [_paths(root, split, kind)[0] for kind in _KINDS]
        arrays: list[np.ndarray] = []
        for path, dimensions in zip(paths, _KINDS.values(), strict=True):
            try:
                arrays.append(_read(path, dimensions))
            except DataError as error:
                faults.append(str(error))
        if len(arrays) == 2:
            mismatch = _mismatch(paths, *arrays)
            faults += mismatch
            pools += [] if mismatch else [Pool(*arrays)]
    return pools, faults


def _paths(root: Path, split: str, kind: str) -> list[Path]:
    return [path for name in candidates(split, kind) if (path := root / name).is_file()]


def _mismatch(paths: list[Path], images: np.ndarray, labels: np.ndarray) -> list[str]:
    faults: list[str] = []
    if images.shape[1:] != (SIDE, SIDE):
        faults.append(f"{paths[0]}: digits are {images.shape[1:]}, must be {(SIDE, SIDE)} (rows, columns).")
    if len(images) != len(labels):
        faults.append(f"{paths[0]} holds {len(images)} images, but {paths[1]} {len(labels)} labels.")
    return faults


def _read(path: Path, dimensions: int) -> UInt8[np.ndarray, "..."]:
    """The array in an IDX file of unsigned bytes, packed or not; no more is unpacked than it says to hold."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            header = file.read(4 + 4 * dimensions)
            sizes = np.frombuffer(header[4 : len(header) // 4 * 4], ">u4").tolist()
            shape, magic = tuple(int(length) for length in sizes), int.from_bytes(header[:4], "big")
            content = file.read(min(prod(shape), _MOST_BYTES) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be unpacked. {error}. Get the file anew.") from error
    expected = _UNSIGNED_BYTES + dimensions
    if magic != expected:
        raise DataError(
            f"{path}: not an IDX file of this kind. Begins with {magic:#010x}, not {expected:#010x}."
        )
    if len(shape) < dimensions or len(content) != prod(shape):
        more = "more" if len(content) > prod(shape) else len(content)
        raise DataError(
            f"{path}: cut short or damaged. Says it holds {prod(shape)} bytes of shape {shape}, holds "
            f"{more}. Get the file anew."
        )
    return np.frombuffer(content, np.uint8).reshape(shape)
