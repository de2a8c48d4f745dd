"""What every writer is given, sheet by sheet, and what it says of its own form."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, Int64
from torch import Tensor

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.drawings.shapes import Shape
from pixelwise.data.writers._legend import Legend

MOST_THINGS = 254  # in a mask of 8 bits, beside 0 and 255
Labels = Int64[np.ndarray, "h w"]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """An image with its labels, as pixels or as shapes: what the form that is written asks for.

    Attributes:
        name: Name of its files, unique, without folders.
        size: Rows and columns.
        split: train, val, test, or None.
        image: The image file, which is kept as it is; its pixels where there is none.
        place: Where on Earth it lies, when known.
        labels: Class of each pixel, `IGNORE_INDEX` where it does not count. Of planes: 0 for none of them,
            else 1 more than the plane.
        things: Number of the thing each pixel shows, from 1; 0 for none. None where things are not known.
        shapes: What lies below comes first. Where classes are exclusive and one of them is not drawn, it is
            what no shape covers.
    """

    name: str
    size: tuple[int, int]
    split: str | None
    image: Path | Float[Tensor, "c h w"]
    place: Place | None = None
    labels: Labels | None = None
    things: Labels | None = None
    shapes: tuple[Shape, ...] = ()

    def pixels(self) -> Labels:
        """The labels, which forms that hold masks are given.

        Raises:
            DataError: If there are none.
        """
        if self.labels is None:
            raise DataError(f"{self.name} has no labels. A form of masks needs them. Give a mask.")
        return self.labels


@dataclass(frozen=True, slots=True)
class Speech:
    """What a form can say.

    Attributes:
        form: Whether it holds masks or drawings.
        reader: The reader that reads it.
        holes: Whether its polygons have holes.
        masks: What it calls pixels among drawings, for shapes that its polygons cannot say.
        things: Whether it tells which pixels or shapes are one thing.
        apart: Whether shapes that do not follow one another can be one thing.
        crowds: Whether it can mark regions of many things.
        tops: Whether its reader takes what stands later in the file for what lies on top.
        values: Whether masks may hold any number from 0 to 255 for a class.
        spaces: Whether names of images may have spaces.
    """

    form: Literal["masks", "drawings"]
    reader: str
    holes: bool = False
    masks: str = "masks"
    things: bool = False
    apart: bool = True
    crowds: bool = False
    tops: bool = True
    values: bool = True
    spaces: bool = True


Writer = Callable[[Iterable[Sheet], Path, Legend], None]
