"""Samples as training and prediction get them."""

from collections.abc import Iterator
from itertools import islice
from time import monotonic

from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.sample import Batch
from pixelwise.data.images import read_image, split_missing
from pixelwise.data.loader import Stream
from pixelwise.data.reader import Listed, Reader
from pixelwise.data.store import Store
from pixelwise.recipe.build import build_augmentations
from pixelwise.recipe.recipe import Recipe

_FILES = 3


def some_batches(recipe: Recipe, store: Store, most: int, seconds: float) -> tuple[list[Batch], float]:
    """The first batches of a training, and the seconds that preparing one takes with nothing beside it.

    Args:
        recipe: What is trained.
        store: What is learnt from.
        most: Batches wanted.
        seconds: Time, after which two are enough.
    """
    stream = Stream(
        store,
        batch_size=recipe.train.batch_size // recipe.train.micro_batches,
        seed=recipe.seed,
        augmentations=build_augmentations(recipe),
        workers=recipe.data.workers,
        ahead=0,
    )
    batches, waits, source = list[Batch](), list[float](), stream.batches()
    while len(batches) < 2 or (len(batches) < most and sum(waits) < seconds):
        began = monotonic()
        batches.append(next(source))
        waits.append(monotonic() - began)
    return batches, min(waits[1:])


def read_twice(
    reader: Reader, store: Store, size: tuple[int, int] | None
) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Name of a few images, each as it is learnt from before random changes, and as it is predicted.

    Args:
        reader: Tells the files; where it does not there are none.
        store: What is learnt from.
        size: To which training and prediction resize, if they do.
    """
    if not isinstance(reader, Listed):
        return
    files = dict(zip(reader.names, reader.files, strict=True))
    for place, name in islice(enumerate(store.names), _FILES):
        image, _ = split_missing(read_image(files[name]))
        if size is not None:
            image = F.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
        yield name, store[place].image, image
