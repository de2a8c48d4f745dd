"""Rendered vessels of TranProteus: image, vessel and contents, as a reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch
from jaxtyping import Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.images import read_header, read_image
from pixelwise.data.published.finding import home_of
from pixelwise.systems.hierarchy.levels import Level

LEVELS = (
    Level("vessel", ("background", "vessel"), (0, 1, 1)),
    Level("fill", ("background", "empty", "filled"), (0, 1, 2)),
)

_IMAGE, _VESSEL, _MASK = "VesselWithContent_", "VesselMask.png", "_Mask.png"


def rendered(root: Path) -> "Rendered":
    """Vessels with something in them, drawn by a ray tracer that knows what each pixel shows.

    Layout:
        One folder a vessel, below `root` or `root` itself, one image a frame; other files are passed over::

            2647/VesselWithContent_Frame_0_RGB.jpg
            2647/VesselMask.png             above 0 where the vessel is
            2647/Content_Frame_0_Mask.png   RGB, above 0 where its contents are seen: blue through the glass,
                                            green through the opening, red past both

        Labels are background, empty (a vessel with nothing behind its glass) and filled. Contents seen past
        the glass, and those seen through opening and glass at once, do not count.

    Args:
        root: Folder of one or many vessels.

    Raises:
        DataError: Telling everything that is missing or differs in size.

    Reference:
        Eppel, Xu, Wang & Aspuru-Guzik, "Predicting 3D shapes, masks, and properties of materials, liquids,
        and objects inside transparent containers, using the TransProteus CGI dataset", 2021,
        arXiv:2109.07577; which pixels count is as in their training code.
    """
    home = home_of(root, _holds_vessels, "rendered vessels", f"{_VESSEL} beside {_IMAGE}Frame_0_RGB.jpg")
    folders = (
        [home] if (home / _VESSEL).is_file() else sorted(f for f in home.iterdir() if (f / _VESSEL).is_file())
    )
    frames: list[_Frame] = []
    faults: list[str] = []
    for folder in folders:
        for image in sorted(folder.glob(f"{_IMAGE}*_RGB.jpg")):
            inside = image.name.removeprefix("VesselWith").removesuffix("_RGB.jpg")
            frame = _Frame(image, folder / _VESSEL, folder / f"{inside}{_MASK}")
            faults += _faults(frame)
            frames.append(frame)
    raise_faults(DataError, f"rendered vessels of {root} cannot be used:", faults)
    return Rendered(frames)


@dataclass(frozen=True, slots=True)
class _Frame:
    image: Path
    vessel: Path
    contents: Path


@final
class Rendered:
    """The data set `rendered` finds; a `data.reader.Reader`."""

    def __init__(self, frames: Sequence[_Frame]) -> None:
        self._frames = tuple(frames)
        self.classes = Classes(LEVELS[-1].classes, ignored=(IGNORE_INDEX,))
        self.splits: Mapping[str, Sequence[int]] = {}
        self.notes: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Sample:
        """An image and its labels.

        Raises:
            DataError: If a file is damaged.
        """
        frame = self._frames[index]
        name = f"{frame.image.parent.name}-{frame.image.stem.removeprefix(_IMAGE).removesuffix('_RGB')}"
        return Sample(read_image(frame.image, bands=3), _labels(frame), name)


def _labels(frame: _Frame) -> Int[Tensor, "h w"]:
    vessel = read_image(frame.vessel, bands=1)[0] > 0
    past, opening, glass = read_image(frame.contents, bands=3) > 0
    labels = vessel.long()
    labels[past | opening | glass] = 2
    labels[(past & ~opening) | (opening & glass)] = IGNORE_INDEX
    return labels


def _holds_vessels(folder: Path) -> bool:
    if (folder / _VESSEL).is_file():
        return True
    return any((below / _VESSEL).is_file() for below in folder.iterdir() if below.is_dir())


def _faults(frame: _Frame) -> list[str]:
    """What is missing, cannot be opened, or is of another size than its image."""
    faults: list[str] = []
    sizes: dict[str, tuple[int, int]] = {}
    for path in (frame.image, frame.vessel, frame.contents):
        try:
            sizes[path.name] = read_header(path).size
        except DataError as error:
            faults.append(str(error))
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        faults.append(f"{frame.image.parent}: sizes differ. {told} (rows, columns). Render them alike.")
    return faults


def scaled(sample: Sample, size: int) -> tuple[Tensor, Tensor]:
    """Image and labels in a square of `size`: the image smoothly, of labels the nearest."""
    image = torch.nn.functional.interpolate(
        sample.image[None], (size, size), mode="bilinear", antialias=True
    )[0]
    if sample.labels is None:
        raise DataError(f"{sample.name} has no labels. Take a data set that has some.")
    labels = sample.labels[None, None].float()
    return image, torch.nn.functional.interpolate(labels, (size, size), mode="nearest")[0, 0].long()
