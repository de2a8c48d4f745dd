"""What every augmentation promises. A new file in data/augmentations is tested here without a new line."""

import inspect

import pytest
import torch

from pixelwise.core.sample import Sample
from pixelwise.recipe.build import AUGMENTATIONS

NEEDED = {"crop": {"size": (20, 24)}}


@pytest.fixture(params=AUGMENTATIONS.names())
def change(request):
    return AUGMENTATIONS.configure(request.param, NEEDED.get(request.param, {}))


@pytest.fixture(params=["labels", "planes"])
def sample(request):
    """An image that shows its own labels: band 0 is the class, so they must stay together."""
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(40), indexing="ij")
    labels = (rows // 8 + columns // 8) % 3
    image = labels[None].float().repeat(2, 1, 1) / 2
    if request.param == "planes":
        labels = torch.nn.functional.one_hot(labels, 3).movedim(-1, 0).float()
    return Sample(image, labels, "drawn")


def drawn(change, sample, seed):
    return change(sample, torch.Generator().manual_seed(seed))


def test_image_and_labels_stay_together_and_labels_are_only_picked(change, sample) -> None:
    for seed in range(8):
        after = drawn(change, sample, seed)
        assert after.name == sample.name and after.labels.dtype == sample.labels.dtype
        assert after.labels.shape[-2:] == after.image.shape[1:]
        planes = after.labels.is_floating_point()
        allowed = {-1.0, 0.0, 1.0} if planes else {0, 1, 2, 255}
        assert set(after.labels.unique().tolist()) <= allowed
        if after.image.min() < 0 or after.image.max() > 1 or len(after.image.unique()) > 500:
            continue  # tones were changed: nothing to compare by value
        classes = after.labels.argmax(0) if planes else after.labels
        counts = after.labels.min(0).values >= 0 if planes else after.labels != 255
        inner = torch.nn.functional.max_pool2d(classes[None].float(), 5, 1, 2)[0] == classes
        inner &= -torch.nn.functional.max_pool2d(-classes[None].float(), 5, 1, 2)[0] == classes
        agree = ((after.image[0] * 2).round() == classes)[counts & inner].float()
        tones = {0.0, 0.5, 1.0} >= set(sample.image.unique().tolist()) and len(after.image.unique()) <= 3
        assert not tones or len(agree) == 0 or agree.mean() > 0.98


def test_the_same_seed_is_the_same_change_and_another_is_not(change, sample) -> None:
    once, again = drawn(change, sample, 5), drawn(change, sample, 5)
    assert torch.equal(once.image, again.image) and torch.equal(once.labels, again.labels)
    kinds = {tuple(drawn(change, sample, seed).image.flatten()[:50].tolist()) for seed in range(12)}
    assert len(kinds) > 1


def test_the_given_sample_is_left_alone(change, sample) -> None:
    image, labels = sample.image.clone(), sample.labels.clone()
    drawn(change, sample, 1)
    assert torch.equal(sample.image, image) and torch.equal(sample.labels, labels)


def test_an_image_without_labels_can_be_changed(change) -> None:
    assert drawn(change, Sample(torch.rand(3, 9, 7), None, "bare"), 0).labels is None


@pytest.mark.parametrize("size", [(1, 1), (2, 31), (17, 3)])
def test_no_size_fails(change, size) -> None:
    sample = Sample(torch.rand(1, *size), torch.zeros(size, dtype=torch.long), "small")
    for seed in range(4):
        drawn(change, sample, seed)


def test_signature_is_fit_for_a_recipe(change) -> None:
    params = list(inspect.signature(change.func).parameters.values())
    assert [p.name for p in params][:2] == ["sample", "rng"]
    assert all(p.kind is p.KEYWORD_ONLY and p.annotation is not p.empty for p in params[2:])
    assert "Reference:" in (change.func.__doc__ or "")
