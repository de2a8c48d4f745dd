"""Samples to batches: an endless stream whose every batch is a function of its number alone.

The stream is one permutation of the samples after another, cut into batches of one size. What a
sample looks like depends on the seed and its position in the stream, never on threads or on what
was drawn before, so going on at batch `n` needs no more than `n`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.sample import Batch, Sample
from pixelwise.data.store import Store
from pixelwise.data.threads import preparers

Augment = Callable[[Sample, Generator], Sample]


class Stream:
    """Endless training batches.

    Args:
        store: The samples.
        batch_size: Samples of one step, over all processes together.
        seed: Of order and augmentations.
        augmentations: Applied one after the other to each sample.
        rank: Number of this process; it takes every `world`-th sample of each batch.
        world: Number of processes.
        workers: Threads that prepare samples.
        ahead: Batches prepared while others are learnt from. Zero where learning needs every core:
            there, preparing beside it slows both down.
    """

    def __init__(
        self,
        store: Store,
        *,
        batch_size: int,
        seed: int,
        augmentations: Sequence[Augment] = (),
        rank: int = 0,
        world: int = 1,
        workers: int = 2,
        ahead: int = 4,
    ) -> None:
        self._store, self._batch_size, self._seed = store, batch_size, seed
        self._augmentations = tuple(augmentations)
        self._rank, self._world = rank, world
        self._workers, self._ahead = workers, ahead
        self._order: tuple[int, list[int]] = (-1, [])

    def batches(self, start: int = 0) -> Iterator[Batch]:
        """Batches from number `start` on."""
        if not self._augmentations and self._store.stacked:
            while True:
                yield self._gathered(self._drawn(start))
                start += 1
        with preparers(self._workers) as pool:
            waiting: deque[list[Future[Sample]]] = deque()
            try:
                while True:
                    while len(waiting) <= self._ahead:
                        waiting.append([pool.submit(self._changed, *one) for one in self._drawn(start)])
                        start += 1
                    yield collate([future.result() for future in waiting.popleft()])
            finally:
                for future in (future for batch in waiting for future in batch):
                    future.cancel()

    def _drawn(self, number: int) -> list[tuple[int, int]]:
        """Position in the stream and number of each sample that this process takes of a batch."""
        first = number * self._batch_size
        positions = range(first + self._rank, first + self._batch_size, self._world)
        return [(position, self._sample_at(position)) for position in positions]

    def _sample_at(self, position: int) -> int:
        epoch, place = divmod(position, len(self._store))
        if self._order[0] != epoch:
            rng = Generator().manual_seed(mixed(self._seed, epoch, 0))
            self._order = (epoch, torch.randperm(len(self._store), generator=rng).tolist())
        return self._order[1][place]

    def _gathered(self, drawn: list[tuple[int, int]]) -> Batch:
        """A batch of samples that are held in one piece and not changed."""
        numbers = [number for _, number in drawn]
        images, labels = self._store.gather(numbers)
        return Batch(images, labels, tuple(self._store.names[number] for number in numbers))

    def _changed(self, position: int, number: int) -> Sample:
        sample = self._store[number]
        if self._augmentations:
            rng = Generator().manual_seed(mixed(self._seed, position, 1))
            for change in self._augmentations:
                sample = change(sample, rng)
        return sample


def in_order(store: Store, *, batch_size: int, rank: int = 0, world: int = 1) -> Iterator[Batch]:
    """Each sample of this process's share once, unchanged; neighbours of one size share a batch."""
    share = list(range(rank, len(store), world))
    while share:
        size = store.sizes[share[0]]
        alike = 1
        while alike < min(batch_size, len(share)) and store.sizes[share[alike]] == size:
            alike += 1
        numbers, share = share[:alike], share[alike:]
        if store.stacked:
            yield Batch(*store.gather(numbers), tuple(store.names[number] for number in numbers))
        else:
            yield collate([store[number] for number in numbers])


def collate(samples: Sequence[Sample]) -> Batch:
    """Samples as one batch; smaller ones are filled below and right with pixels that do not count."""
    rows = max(sample.image.shape[1] for sample in samples)
    columns = max(sample.image.shape[2] for sample in samples)
    images = torch.stack([_filled(sample.image, rows, columns, 0) for sample in samples])
    labels = [_filled(sample.labels, rows, columns) for sample in samples if sample.labels is not None]
    return Batch(images, torch.stack(labels), tuple(sample.name for sample in samples))


def _filled(values: Tensor, rows: int, columns: int, fill: int | None = None) -> Tensor:
    below, right = rows - values.shape[-2], columns - values.shape[-1]
    if not below and not right:
        return values
    if fill is None:
        fill = -1 if values.is_floating_point() else IGNORE_INDEX
    return F.pad(values, (0, right, 0, below), value=fill)


def mixed(seed: int, number: int, purpose: int) -> int:
    """One seed of three numbers, well stirred (splitmix64), so that neighbours have nothing in common."""
    word = (seed * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9 + purpose * 0x94D049BB133111EB) % 2**64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
    return (word ^ (word >> 31)) % 2**63
