"""What a data set is like: the mean and spread of its bands, how often each class occurs."""

from dataclasses import dataclass

import torch

from pixelwise.data.store import Store

_LOOKED_AT = 200  # samples, evenly spaced: enough for a mean


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Numbers of a data set.

    Attributes:
        mean: Of each band, over all finite pixels.
        std: Of each band; one where a band never changes.
        shares: Of each class among the pixels that count.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    shares: tuple[float, ...]


def fingerprint(store: Store, num_classes: int) -> Fingerprint:
    """Look at up to 200 samples, evenly spaced."""
    number = min(len(store), _LOOKED_AT)
    sums = torch.zeros(3, store.bands, dtype=torch.float64)  # pixels, values, squares
    classes = torch.zeros(num_classes, dtype=torch.float64)
    for i in range(number):
        sample = store[i * len(store) // number]
        finite = sample.image.isfinite()
        image = sample.image.where(finite, 0.0).double()
        sums += torch.stack([finite.sum((1, 2)).double(), image.sum((1, 2)), (image * image).sum((1, 2))])
        if sample.labels is None:
            continue
        if sample.labels.is_floating_point():
            classes += sample.labels.clamp(min=0).sum((1, 2)).double()
        else:
            classes += torch.bincount(sample.labels.flatten(), minlength=256)[:num_classes].double()
    mean = sums[1] / sums[0].clamp(min=1)
    std = (sums[2] / sums[0].clamp(min=1) - mean**2).clamp(min=0).sqrt()
    std = std.where(std > 1e-6, 1.0)
    shares = classes / classes.sum().clamp(min=1e-12)
    return Fingerprint(tuple(mean.tolist()), tuple(std.tolist()), tuple(shares.tolist()))
