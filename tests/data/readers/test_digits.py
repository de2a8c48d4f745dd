"""The reader as its users see it, on digits drawn by code."""

import pickle
import tracemalloc
from inspect import signature

import pytest
import torch

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import DataError
from pixelwise.data.readers.digits import digits


def test_defaults_promise_what_a_reader_promises() -> None:
    reader = digits(train=5, test=2)
    assert len(reader) == 7
    assert reader.classes.names == ("0", "1", "2") and not reader.classes.exclusive
    assert reader.splits == {"train": range(5), "test": range(5, 7)}
    assert "drawn by code" in reader.notes[0]
    samples = list(reader)
    assert [sample.name for sample in samples][4:] == ["train-00004", "test-00000", "test-00001"]
    assert all(sample.image.shape == (1, 60, 60) and sample.labels.shape == (3, 60, 60) for sample in samples)


def test_no_test_scenes_is_no_test_split() -> None:
    assert digits(train=3, test=0).splits == {"train": range(3)}


@pytest.mark.parametrize("index", [-1, 7])
def test_a_scene_that_is_not_there_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError, match=f"scene {index} of 7"):
        digits(train=5, test=2)[index]


@pytest.mark.parametrize("generator", ["original", "modern"])
def test_the_same_arguments_give_the_same_scenes_and_another_seed_others(generator: str) -> None:
    first, again, other = (digits(train=4, seed=s, generator=generator, noise=0.1) for s in (3, 3, 4))
    assert all(torch.equal(first[i].image, again[i].image) for i in range(4))
    assert not any(torch.equal(first[i].image, other[i].image) for i in range(4))


def test_modern_scenes_do_not_depend_on_how_many_are_asked_for() -> None:
    few = digits(train=3, test=2, generator="modern", noise=0.05)
    many = digits(train=50, test=20, generator="modern", noise=0.05)
    for split in ("train", "test"):
        for one, other in zip(few.splits[split], many.splits[split], strict=False):
            assert torch.equal(few[one].image, many[other].image)
            assert torch.equal(few[one].labels, many[other].labels)


def test_modern_scenes_differ_from_one_another_and_between_splits() -> None:
    reader = digits(train=20, test=20, generator="modern")
    assert len({sample.image.numpy().tobytes() for sample in reader}) == 40


@pytest.mark.parametrize("generator", ["original", "modern"])
def test_numbers_of_digits_and_places_cover_what_is_allowed(generator: str) -> None:
    reader = digits(train=300, size=(29, 60), max_overlap=1.0, num_classes=10, generator=generator)
    boxes, labels = zip(*(reader.boxes(i) for i in range(300)), strict=True)
    assert {len(scene) for scene in labels} == {2, 3, 4}
    assert set(torch.cat(labels).tolist()) == set(range(10))
    corners = torch.cat(boxes)
    assert set(corners[:, 0].tolist()) == set(range(33)) and set(corners[:, 1].tolist()) == {0, 1}


def test_exclusive_labels_are_the_planes_above_one_half() -> None:
    options = {
        "train": 20,
        "test": 0,
        "size": (90, 150),
        "max_overlap": 0.0,
        "num_classes": 10,
    }  # none gives way
    exclusive, planes = digits(exclusive=True, **options), digits(**options)
    assert exclusive.classes.names[:2] == ("background", "0") and exclusive.classes.exclusive
    for i in range(20):
        labels, truth = exclusive[i].labels, planes[i].labels
        assert labels.dtype == torch.int64
        for digit in range(10):
            assert torch.equal(labels == digit + 1, truth[digit] > 0.5)


def test_a_second_digit_of_a_class_erases_the_first_only_when_asked_to() -> None:
    options = {
        "train": 20,
        "test": 0,
        "size": (90, 150),
        "num_classes": 1,
        "exclusive": True,
        "max_overlap": 0.0,
    }
    fixed, faulty = digits(**options), digits(keep_erasing=True, **options)
    for i in range(20):
        boxes, _ = fixed.boxes(i)
        assert all(_any_in(fixed[i].labels, box) for box in boxes)
        assert [_any_in(faulty[i].labels, box) for box in boxes] == [False] * (len(boxes) - 1) + [True]


def _any_in(labels: torch.Tensor, box: torch.Tensor) -> bool:
    left, upper, right, lower = box.tolist()
    return bool((labels[upper:lower, left:right] > 0).any())


def test_binary_planes_are_the_grey_ones_above_one_half() -> None:
    grey, binary = digits(train=10), digits(train=10, target="binary")
    for i in range(10):
        assert torch.equal(binary[i].labels, (grey[i].labels > 0.5).float())
        assert torch.equal(binary[i].image, grey[i].image)


def test_boxes_cover_patches_and_tight_boxes_what_is_drawn() -> None:
    options = {"train": 20, "test": 0, "size": (90, 150), "max_overlap": 0.0}
    reader, filled = digits(**options), digits(target="box", **options)
    for i in range(20):
        whole, labels = reader.boxes(i)
        tight, same = reader.boxes(i, tight=True)
        assert torch.equal(labels, same) and whole.shape == (len(labels), 4)
        assert ((whole[:, 2:] - whole[:, :2]) == 28).all()
        for (left, upper, right, lower), digit in zip(tight.tolist(), labels.tolist(), strict=True):
            drawn = reader[i].labels[digit, upper:lower, left:right] > 0
            assert drawn[0].any() and drawn[-1].any() and drawn[:, 0].any() and drawn[:, -1].any()
        painted = torch.zeros(3, 90, 150)
        for (left, upper, right, lower), digit in zip(whole.tolist(), labels.tolist(), strict=True):
            painted[digit, upper:lower, left:right] = 1
        assert torch.equal(filled[i].labels, painted)


def test_empty_scenes_are_possible() -> None:
    reader = digits(train=30, min_digits=0, max_digits=1)
    empty = [i for i in range(30) if not len(reader.boxes(i)[1])]
    assert empty
    assert reader.boxes(empty[0])[0].shape == (0, 4)
    assert reader[empty[0]].image.sum() == 0 and reader[empty[0]].labels.sum() == 0


def test_three_bands_are_alike_but_for_the_noise() -> None:
    clean = digits(train=1, bands=3)[0].image
    noisy = digits(train=1, bands=3, noise=0.2)[0].image
    assert torch.equal(clean[0], clean[2])
    assert not torch.equal(noisy[0], noisy[2])
    assert noisy.min() >= 0 and noisy.max() <= 1
    inner = (clean == 0) & (noisy > 0)
    assert 0.15 < noisy[inner].square().mean().sqrt() < 0.25  # half of a normal distribution


def test_noise_changes_no_labels() -> None:
    assert torch.equal(digits(train=1)[0].labels, digits(train=1, noise=0.3)[0].labels)


@pytest.mark.parametrize("generator", ["original", "modern"])
def test_a_reader_can_be_sent_to_another_process(generator: str) -> None:
    reader = digits(train=2, generator=generator)
    sent = pickle.loads(pickle.dumps(reader))
    assert torch.equal(sent[1].image, reader[1].image)


def test_many_large_scenes_need_little_memory() -> None:
    digits(train=1)  # the pool is drawn once and kept
    tracemalloc.start()
    reader = digits(train=100_000, size=(512, 512), generator="modern")
    reader[77_777]
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 20e6


def test_scenes_without_room_are_told() -> None:
    reader = digits(train=3, test=1, min_digits=9, max_digits=9, max_overlap=0.0)
    assert reader.notes[-1] == "4 of 4 scenes hold fewer digits than drawn for them: no room was left."


def test_all_contradicting_options_are_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        digits(
            train=0,
            test=-1,
            size=(27, 60),
            min_digits=5,
            max_digits=4,
            num_classes=11,
            max_overlap=1.5,
            noise=-1.0,
            seed=-1,
        )
    message = str(caught.value)
    for part in (
        "train=0: at least one scene",
        "test=-1: must not be negative",
        "size=(27, 60): a digit of (28, 28) (rows, columns) must fit in",
        "max_digits=4: must be at least 1 and at least min_digits=5",
        "num_classes=11: must be in 1..10",
        "max_overlap=1.5: must be in 0..1",
        "noise=-1.0: must not be negative",
        "seed=-1: must be in 0..4294967295",
    ):
        assert part in message


def test_the_catalog_knows_it_and_checks_its_parameters() -> None:
    catalog = Catalog("pixelwise.data.readers", "reader")
    make = catalog.configure("digits", {"size": [40, 50], "train": 2, "test": 0})
    assert make(None)[0].image.shape == (1, 40, 50)
    assert "root" in signature(digits).parameters
