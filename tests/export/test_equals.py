"""What stands for a pooling must equal it, to the last tie."""

import pytest
import torch
from torch.nn import functional as F

from pixelwise.export.equals import InOtherWords, maxima_and_places, means_of_parts


@pytest.mark.parametrize("parts", [(1, 2), (2, 3), (6, 6), (17, 23), (20, 5)])
def test_means_of_parts_are_adaptive_pooling(parts) -> None:
    images = torch.rand(2, 3, 17, 23)
    torch.testing.assert_close(means_of_parts(images, parts), F.adaptive_avg_pool2d(images, parts))


@pytest.mark.parametrize("size", [(8, 6), (9, 7), (2, 2)])
def test_places_of_maxima_are_those_of_pooling(size) -> None:
    images = torch.randint(3, (2, 3, *size), generator=torch.Generator().manual_seed(0)).float()  # many ties
    found = maxima_and_places(images)
    for ours, theirs in zip(found, F.max_pool2d(images, 2, return_indices=True), strict=True):
        assert torch.equal(ours, theirs)


def test_only_what_has_an_equal_is_replaced() -> None:
    images = torch.rand(1, 2, 12, 12)
    three = F.max_pool2d(images, 3, 1, 1, return_indices=True)
    mean = F.adaptive_avg_pool2d(images, (3, 5))
    with InOtherWords():
        again = F.max_pool2d(images, 3, 1, 1, return_indices=True)
        assert torch.equal(again[1], three[1])
        assert torch.equal(F.adaptive_avg_pool2d(images, (3, 5)), mean)
