"""Waymo Open, perception, version 2: images and labels of cameras in Parquet files."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.core.extras import need
from pixelwise.core.sample import Sample
from pixelwise.data.drawings.plain import gathered
from pixelwise.data.layouts.naming import SPLIT_ORDER, split_of, splits_of
from pixelwise.data.masks.coding import Coding, Lookup
from pixelwise.data.masks.files import Mask
from pixelwise.data.published.finding import home_of, homes
from pixelwise.data.published.parquet import Blobs, read_columns
from pixelwise.data.published.streets import WAYMO
from pixelwise.data.rasters.files import naming
from pixelwise.data.reader import Recognition

Camera = Literal["front", "front_left", "front_right", "side_left", "side_right"]
_CAMERAS: tuple[Camera, ...] = ("front", "front_left", "front_right", "side_left", "side_right")  # from 1
_IMAGES, _LABELS = "camera_image", "camera_segmentation"
_KEYS = ("key.segment_context_name", "key.frame_timestamp_micros", "key.camera_name")
_JPEG = "[CameraImageComponent].image"
_PANOPTIC = "[CameraSegmentationLabelComponent].panoptic_label"
_DIVISOR = f"{_PANOPTIC}_divisor"


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera at one moment: its name, the rows of image and labels, and the divisor of the latter."""

    name: str
    image: tuple[Path, int]
    labels: tuple[Path, int]
    divisor: int
    split: str | None


@dataclass(frozen=True, slots=True)
class Waymo:
    """Frames with labels, read when asked for; see `waymo`."""

    splits: Mapping[str, Sequence[int]]
    notes: Sequence[str]
    frames: tuple[Frame, ...]
    images: Blobs
    labels: Blobs

    @property
    def classes(self) -> Classes:
        """What the labels mean."""
        return WAYMO

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> Sample:
        """One image and its labels.

        Raises:
            DataError: If a row is damaged, differs in size, or holds what is no class.
        """
        frame = self.frames[index]
        image = _picture(self.images.read(*frame.image), frame.image)
        panoptic = _picture(self.labels.read(*frame.labels), frame.labels)
        if image.ndim != 3 or panoptic.shape != image.shape[:2]:
            raise DataError(
                f"{frame.name}: image and labels differ in size or are of a wrong kind. They are "
                f"{image.shape} and {panoptic.shape} (rows, columns, bands). Fetch {frame.labels[0]} again."
            )
        lookup = Lookup(WAYMO, Coding())
        labels = lookup(Mask(panoptic.astype(np.int64) // frame.divisor, "values"), frame.labels[0])
        pixels = torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
        return Sample(pixels, torch.from_numpy(labels), frame.name)


def waymo(root: Path, *, cameras: tuple[Camera, ...] = _CAMERAS) -> Waymo:
    """Waymo Open: the frames of five cameras that have labels of 28 classes; undefined (0) does not count.

    A label is class times a divisor plus the number of an instance; instances are not read.

    Layout:
        The folder given, or one or two levels below it, with one file per drive in both folders::

            training/camera_image/<drive>.parquet           [CameraImageComponent].image: JPEG
            training/camera_segmentation/<drive>.parquet    [CameraSegmentationLabelComponent].panoptic_label:
                                                            PNG of 16 bits, and panoptic_label_divisor
            validation/ ...

        Rows belong together by key.segment_context_name, key.frame_timestamp_micros and key.camera_name; few
        images have labels. Splits are the folders training, validation and testing.

    Args:
        root: Folder that holds it.
        cameras: Which cameras.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.
        MissingExtraError: If PyArrow, which opens the files, is not installed.

    Reference:
        Mei et al., "Waymo Open Dataset: Panoramic Video Panoptic Segmentation", 2022, arXiv:2206.07704.
    """
    need("pyarrow", extra="waymo", noun="reader 'waymo'")
    home = home_of(root, _fits, "Waymo Open", f"{_LABELS}/ with .parquet files")
    files = sorted(home.glob(f"**/{_LABELS}/*.parquet"))
    read, faults = gathered(files, lambda file: _frames(home, file, cameras))
    frames = [frame for found, _ in read for frame in found]
    faults += [fault for _, wrong in read for fault in wrong]
    if not frames and not faults:
        faults.append(f"no frame of {listing(cameras)} has labels.")
    raise_faults(DataError, f"the data in {root} cannot be used as they are:", faults)
    frames.sort(key=lambda frame: SPLIT_ORDER.index(frame.split))
    return Waymo(
        splits=splits_of([frame.split for frame in frames]),
        notes=(f"{len(frames)} frames of {len(files)} drives have labels.",),
        frames=tuple(frames),
        images=Blobs(_JPEG, _wanted([frame.image for frame in frames])),
        labels=Blobs(_PANOPTIC, _wanted([frame.labels for frame in frames])),
    )


def recognise(root: Path) -> Recognition:
    """Whether labels of Waymo's cameras are here."""
    found = homes(root, _fits)
    if not found:
        return Recognition(False, f"no folder {_LABELS}/ with .parquet files in {root}")
    return Recognition(True, f"{_LABELS}/ of Waymo Open in {found[0]}", published=True)


def _fits(folder: Path) -> bool:
    return any(folder.glob(f"{_LABELS}/*.parquet")) or any(folder.glob(f"*/{_LABELS}/*.parquet"))


def _frames(home: Path, file: Path, cameras: Sequence[Camera]) -> tuple[list[Frame], list[str]]:
    """The labelled frames of one drive, and what is wrong with them."""
    beside = file.parent.parent / _IMAGES / file.name
    if not beside.is_file():
        return [], [f"{file} has no images. {beside} is missing. Fetch it too."]
    rows = {key: row for row, key in enumerate(read_columns(beside, _KEYS))}
    split = split_of(file.relative_to(home.parent).parts)
    frames: list[Frame] = []
    alone: list[str] = []
    for row, (drive, moment, camera, divisor) in enumerate(read_columns(file, (*_KEYS, _DIVISOR))):
        name = f"{drive}_{moment}_{camera}"
        if not 1 <= camera <= len(_CAMERAS) or divisor < 1:
            return [], [f"{file}, row {row}: camera {camera}, divisor {divisor} cannot be. Fetch it again."]
        if _CAMERAS[camera - 1] not in cameras:
            continue
        if (drive, moment, camera) not in rows:
            alone.append(name)
            continue
        image = (beside, rows[drive, moment, camera])
        frames.append(Frame(name, image, (file, row), divisor, split))
    faults = [f"{len(alone)} labels of {file} have no image: {listing(alone)}."] if alone else []
    return frames, faults


def _wanted(places: Sequence[tuple[Path, int]]) -> dict[Path, tuple[int, ...]]:
    wanted: dict[Path, list[int]] = {}
    for path, row in places:
        wanted.setdefault(path, []).append(row)
    return {path: tuple(rows) for path, rows in wanted.items()}


def _picture(data: bytes, where: tuple[Path, int]) -> NDArray[Any]:
    with naming(where[0]), Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)
