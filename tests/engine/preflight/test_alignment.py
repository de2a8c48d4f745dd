"""Changes that keep image and labels together, and some that real tutorials got wrong."""

from functools import partial

import pytest
import torch

from pixelwise.core.catalog import Catalog
from pixelwise.core.sample import Sample
from pixelwise.engine.preflight.alignment import alignment

AUGMENTATIONS = Catalog("pixelwise.data.augmentations", "augmentation")
HARD = {
    "crop": {"size": (48, 64), "zoom": (0.5, 1.5)},
    "rotate": {"degrees": 180.0, "fill": "ignore"},
    "elastic": {"pixels": 20.0},
    "flip": {"vertical": 0.5},
    "brightness": {"amount": 0.9},
    "contrast": {"amount": 0.9},
    "scale": {"low": 0.3, "high": 2.0},
}


def looked(name, change, exclusive=True):
    return alignment([(name, change)], bands=3, num_classes=5, exclusive=exclusive)


def only_image(change):
    """The change, as one who forgot the labels would make it."""
    return lambda sample, rng: Sample(change(sample, rng).image, sample.labels, sample.name)


@pytest.mark.parametrize("exclusive", [True, False], ids=["exclusive", "planes"])
@pytest.mark.parametrize("name", AUGMENTATIONS.names())
def test_every_change_of_the_catalog_keeps_them_together(name, exclusive) -> None:
    (found,) = looked(name, AUGMENTATIONS.configure(name, HARD.get(name, {})), exclusive)
    assert found.severity == "fine" and name in found.saying


@pytest.mark.parametrize("exclusive", [True, False], ids=["exclusive", "planes"])
@pytest.mark.parametrize("name", ["flip", "rotate", "elastic"])
def test_an_image_that_moves_without_its_labels_is_a_fault(name, exclusive) -> None:
    change = AUGMENTATIONS.configure(name, {})
    (found,) = looked(name, only_image(change), exclusive)
    assert found.severity == "fault" and f"augmentation '{name}'" in found.saying
    assert "data.augmentations" in found.advice


@pytest.mark.parametrize(
    ("axes", "words"), [((2,), "mirrored left to right"), ((1,), "top to bottom"), ((1, 2), "upside down")]
)
def test_what_would_mend_it_is_named(axes, words) -> None:
    (found,) = looked("mirror", lambda s, rng: Sample(s.image.flip(axes), s.labels, s.name))
    assert words in found.saying and "only " in found.saying


def test_a_shift_of_two_pixels_both_ways_shows() -> None:
    (found,) = looked("shift", lambda s, rng: Sample(s.image.roll((2, 2), (1, 2)), s.labels, s.name))
    assert found.severity == "fault"


def test_labels_that_are_blended_are_a_fault() -> None:
    def blended(sample, rng):
        smooth = torch.nn.functional.avg_pool2d(sample.labels[None].float(), 3, 1, 1)[0]
        return Sample(sample.image, smooth.round().long(), sample.name)

    (found,) = looked("blend", blended)
    assert "mixes labels: classes 0 and 4 went in" in found.saying


def test_lost_labels_and_broken_pixels_are_faults() -> None:
    faults = alignment(
        [
            ("forget", lambda s, rng: Sample(s.image, None, s.name)),
            ("fine", lambda s, rng: s),
            ("divide", lambda s, rng: Sample(s.image / 0, s.labels, s.name)),
        ],
        bands=1,
        num_classes=2,
        exclusive=True,
    )
    assert [fault.severity for fault in faults] == ["fault", "fault"]
    assert "takes the labels away" in faults[0].saying and "no numbers" in faults[1].saying


def test_noise_and_small_erasures_are_no_faults() -> None:
    def noisy(amount, sample, rng):
        noise = torch.randn(sample.image.shape, generator=rng)
        return Sample(sample.image + amount * noise, sample.labels, sample.name)

    def erased(sample, rng):
        image = sample.image.clone()
        image[:, 20:50, 20:50] = 0
        return Sample(image, sample.labels, sample.name)

    for change in (partial(noisy, 0.1), erased):
        assert looked("photographic", change)[0].severity == "fine"


def test_nothing_configured_is_fine() -> None:
    (found,) = alignment([], bands=3, num_classes=2, exclusive=True)
    assert found.severity == "fine" and "no random changes" in found.saying
