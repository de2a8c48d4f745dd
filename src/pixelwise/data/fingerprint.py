"""What a data set is like: the mean and spread of its bands, how often each class occurs."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.data.rasters.ground import metres_a_pixel
from pixelwise.data.store import Store

_LOOKED_AT = 200  # samples, evenly spaced: enough for a mean


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Numbers of a data set.

    Attributes:
        mean: Of each band, over all finite pixels.
        std: Of each band; one where a band never changes.
        low: Smallest value of each band.
        high: Largest value of each band.
        metres: Side of the ground that a pixel covers, smallest and largest; None where no place is known.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    metres: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each class occurs among the pixels that count; zero for one that never does.

    Attributes:
        overall: Among those of all images.
        where_present: Among those of the images that show the class.
    """

    overall: tuple[float, ...]
    where_present: tuple[float, ...]


def fingerprint(store: Store) -> Fingerprint:
    """Look at up to 200 samples, evenly spaced."""
    number = min(len(store), _LOOKED_AT)
    sums = torch.zeros(3, store.bands, dtype=torch.float64)  # pixels, values, squares
    low, high = torch.full((2, store.bands), torch.inf).unbind()
    for i in range(number):
        sample = store[i * len(store) // number]
        finite = sample.image.isfinite()
        image = sample.image.where(finite, 0.0).double()
        sums += torch.stack([finite.sum((1, 2)).double(), image.sum((1, 2)), (image * image).sum((1, 2))])
        low = torch.minimum(low, sample.image.where(finite, torch.inf).amin((1, 2)))
        high = torch.minimum(high, -sample.image.where(finite, -torch.inf).amax((1, 2)))
    mean = sums[1] / sums[0].clamp(min=1)
    std = (sums[2] / sums[0].clamp(min=1) - mean**2).clamp(min=0).sqrt()
    std = std.where(std > 1e-6, 1.0)
    sides = [metres_a_pixel(place) for place in store.places if place is not None]
    metres = [side for side in sides if side is not None]
    measured = (
        tuple(values.nan_to_num(posinf=0.0, neginf=0.0).tolist()) for values in (mean, std, low, -high)
    )
    return Fingerprint(*measured, metres=(min(metres), max(metres)) if metres else None)


def class_shares(store: Store, num_classes: int) -> Shares:
    """Count the labels of every sample."""
    sums = torch.zeros(3, num_classes, dtype=torch.float64)  # true, counted, counted where present
    for i in range(len(store)):
        labels = store[i].labels
        if labels is not None:
            true, every = _counts(labels, num_classes)
            sums += torch.stack([true, every, every * (true > 0)])
    overall, where_present = sums[0] / sums[1:].clamp(min=1)
    return Shares(tuple(overall.tolist()), tuple(where_present.tolist()))


def _counts(labels: Tensor, num_classes: int) -> tuple[Float[Tensor, " k"], Float[Tensor, " k"]]:
    """Pixels of each class, and pixels that could have been of it."""
    if labels.is_floating_point():
        return labels.clamp(min=0).sum((1, 2)).double(), (labels >= 0).sum((1, 2)).double()
    true = torch.bincount(labels.flatten(), minlength=256)[:num_classes].double()
    return true, true.sum().expand(num_classes)
