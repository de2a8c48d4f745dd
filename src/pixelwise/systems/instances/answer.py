"""Images to the things in them, as files: class labels, pictures, and COCO's results."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, RecipeError, listing, raise_faults
from pixelwise.core.files import write_text
from pixelwise.data.images import read_image
from pixelwise.models._bridge import PRETRAINED
from pixelwise.report.pictures import index_png
from pixelwise.systems.instances.detector import Detector, open_detector
from pixelwise.systems.instances.entries import entry
from pixelwise.systems.instances.found import Instances, semantic
from pixelwise.systems.instances.picture import drawn
from pixelwise.workflows.predict import find_images

LEAST_SCORE = 0.5

_WIDEST = 480  # pixels up to which an image is enlarged, that names may be read
_KINDS = {"labels": ".png", "overlays": ".png", "instances": ".json"}


@dataclass(frozen=True, slots=True)
class Found:
    """What was made of one image.

    Attributes:
        image: The image file.
        labels: PNG of the class of each pixel: that of the surest thing there.
        picture: PNG of the image with boxes, masks, names and scores.
        instances: JSON of the things, as COCO's results, with their names.
        things: How many of each name.
    """

    image: Path
    labels: Path
    picture: Path
    instances: Path
    things: dict[str, int]


def detect(
    image: Path | str | Float[Tensor, "3 h w"],
    run: Path | str = PRETRAINED,
    *,
    least_score: float = LEAST_SCORE,
) -> Instances:
    """The things in one image, the surest first.

    Args:
        image: A file, or RGB in 0..1.
        run: What `teach` wrote, or its folder; `pretrained` downloads torchvision's for COCO.
        least_score: Things that are less sure are left out.

    Raises:
        CheckpointError: If the run cannot be used.
        DataError: If the image cannot be read.
    """
    pixels = image if isinstance(image, Tensor) else read_image(Path(image), bands=3)
    return open_detector(run).detect(pixels, least_score=least_score)


def find_instances(
    run: Path | str,
    inputs: Sequence[Path | str],
    *,
    out: Path | str,
    least_score: float = LEAST_SCORE,
    overwrite: bool = False,
) -> list[Found]:
    """Find the things in images: `labels/`, `overlays/` and `instances/` in `out`.

    Args:
        run: What `teach` wrote, or its folder; `pretrained` downloads torchvision's for COCO.
        inputs: Image files, folders, or patterns.
        out: Folder for the results.
        least_score: Things that are less sure are left out.
        overwrite: Replace what earlier predictions left there.

    Raises:
        CheckpointError: If the run cannot be used.
        DataError: If images are missing or cannot be read; those that can are done first.
        RecipeError: If files would be overwritten.
    """
    files = find_images(inputs)
    twice = [stem for stem, number in Counter(file.stem for file in files).items() if number > 1]
    if twice:
        raise DataError(f"several images would be written to one name: {listing(twice)}. Predict them apart.")
    places = [_place(Path(out), file) for file in files]
    there = [place.labels for place in places if place.labels.exists()]
    if there and not overwrite:
        raise RecipeError(
            f"{len(there)} predictions are there already: {listing(there, 3)}. Choose another --out, or "
            "--overwrite."
        )
    detector = open_detector(run)
    faults: list[str] = []
    done: list[Found] = []
    for place in places:
        try:
            image = read_image(place.image, bands=3)
        except DataError as error:
            faults.append(str(error))
            continue
        _write(place, image, detector.detect(image, least_score=least_score), detector)
        done.append(place)
    raise_faults(DataError, f"{len(done)} images done, {len(faults)} could not be:", faults)
    return done


def _place(out: Path, file: Path) -> Found:
    labels, picture, things = (out / kind / f"{file.stem}{end}" for kind, end in _KINDS.items())
    return Found(file, labels, picture, things, {})


def _write(place: Found, image: Tensor, found: Instances, detector: Detector) -> None:
    for path in (place.labels, place.picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    index_png(semantic(found), place.labels, Classes(_apart(detector.names)))
    times = max(1, _WIDEST // max(image.shape[1:]))
    Image.fromarray(drawn(image, found, times=times)).save(place.picture)
    told = [
        {"image_id": place.image.stem, "name": found.names[number]} | entry(found, number)
        for number in range(len(found))
    ]
    write_text(place.instances, json.dumps(told, indent=1))
    place.things.update(Counter(found.names))


def _apart(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that are all different: COCO's gaps share one."""
    shared = {name for name, number in Counter(names).items() if number > 1}
    return tuple(f"{name} {i}" if name in shared else name for i, name in enumerate(names))
