"""Who may come in: keys, places in the queue, and the end of work."""

import hmac
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from pixelwise.serve.limits import Limits
from pixelwise.serve.metrics import Metrics

_LATER = {"Retry-After": "1"}


class Desk:
    """Lets requests in, and knows how many are inside."""

    def __init__(
        self, limits: Limits, metrics: Metrics, *, key: str = "", origins: tuple[str, ...] = ()
    ) -> None:
        """A desk that is open.

        Args:
            limits: How many may be inside.
            metrics: Told of it.
            key: What clients must show; nothing is asked for where it is empty.
            origins: Other sites whose pages may send requests.
        """
        self.draining = False
        self.held = 0
        self._limits, self._metrics, self._key, self._origins = limits, metrics, key.encode(), origins

    def admit(self, request: Request) -> None:
        """Let a request pass that shows the key and is not sent by a foreign page.

        A browser sends forms of any site to a server on this very machine: without a look at where they
        come from, every page that is visited could teach the model.

        Raises:
            HTTPException: 401 without the key, 403 for a foreign page.
        """
        if self._key and not hmac.compare_digest(_shown(request), self._key):
            raise HTTPException(
                401,
                "the key is missing or wrong. Send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
                {"WWW-Authenticate": "Bearer"},
            )
        origin = request.headers.get("origin")
        if origin is None or request.method == "GET" or origin in self._origins:
            return
        if urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
            raise HTTPException(
                403,
                f"a page of {origin[:80]!r} may not use this server. Start it with --cors and the address of "
                "that page.",
            )

    @contextmanager
    def place(self) -> Generator[None]:
        """A place in the queue.

        Raises:
            HTTPException: 503 if there is none, or the server is about to stop.
        """
        if self.draining:
            raise HTTPException(503, "the server is about to stop. Ask again in a while.", _LATER)
        if self.held >= self._limits.queue:
            raise HTTPException(503, f"{self.held} requests wait already. Ask again in a while.", _LATER)
        self.held += 1
        self._metrics.held.set(self.held)
        try:
            yield
        finally:
            self.held -= 1
            self._metrics.held.set(self.held)


def _shown(request: Request) -> bytes:
    """The key a request shows, as it came over the wire."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    shown = key.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    return shown.encode("latin-1")
