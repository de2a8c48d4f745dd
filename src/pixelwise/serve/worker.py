"""One thread that owns the models, and the images that wait for it: those of one size go together."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import torch
from torch import Tensor

from pixelwise.engine.predict import TILE, fits
from pixelwise.serve.limits import Limits
from pixelwise.serve.seeing import Seen, see, see_large
from pixelwise.workflows.trained import Trained

_Batch = asyncio.Future[list[Seen]]


@dataclass(eq=False, slots=True)
class _Job:
    """An image that waits; `turn` tells the batch it went into and its place there."""

    trained: Trained
    image: Tensor
    turn: asyncio.Future[tuple[_Batch, int]]
    arrived: float = field(default_factory=monotonic)
    left: bool = False

    @property
    def kind(self) -> tuple[int, torch.Size]:
        """What must be equal to go together."""
        return id(self.trained), self.image.shape


class Worker:
    """Takes images from many requests, and gives each its labels."""

    def __init__(self, limits: Limits, told: Callable[[int, float], None]) -> None:
        """A worker that is not at work yet.

        Args:
            limits: How many go together, and how long one waits for others.
            told: Called with the images of each batch and the seconds it took.
        """
        self._limits, self._told = limits, told
        self._waiting: dict[_Job, None] = {}  # in the order they came
        self._news = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def see(self, trained: Trained, image: Tensor) -> Seen:
        """The labels of an image `[c h w]`; one that is cancelled leaves the queue."""
        job = _Job(trained, image, asyncio.get_running_loop().create_future())
        self._waiting[job] = None
        self._news.set()
        try:
            batch, place = await job.turn
            return (await asyncio.shield(batch))[place]
        finally:
            job.left = True
            self._waiting.pop(job, None)

    async def work(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                jobs = await self._gathered()
                began = monotonic()
                batch = loop.run_in_executor(self._thread, _done, jobs)
                for place, job in enumerate(jobs):
                    if not job.turn.cancelled():
                        job.turn.set_result((batch, place))
                await asyncio.wait({batch})
                batch.exception()  # asked for, or asyncio would tell of it where nobody waits any more
                self._told(len(jobs), monotonic() - began)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _gathered(self) -> list[_Job]:
        """The first image that waits and others of its kind, once they are enough or have waited enough."""
        while True:
            self._waiting = {job: None for job in self._waiting if not job.turn.cancelled()}
            wait = None
            if self._waiting:
                first = next(iter(self._waiting))
                jobs, wait = self._like(first), first.arrived + self._limits.window_s - monotonic()
                if len(jobs) == self._most(first) or wait <= 0:
                    break
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait)
        for job in jobs:
            del self._waiting[job]
        return jobs

    def _like(self, first: _Job) -> list[_Job]:
        same = [job for job in self._waiting if job.kind == first.kind]
        return same[: self._most(first)]

    def _most(self, job: _Job) -> int:
        """How many of its size are no more work at once than one tile; one that needs windows goes alone."""
        if not fits(job.image, job.trained.tile):
            return 1
        return min(self._limits.batch, max(1, TILE**2 // job.image[0].numel()))


def _done(jobs: list[_Job]) -> list[Seen]:
    """The labels of images of one kind, in the thread of the models."""
    trained, image = jobs[0].trained, jobs[0].image
    if not fits(image, trained.tile):
        return [see_large(trained, image, lambda: not jobs[0].left)]
    return see(trained, torch.stack([job.image for job in jobs]))
