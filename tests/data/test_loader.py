"""The stream: a function of its number alone, whatever the threads; each sample once an epoch."""

import os
from itertools import islice
from threading import Barrier, get_ident

import pytest
import torch

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, ShapeError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations.flip import flip
from pixelwise.data.loader import Stream, collate, in_order, mixed
from pixelwise.data.split import split
from pixelwise.data.store import Store


class Numbers:
    """Images that hold their own number."""

    def __init__(
        self, number=10, size=lambda i: (4, 6), planes=False, broken=(), splits=None, bands=lambda i: 1
    ):
        self.number, self.size, self.planes, self.broken, self.bands = number, size, planes, broken, bands
        self.classes = Classes(("a", "b"), exclusive=not planes)
        self.splits, self.notes = splits or {}, ()

    def __len__(self):
        return self.number

    def __getitem__(self, index):
        if index in self.broken:
            raise DataError(f"image {index} is damaged. Export it again.")
        image = torch.full((self.bands(index), *self.size(index)), index / 255)
        labels = torch.full(self.size(index), index % 2)
        return Sample(image, labels[None].float() * 0.5 if self.planes else labels, f"n{index}")


def numbers(batches) -> list[list[int]]:
    return [[int(name[1:]) for name in batch.names] for batch in batches]


def test_every_sample_once_an_epoch_in_an_order_of_the_seed() -> None:
    store = Store(Numbers(), range(10))
    seen = [n for batch in numbers(islice(Stream(store, batch_size=4, seed=1).batches(), 5)) for n in batch]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10)) and seen[:10] != seen[10:]
    other = [n for batch in numbers(islice(Stream(store, batch_size=4, seed=2).batches(), 5)) for n in batch]
    assert other != seen


@pytest.mark.parametrize("most", [None, 0], ids=["held", "read each time"])
@pytest.mark.parametrize("planes", [False, True])
def test_going_on_is_the_same_as_never_having_stopped(most, planes) -> None:
    store = Store(Numbers(planes=planes), range(10), most_bytes=most)
    assert store.cached == (most is None)
    whole = list(islice(Stream(store, batch_size=3, seed=0, augmentations=[flip], workers=1).batches(), 9))
    later = list(islice(Stream(store, batch_size=3, seed=0, augmentations=[flip], workers=4).batches(5), 4))
    for one, other in zip(whole[5:], later, strict=True):
        assert one.names == other.names
        assert torch.equal(one.images, other.images) and torch.equal(one.labels, other.labels)


@pytest.mark.parametrize("augmentations", [(), (flip,)], ids=["gathered", "changed"])
def test_processes_share_each_batch(augmentations) -> None:
    store = Store(Numbers(), range(10))
    told = {"batch_size": 4, "seed": 3, "augmentations": augmentations}
    whole = numbers(islice(Stream(store, **told).batches(), 6))
    parts = [numbers(islice(Stream(store, **told, rank=r, world=3).batches(), 6)) for r in range(3)]
    for number, batch in enumerate(whole):
        assert sorted(batch) == sorted(n for part in parts for n in part[number])


def test_a_batch_larger_than_the_data_repeats_them() -> None:
    store = Store(Numbers(3), range(3))
    (batch,) = numbers(islice(Stream(store, batch_size=8, seed=0).batches(), 1))
    assert len(batch) == 8 and set(batch) == {0, 1, 2}


def test_in_order_gives_each_once_and_groups_only_what_is_alike() -> None:
    store = Store(Numbers(7, size=lambda i: (4, 6) if i < 3 else (5, 5)), range(7))
    assert numbers(in_order(store, batch_size=2)) == [[0, 1], [2], [3, 4], [5, 6]]
    shares = [
        n
        for r in range(2)
        for batch in numbers(in_order(store, batch_size=2, rank=r, world=2))
        for n in batch
    ]
    assert sorted(shares) == list(range(7))


def test_smaller_images_are_filled_with_what_does_not_count() -> None:
    batch = collate([Sample(torch.ones(1, 2, 2), torch.ones(2, 2, dtype=torch.long), "a"),
                     Sample(torch.ones(1, 3, 1), torch.ones(3, 1, dtype=torch.long), "b")])  # fmt: skip
    assert batch.labels.tolist() == [[[1, 1], [1, 1], [255, 255]], [[1, 255], [1, 255], [1, 255]]]
    assert batch.images[1, 0].tolist() == [[1, 0], [1, 0], [1, 0]]


def test_what_is_held_comes_back_to_the_bit() -> None:
    class Kinds(Numbers):
        def __getitem__(self, index):
            rng = torch.Generator().manual_seed(index)
            whole = torch.randint(0, 256, (2, 4, 6), generator=rng)
            image = [whole / 255, (whole * 257) / 65535, torch.randn(2, 4, 6, generator=rng)][index % 3]
            return Sample(image, torch.randint(0, 3, (4, 6), generator=rng), f"n{index}")

    reader = Kinds()
    store = Store(reader, range(10))
    assert store.cached
    for number in range(10):
        assert torch.equal(store[number].image, reader[number].image)
        assert torch.equal(store[number].labels, reader[number].labels)
    assert Store(reader, range(10), most_bytes=0).digest == store.digest
    assert Store(reader, range(9), most_bytes=0).digest != store.digest


def test_what_fits_in_memory_is_read_once_however_long_training_takes() -> None:
    read: list[int] = []

    class Counted(Numbers):
        def __getitem__(self, index):
            read.append(index)
            return super().__getitem__(index)

    store = Store(Counted(), range(10), workers=3)
    for _ in islice(Stream(store, batch_size=4, seed=0, augmentations=[flip], workers=3).batches(), 10):
        pass
    assert sorted(read) == list(range(10))
    bare = Store(Counted(), range(10), most_bytes=0)
    read.clear()
    for _ in islice(Stream(bare, batch_size=5, seed=0, workers=3, ahead=0).batches(), 4):
        pass
    assert sorted(read) == sorted([*range(10)] * 2)


def test_workers_look_into_the_one_cache_and_never_copy_it(monkeypatch) -> None:
    """They are threads: a process of its own would hold all samples once more."""
    store = Store(Numbers(), range(10))
    held = store._stack.image.data_ptr()
    seen: set[tuple[int, int, int]] = set()
    together = Barrier(2, timeout=20)  # each waits for the other, so one cannot do all

    def look(sample: Sample, _rng: torch.Generator) -> Sample:
        seen.add((os.getpid(), get_ident(), store._stack.image.data_ptr()))
        together.wait()
        return sample

    def never(_store, _protocol):
        raise AssertionError("the store was pickled")

    monkeypatch.setattr(Store, "__reduce_ex__", never)
    batches = Stream(store, batch_size=4, seed=0, augmentations=[look], workers=2).batches()
    for _ in islice(batches, 3):
        pass
    together.abort()  # nobody waits for one that is no longer to come
    batches.close()
    assert {(process, pointer) for process, _, pointer in seen} == {(os.getpid(), held)}
    assert len({thread for _, thread, _ in seen}) == 2 and get_ident() not in {one[1] for one in seen}


def test_all_damaged_files_are_told_at_once() -> None:
    with pytest.raises(DataError) as error:
        Store(Numbers(broken=(2, 7)), range(10))
    assert "2 of 10 samples cannot be used" in str(error.value)
    assert "image 2 is damaged" in str(error.value) and "image 7 is damaged" in str(error.value)
    with pytest.raises(DataError, match="differ in their number of bands: 1 in n0, 3 in n4"):
        Store(Numbers(bands=lambda i: 3 if i == 4 else 1), range(10))


def test_too_much_for_memory_is_read_each_time() -> None:
    store = Store(Numbers(), range(10), most_bytes=100)
    assert not store.cached and store[3].name == "n3" and not store.stacked
    with pytest.raises(ShapeError, match="cannot be gathered"):
        store.gather([1])


def test_splits_are_drawn_once_and_for_all() -> None:
    splits, notes = split(Numbers(100), seed=4)
    assert sorted(n for part in splits.values() for n in part) == list(range(100))
    assert {name: len(part) for name, part in splits.items()} == {"train": 70, "val": 15, "test": 15}
    assert split(Numbers(100), seed=4)[0] == splits and split(Numbers(100), seed=5)[0] != splits
    assert "drawn at random, by seed 4" in notes[0]


def test_splits_of_the_data_are_kept_and_only_the_missing_drawn() -> None:
    reader = Numbers(10, splits={"train": range(8), "test": [8, 9]})
    splits, notes = split(reader, val=0.25)
    assert list(splits["test"]) == [8, 9] and len(splits["val"]) == 2 and len(splits["train"]) == 6
    assert "2 training images were set aside" in notes[0]
    nothing, told = split(reader, val=0.0)
    assert nothing["val"] is nothing["test"] and "the last weights are judged" in told[0]
    with pytest.raises(DataError, match="none called train"):
        split(Numbers(4, splits={"test": [1]}))
    with pytest.raises(DataError, match="lies in both"):
        split(Numbers(4, splits={"train": [0, 1], "val": [1], "test": [2]}))
    with pytest.raises(DataError, match="too few"):
        split(Numbers(1))


def test_seeds_have_nothing_in_common() -> None:
    assert len({mixed(s, n, p) for s in range(8) for n in range(50) for p in range(4)}) == 8 * 50 * 4
