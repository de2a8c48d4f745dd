"""Labels that people corrected, kept as data to train on."""

from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError
from pixelwise.core.files import write_text, write_with
from pixelwise.core.palette import BACKGROUND, Colour
from pixelwise.recipe.plain import write_text as yaml_text

_MOST_NAME = 200
_NONE: Colour = (158, 158, 158)


@dataclass(frozen=True, slots=True, eq=False)
class Corrections:
    """A folder of `images/`, `masks/` and `classes.yaml`, as the reader `pairs` reads it.

    Attributes:
        folder: Where it is; made by the first correction.
        classes: Of the model that was corrected.
        writing: Held while files change; `images/a.png` and `masks/a.png` belong together.
    """

    folder: Path
    classes: Classes
    writing: Lock

    def keep(self, image: bytes, ending: str, labels: NDArray[np.uint8], name: str = "") -> tuple[str, int]:
        """Keep an image and its labels; the same image again replaces its labels.

        Args:
            image: Bytes of the file, as they came.
            ending: What a file of its kind is called, `.png`.
            labels: Class of each pixel, `IGNORE_INDEX` for none.
            name: What people call the image: written into the mask as its title, and nowhere else.

        Returns:
            The name it has here, and how many images there are.

        Raises:
            StorageError: If the disk refuses.
        """
        own = sha256(image).hexdigest()[:32]
        mask = _mask(labels, self.classes, name)
        with self.writing:
            if not self._legend.exists():
                write_text(self._legend, yaml_text(_written(self.classes).to_dict()))
            write_with(self.folder / "masks" / f"{own}.png", lambda beside: beside.write_bytes(mask))
            write_with(self.folder / "images" / f"{own}{ending}", lambda beside: beside.write_bytes(image))
            return own, sum(path.suffix != ".part" for path in (self.folder / "images").iterdir())

    @property
    def _legend(self) -> Path:
        return self.folder / "classes.yaml"


def fits(classes: Classes) -> bool:
    """Whether one class a pixel says all there is to say."""
    return classes.exclusive or len(classes) == 1


def open_corrections(folder: Path, classes: Classes) -> Corrections:
    """A folder for corrections, new or begun earlier; nothing is made yet.

    Raises:
        DataError: If it holds something else, or corrections of other classes.
    """
    corrections = Corrections(folder, classes, Lock())
    legend = folder / "classes.yaml"
    if legend.is_file():
        if legend.read_text(encoding="utf-8") != yaml_text(_written(classes).to_dict()):
            raise DataError(
                f"{folder} holds corrections of other classes. Its classes.yaml is not that of the model. "
                "Choose another folder."
            )
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder} holds something else. It has no classes.yaml. Choose a new folder.")
    return corrections


def _written(classes: Classes) -> Classes:
    """The classes with the values that masks have here: 0 and on; of a single plane 1, 0 is without it."""
    first = 0 if classes.exclusive else 1
    values = tuple(range(first, len(classes) + first))
    return replace(classes, values=values, ignored=(IGNORE_INDEX,) if classes.exclusive else ())


def _mask(labels: NDArray[np.uint8], classes: Classes, name: str) -> bytes:
    """The mask file: 8 bits with the colours of the classes as a palette."""
    colours = list(classes.colours)
    if not classes.exclusive:
        labels = np.where(labels == IGNORE_INDEX, 0, labels + 1).astype(np.uint8)
        colours = [BACKGROUND, *colours]
    picture = Image.fromarray(labels)
    colours += [_NONE] * (
        IGNORE_INDEX + 1 - len(colours)
    )  # with fewer, Pillow would write fewer bits a pixel
    picture.putpalette(bytes(part for colour in colours for part in colour))
    title = PngInfo()
    if name:
        title.add_itxt("Title", name[:_MOST_NAME].replace("\0", ""))
    buffer = BytesIO()
    picture.save(buffer, "PNG", pnginfo=title)
    return buffer.getvalue()
