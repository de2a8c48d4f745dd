"""Every fault as one sentence in JSON, and what is done around every answer."""

import logging
from time import monotonic
from typing import Any, cast

import torch
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixelwise.core.errors import PixelwiseError, StorageError
from pixelwise.serve.metrics import Metrics

_SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_PLAIN = {
    404: "there is nothing here. The page is at /, the description of the interface at /docs.",
    405: "this cannot be asked for in that way. The description of the interface is at /docs.",
}
_LOG = logging.getLogger("pixelwise.serve")


class Around:
    """Adds the headers that every answer has, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = monotonic()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_SAFE]
                self.metrics.answered(_route(scope), message["status"], monotonic() - began)
            await send(message)

        await self.app(scope, receive, sent)


def handle_faults(app: FastAPI) -> None:
    """Have every fault of the app told as `{"error": sentence}`."""
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _query)
    app.add_exception_handler(PixelwiseError, _ours)
    for kind in (MemoryError, torch.OutOfMemoryError):
        app.add_exception_handler(kind, _memory)
    app.add_exception_handler(Exception, _bug)


def _http(_request: Request, error: Exception) -> Response:
    fault = cast("StarletteHTTPException", error)  # registered for nothing else
    told = fault.detail if isinstance(fault, HTTPException) else _PLAIN.get(fault.status_code, "")
    return _told(fault.status_code, told or f"{fault.detail}.", fault.headers)


def _query(_request: Request, error: Exception) -> Response:
    faults = cast("RequestValidationError", error).errors()
    words = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in faults)
    return _told(422, f"the question is not understood. {words}. See /docs.")


def _ours(_request: Request, error: Exception) -> Response:
    if isinstance(error, StorageError):
        _LOG.error("%s", error)  # with its path, which is not for clients
        return _told(507, "the disk of the server refuses to keep this. Its log tells more. Try later.")
    return _told(422, str(error))


def _memory(_request: Request, _error: Exception) -> Response:
    return _told(
        503, "there is no memory left for this image. Send a smaller one, or ask again later.", _LATER
    )


def _bug(request: Request, error: Exception) -> Response:
    _LOG.error("a request failed: %s", request.url.path, exc_info=error)
    return _told(500, "the server made a mistake. It is not yours; its log tells more. Please report it.")


_LATER = {"Retry-After": "5"}


def _told(status: int, sentence: str, headers: Any = None) -> Response:
    return JSONResponse({"error": sentence}, status, headers)


def _route(scope: Scope) -> str:
    """The pattern of the route, not the address: addresses are without number."""
    return str(getattr(scope.get("route"), "path", "none"))
