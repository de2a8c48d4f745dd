"""Floats as small whole numbers, where not a bit is lost."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pixelwise.core.sample import Sample

_SCALES = {torch.uint8: 255.0, torch.uint16: 65535.0}


@dataclass(frozen=True, slots=True)
class Compact:
    """A sample, or a stack of samples of one size, in as few bytes as are exact."""

    image: Tensor
    labels: Tensor | None
    planes: bool

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.image.nbytes + (0 if self.labels is None else self.labels.nbytes)

    def restored(self) -> tuple[Tensor, Tensor | None]:
        """Image and labels as they were."""
        if self.labels is None or not self.planes:
            return _floats(self.image), None if self.labels is None else self.labels.long()
        return _floats(self.image), _floats(self.labels)

    def __getitem__(self, chosen: Tensor) -> "Compact":
        labels = None if self.labels is None else self.labels[chosen]
        return Compact(self.image[chosen], labels, self.planes)


def compact(sample: Sample) -> Compact:
    """The sample in as few bytes as give the very same numbers back."""
    labels, planes = sample.labels, False
    if labels is not None:
        planes = labels.is_floating_point()
        labels = _small(labels) if planes else labels.to(torch.uint8)
    return Compact(_small(sample.image), labels, planes)


def stacked(held: list[Compact]) -> Compact | None:
    """All of them as one, or None when there are none, they differ in size or lack labels."""
    labels = [one.labels for one in held if one.labels is not None]
    if not held or len(labels) < len(held) or len({one.image.shape for one in held}) > 1:
        return None
    return Compact(_stack([one.image for one in held]), _stack(labels), held[0].planes)


def _stack(parts: list[Tensor]) -> Tensor:
    alike = len({part.dtype for part in parts}) == 1
    return torch.stack(parts if alike else [_floats(part) for part in parts])


def _small(values: Tensor) -> Tensor:
    """Whole numbers, when dividing them by the scale gives the very same floats back."""
    for dtype, scale in _SCALES.items():
        scaled = (values * scale).round()
        if scaled.min() >= 0 and scaled.max() <= scale and torch.equal(scaled / scale, values):
            return scaled.to(dtype)
    return values


def _floats(values: Tensor) -> Tensor:
    scale = _SCALES.get(values.dtype)
    return values if scale is None else values.float() / scale
