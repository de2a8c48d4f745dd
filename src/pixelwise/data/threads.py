"""Threads that prepare data beside a computing main thread."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import torch


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
