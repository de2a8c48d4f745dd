"""Samples of another size: images smoothed, labels only ever picked."""

from torchvision.transforms.v2 import functional as F

from pixelwise.core.sample import Sample
from pixelwise.data.augmentations._joint import BILINEAR, NEAREST_EXACT, jointly


def resize(sample: Sample, size: tuple[int, int]) -> Sample:
    """The sample at `size` (rows, columns): bilinear with antialiasing for the image, nearest for labels."""
    wanted = list(size)
    return jointly(
        sample,
        lambda image: F.resize(image, wanted, BILINEAR, antialias=True),
        lambda labels: F.resize(labels, wanted, NEAREST_EXACT),
    )
