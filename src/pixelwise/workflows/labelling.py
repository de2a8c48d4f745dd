"""Images one by one to labels and pictures, for methods that bring their own model."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from jaxtyping import Float
from torch import Tensor

from pixelwise.core.errors import DataError, RecipeError, listing, raise_faults
from pixelwise.data.images import read_image
from pixelwise.workflows.predict import find_images

_Made = TypeVar("_Made")

Make = Callable[[Path, Float[Tensor, "3 h w"], Path, Path], _Made]


def label_each(
    inputs: Sequence[Path | str], out: Path, make: Make[_Made], *, overwrite: bool = False
) -> list[_Made]:
    """What `make` makes of each image: it is given the file, its RGB, and where labels and picture go.

    Args:
        inputs: Image files, folders, or patterns.
        out: Folder for `labels/` and `overlays/`, which are made.
        make: Writes both files and says what it did.
        overwrite: Replace what earlier predictions left there.

    Returns:
        What was made of each image, in the order of their names.

    Raises:
        DataError: If images are missing, cannot be read, or share a name; those that can be are done first.
        RecipeError: If files would be overwritten.
    """
    files = find_images(inputs)
    twice = [stem for stem, number in Counter(file.stem for file in files).items() if number > 1]
    if twice:
        raise DataError(f"several images would be written to one name: {listing(twice)}. Predict them apart.")
    places = [(out / "labels" / f"{file.stem}.png", out / "overlays" / f"{file.stem}.png") for file in files]
    there = [labels for labels, _ in places if labels.exists()]
    if there and not overwrite:
        raise RecipeError(
            f"{len(there)} predictions are there already: {listing(there, 3)}. Choose another --out, or "
            "--overwrite."
        )
    for kind in ("labels", "overlays"):
        (out / kind).mkdir(parents=True, exist_ok=True)
    done: list[_Made] = []
    faults: list[str] = []
    for file, (labels, picture) in zip(files, places, strict=True):
        try:
            image = read_image(file, bands=3)
        except DataError as error:
            faults.append(str(error))
        else:
            done.append(make(file, image, labels, picture))
    raise_faults(DataError, f"{len(done)} images done, {len(faults)} could not be:", faults)
    return done
