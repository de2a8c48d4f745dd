"""What browsers are shown: the page, and the description of the interface."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request, Response
from jinja2 import Environment, StrictUndefined

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_HOUSE = files("pixelwise.serve")


@cache
def page_files() -> Mapping[str, bytes]:
    """The files of the page by name; nothing else of the disk can be asked for."""
    folder = _HOUSE / "page"
    if not folder.is_dir():
        return {}
    return {item.name: item.read_bytes() for item in folder.iterdir() if _kind(item.name) is not None}


def page_file(request: Request, name: str) -> Response:
    """A file of the page.

    Raises:
        HTTPException: 404 if there is none of that name.
    """
    content = page_files().get(name)
    if content is None:
        raise HTTPException(404, f"there is no file {name[:80]!r} here. The page is at /.")
    return _shown(request, content, _kind(name) or "")


def reference(request: Request, described: Mapping[str, Any]) -> Response:
    """The description of the interface as a page that asks nobody for anything."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((_HOUSE / "reference.html").read_text(encoding="utf-8"))
    page = template.render(described=described, routes=list(_routes(described)))
    return _shown(request, page.encode(), _KINDS[".html"])


def reference_style(request: Request) -> Response:
    """How the description looks."""
    return _shown(request, (_HOUSE / "reference.css").read_bytes(), _KINDS[".css"])


def _routes(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"path": path, "method": method.upper(), **told}
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]


def _shown(request: Request, content: bytes, kind: str) -> Response:
    """The content, or that the browser has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    held = [text.strip().removeprefix("W/") for text in request.headers.get("if-none-match", "").split(",")]
    if tag in held:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def _kind(name: str) -> str | None:
    return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), None)
