"""The way of one image through the server."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TypeVar

from fastapi import HTTPException, Request, Response

from pixelwise.core.errors import DataError
from pixelwise.engine.predict import TILE
from pixelwise.serve.accepting import JSON, LABELS, PNG, TIFF
from pixelwise.serve.decoding import Picture, Upload, decoded, labels_in, look_at, never
from pixelwise.serve.limits import Limits
from pixelwise.serve.models import Served
from pixelwise.serve.rendering import (
    Found,
    Kind,
    as_json,
    as_labels_and_confidence,
    as_png,
    as_tiff,
)
from pixelwise.serve.worker import Worker

_Result = TypeVar("_Result")

_THREADS = 4
_HTTP_GONE = 499  # nobody reads it


@dataclass(frozen=True, slots=True, eq=False)
class Kitchen:
    """Where images are decoded, labelled and drawn; none of it where requests are answered.

    Attributes:
        limits: For decoding.
        worker: Has the models.
        decoders: Threads that decode.
        drawers: Threads that draw.
        alone: Held by an image that is large, from decoding to drawing: two might not fit into memory.
    """

    limits: Limits
    worker: Worker
    decoders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "decode"))
    drawers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "draw"))
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def predict(
        self, content: bytes, served: Served, form: str, kind: Kind, *, polygons: bool
    ) -> Response:
        """The answer for an image.

        Raises:
            HTTPException: If the image is not what the model takes.
        """
        began, loop = monotonic(), asyncio.get_running_loop()
        upload = await loop.run_in_executor(self.decoders, look_at, content, self.limits)
        _check_bands(upload, served)

        async def cook() -> Response:
            picture = await loop.run_in_executor(self.decoders, decoded, upload)
            found = await self._found(picture, served)

            def drawn() -> bytes:
                if form == JSON:
                    odd = served.trained.departures(picture.image, picture.place)
                    seconds = monotonic() - began
                    return as_json(found, served.name, seconds, departures=odd, polygons=polygons)
                if form == PNG:
                    return as_png(found, kind)
                return as_tiff(found) if form == TIFF else as_labels_and_confidence(found)

            body = await loop.run_in_executor(self.drawers, drawn)
            return Response(body, media_type=PNG if form == LABELS else form)

        rows, columns = upload.header.size
        if rows * columns <= TILE**2:
            return await cook()
        async with self.alone:
            return await cook()

    async def correct(self, image: bytes, labels: bytes, name: str, served: Served) -> tuple[str, int]:
        """Keep an image with corrected labels.

        Raises:
            HTTPException: If none are taken, or image and labels do not fit.
        """
        kept = served.corrections
        if kept is None:
            raise HTTPException(
                403,
                "corrections are not kept here. Start the server with --corrections FOLDER; models whose "
                "classes overlap take none.",
            )

        def work() -> tuple[str, int]:
            upload = look_at(image, self.limits)
            _check_bands(upload, served)
            decoded(upload)  # damaged data would stop a training
            numbers = labels_in(labels, upload.header.size, len(served.trained.classes), self.limits)
            return kept.keep(image, upload.ending, numbers, name)

        async with self.alone:
            return await asyncio.get_running_loop().run_in_executor(self.decoders, work)

    async def _found(self, picture: Picture, served: Served) -> Found:
        seen = await self.worker.see(served.trained, picture.image)
        classes = served.trained.classes
        return Found(
            picture, replace(seen, labels=never(picture, seen.labels, exclusive=classes.exclusive)), classes
        )

    def close(self) -> None:
        """Let the threads end."""
        for threads in (self.decoders, self.drawers):
            threads.shutdown(wait=False, cancel_futures=True)


async def while_wanted(request: Request, limits: Limits, work: Callable[[], Awaitable[_Result]]) -> _Result:
    """The result of `work`, which ends when the client leaves or time is up.

    Raises:
        HTTPException: 503 when time is up.
    """
    working = asyncio.ensure_future(work())
    leaving = asyncio.ensure_future(request.receive())  # the body is read: only its leaving can come
    try:
        done, _ = await asyncio.wait(
            {working, leaving}, timeout=limits.timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if working in done:
            return working.result()
        if leaving in done:
            raise HTTPException(_HTTP_GONE, "the client left before it was answered.")
        raise HTTPException(
            503,
            f"it took more than {limits.timeout_s:g} s. Ask again, or send a smaller image.",
            {"Retry-After": str(max(1, round(limits.timeout_s / 4)))},
        )
    finally:
        working.cancel()
        leaving.cancel()


def _check_bands(upload: Upload, served: Served) -> None:
    try:
        served.trained.check_bands(upload.header.bands, "the image")
    except DataError as error:
        raise HTTPException(422, str(error)) from None
