"""Threads that read and prepare data."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")

_READERS = 4  # decoders release the interpreter


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """The function of every item, in order; for decoders, which do not compute with torch."""
    with ThreadPoolExecutor(_READERS) as pool:
        return list(pool.map(function, items))


@contextmanager
def preparers(workers: int) -> Generator[ThreadPoolExecutor, None, None]:
    """A pool whose threads compute with one core each.

    Torch gives every thread that calls it a team as large as the machine; teams of several threads
    on the same cores wait for one another, which cost a tenth of the time of training small nets.
    What a thread computes also no longer depends on how many cores there are.
    """
    cores = torch.get_num_threads()
    started = Barrier(workers + 1)

    def alone() -> None:
        torch.set_num_threads(1)
        started.wait()

    with ThreadPoolExecutor(workers, initializer=alone) as pool:
        waiting = [pool.submit(int) for _ in range(workers)]
        started.wait()
        torch.set_num_threads(cores)  # the setting of libraries that have one for all threads
        for future in waiting:
            future.result()
        yield pool
