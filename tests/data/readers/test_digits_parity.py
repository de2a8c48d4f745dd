"""The reader against the published generator, number by number."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.data.digit_scenes.layouts import Dice, InOneGo
from pixelwise.data.digit_scenes.pool import drawn_pools
from pixelwise.data.digit_scenes.scene import Pool, Rules, paint
from pixelwise.data.readers.digits import digits
from tests.data.readers.digits_reference import extended


def settled(**changes) -> Rules:
    usual = {
        "size": (60, 60),
        "min_digits": 2,
        "max_digits": 4,
        "num_classes": 3,
        "max_overlap": 0.2,
        "overlap": "sum",
        "target": "grey",
        "exclusive": False,
        "keep_erasing": False,
    }
    return Rules(**(usual | changes))


def reference(pools, counts, rules: Rules, seed: int):
    """Images [n 1 h w] and planes [n k h w] of the published generator, rounded to float32."""
    made = extended(
        *((pool.images, pool.labels) for pool in pools),
        counts,
        seed=seed,
        size=rules.size,
        min_digits=rules.min_digits,
        max_digits=rules.max_digits,
        num_classes=rules.num_classes,
        max_overlap=rules.max_overlap,
        overlap=rules.overlap,
        target_options={
            "box": rules.target == "box",
            "exclusive": rules.exclusive,
            "keep_erasing": rules.keep_erasing,
        },
    )
    return [
        torch.from_numpy(np.concatenate(part).transpose(0, 3, 1, 2).astype(np.float32))
        for part in zip(*made, strict=True)
    ]


def painted(pools, counts, rules: Rules, seed: int):
    layouts = InOneGo(pools, counts, rules, seed)
    scenes = [
        paint(layouts.scene(split, number), pools[split], rules)
        for split in (0, 1)
        for number in range(counts[split])
    ]
    return [torch.stack(part) for part in zip(*scenes, strict=True)]


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(28, 70), st.integers(28, 70)),
    digits_asked=st.tuples(st.integers(1, 3), st.integers(0, 3)),
    num_classes=st.integers(1, 10),
    max_overlap=st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0]),
    overlap=st.sampled_from(["sum", "iou"]),
    target=st.sampled_from(["grey", "box"]),
    exclusive=st.booleans(),
    keep_erasing=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_same_numbers_as_the_published_generator(digits_asked, seed: int, **changes) -> None:
    low, more = digits_asked
    rules = settled(min_digits=low, max_digits=low + more, **changes)
    pools, counts = [Pool(p.images[:300], p.labels[:300]) for p in drawn_pools()], (3, 2)
    images, planes = painted(pools, counts, rules, seed)
    expected_images, expected_planes = reference(pools, counts, rules, seed)
    assert torch.equal(images, expected_images)
    assert torch.equal(planes, expected_planes)


@given(limits=st.lists(st.integers(1, 70_000), min_size=1, max_size=50), seed=st.integers(0, 2**32 - 1))
def test_dice_fall_as_the_legacy_generator_of_numpy(limits: list[int], seed: int) -> None:
    ours, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
    dice = Dice(lambda: ours.randint(2**32, size=8, dtype=np.uint32).tolist())
    assert [dice.below(limit) for limit in limits] == [theirs.randint(limit) for limit in limits]


def test_sums_of_whole_grey_levels_are_the_rounded_sums_of_fractions() -> None:
    levels = np.arange(256)
    exact = np.minimum(levels[:, None] + levels, 255).astype(np.float32) / np.float32(255)
    fractions = np.clip(levels[:, None] / 255.0 + levels / 255.0, 0, 1).astype(np.float32)
    assert np.array_equal(exact, fractions)


def test_planes_are_clipped_to_the_brightest_digit_of_the_scene() -> None:
    faint, bright = np.full((28, 28), 100, np.uint8), np.full((28, 28), 120, np.uint8)
    pool = Pool(np.stack([faint, bright]), np.array([0, 0]))
    rules = settled(size=(28, 28), num_classes=1, max_overlap=1.0)
    pools = [pool, pool]
    images, planes = painted(pools, (8, 1), rules, 0)
    assert planes.amax() == torch.tensor(120 / 255)
    assert images.amax() == 1
    assert torch.equal(planes, reference(pools, (8, 1), rules, 0)[1])


@pytest.mark.real
def test_published_settings_on_mnist_give_the_measured_facts(real_data: Path) -> None:
    reader = digits(real_data / "mnist")
    measured = {"train": (0.95978, 0.7055), "test": (0.96006, 0.7099)}
    for split, (zeros, recall) in measured.items():
        planes = torch.stack([reader[i].labels for i in reader.splits[split]])
        assert (planes == 0).double().mean().item() == pytest.approx(zeros, abs=5e-6)
        ceiling = (planes > 0.5).sum() / (planes > 0).sum()  # Keras takes all above 0 for true
        assert ceiling.item() == pytest.approx(recall, abs=5e-5)
    placed = [len(reader.boxes(i)[1]) for i in reader.splits["train"]]
    assert sum(placed) / len(placed) == pytest.approx(2.976)
    assert reader.notes == ()  # no scene lost a digit


@pytest.mark.real
def test_published_settings_on_mnist_give_the_published_arrays(real_data: Path) -> None:
    reader = digits(real_data / "mnist", train=60, test=20)
    images, planes = reference(reader._pools, (60, 20), settled(), 1)
    samples = list(reader)
    assert torch.equal(torch.stack([sample.image for sample in samples]), images)
    assert torch.equal(torch.stack([sample.labels for sample in samples]), planes)
