"""Augmentations on images small enough to see."""

import pytest
import torch
from torch import Generator

from pixelwise.core.errors import RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations.brightness import brightness
from pixelwise.data.augmentations.contrast import contrast
from pixelwise.data.augmentations.crop import crop
from pixelwise.data.augmentations.elastic import elastic
from pixelwise.data.augmentations.flip import flip
from pixelwise.data.augmentations.rotate import rotate
from pixelwise.data.augmentations.scale import scale

LABELS = torch.tensor([[0, 1], [2, 3]])
SMALL = Sample(LABELS[None].float(), LABELS, "a")


def rng(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_flip() -> None:
    assert flip(SMALL, rng(), horizontal=1.0).labels.tolist() == [[1, 0], [3, 2]]
    assert flip(SMALL, rng(), horizontal=0.0, vertical=1.0).labels.tolist() == [[2, 3], [0, 1]]
    assert flip(SMALL, rng(), horizontal=0.0).image.tolist() == SMALL.image.tolist()


def test_crop_of_a_smaller_image_pads_with_what_does_not_count() -> None:
    found = crop(SMALL, rng(), size=(3, 4))
    assert found.labels.shape == (3, 4)
    assert (found.labels == 255).sum() == 8 and sorted(found.labels[found.labels != 255].tolist()) == [
        0,
        1,
        2,
        3,
    ]
    assert (found.image[0][found.labels == 255] == 0).all()


def test_crop_reaches_every_corner() -> None:
    found = {int(crop(SMALL, rng(seed), size=(1, 1)).labels) for seed in range(64)}
    assert found == {0, 1, 2, 3}


def test_rotate_by_nothing_is_nothing_and_fill_is_as_asked() -> None:
    labels = torch.arange(24).view(4, 6)
    sample = Sample(labels[None].float() / 24, labels, "a")
    assert rotate(sample, rng(), degrees=0.0).labels.tolist() == labels.tolist()
    ones = Sample(torch.ones(1, 16, 16), torch.ones(16, 16, dtype=torch.long), "a")
    turned = [rotate(ones, rng(seed), degrees=45.0, fill="ignore") for seed in range(8)]
    assert any((one.labels == 255).any() for one in turned)
    assert all((rotate(ones, rng(seed), degrees=180.0).labels == 1).all() for seed in range(8))


def test_scale_keeps_labels_where_the_image_is() -> None:
    labels = torch.zeros(64, 64, dtype=torch.long)
    labels[:, 24:] = 1
    sample = Sample(labels[None].float(), labels, "a")
    found = scale(sample, rng(), low=0.25, high=0.25)  # 16 columns, the edge at 6
    assert found.labels.shape == (16, 16) and found.labels[0].tolist() == [0] * 6 + [1] * 10
    assert found.image[0, 0].round().long().tolist() == found.labels[0].tolist()
    with pytest.raises(RecipeError, match=r"low=2.* is above high=1"):
        scale(sample, rng(), low=2.0, high=1.0)


def test_tones_by_formula() -> None:
    image = torch.tensor([[[0.2, 0.6]]])
    sample = Sample(image, None, "a")
    after = contrast(sample, rng(3), amount=0.5).image
    factor = (after[0, 0, 1] - after[0, 0, 0]) / 0.4
    assert 0.5 <= factor <= 1.5
    torch.testing.assert_close(after.mean(), image.mean())
    bright = brightness(sample, rng(3), amount=0.5).image
    torch.testing.assert_close(bright, image * (bright / image)[0, 0, 0])


def test_elastic_moves_about_as_far_as_it_says() -> None:
    columns = torch.arange(100).float().expand(1, 100, 100)
    moved = torch.cat(
        [
            (
                elastic(Sample(columns, None, "a"), rng(seed), pixels=4.0).image[0, 30:70, 30:70]
                - columns[0, 30:70, 30:70]
            )
            for seed in range(60)
        ]
    )
    assert 1.5 < moved.std() < 4.5  # in between the arrows less than at them
