"""Requests, read as far as the limits allow: raw images and forms."""

import asyncio

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from pixelwise.serve.forms import FORM, Form, read_form
from pixelwise.serve.limits import Limits

_WHY = "Send the bytes of an image as image/* or application/octet-stream, or a form with a field 'image'"
_HTTP_GONE = 499  # nobody reads it; logs of other servers call it so too


async def image_of(request: Request, limits: Limits) -> bytes:
    """The image of a request, raw or in a form.

    Raises:
        HTTPException: As `content_of` and `form_of` do; 415 for other kinds of bodies.
    """
    kind = _kind(request)
    if kind == FORM:
        return (await form_of(request, limits)).file("image")
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        raise HTTPException(415, f"a body of the type {kind[:80]!r} is not read. {_WHY}.")
    return await content_of(request, limits)


async def form_of(request: Request, limits: Limits) -> Form:
    """The fields of a form.

    Raises:
        HTTPException: As `content_of` does; 400 if it is no sound form, 415 if it is none at all.
    """
    if _kind(request) != FORM:
        raise HTTPException(415, f"this is no form: its type is {_kind(request)[:80]!r}. Send {FORM}.")
    content = await content_of(request, limits)
    return await asyncio.to_thread(read_form, content, request.headers["content-type"])


async def content_of(request: Request, limits: Limits) -> bytes:
    """All bytes of a request.

    Raises:
        HTTPException: 408 if they come too slowly, 413 if they are too many, 415 if they are packed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "packed bodies are not read. Send the image without Content-Encoding.")
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > limits.content:
        raise _too_much(limits)
    content = bytearray()
    began = asyncio.get_running_loop().time()
    parts = request.stream()
    try:
        while True:
            async with asyncio.timeout_at(began + limits.patience_s + len(content) / limits.rate):
                part = await anext(parts, None)
            if part is None:
                return bytes(content)
            content += part
            if len(content) > limits.content:
                raise _too_much(limits)
    except TimeoutError:
        raise HTTPException(
            408,
            f"the request came too slowly: {len(content)} bytes in {limits.patience_s:g} s and more. "
            f"Send it at {limits.rate} bytes a second at least.",
            {"Connection": "close"},
        ) from None
    except ClientDisconnect:
        raise HTTPException(_HTTP_GONE, "the client left before its request was whole.") from None


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _too_much(limits: Limits) -> HTTPException:
    return HTTPException(
        413,
        f"the request is too large. {limits.content} bytes are the most here. Send a smaller file.",
        {"Connection": "close"},
    )
