"""The server as a process: opens models, listens, and ends when all is answered."""

import logging
import os
import socket
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pixelwise.core.errors import RecipeError, raise_faults
from pixelwise.core.extras import need
from pixelwise.engine.allocator import keep_memory
from pixelwise.serve.limits import Limits

if TYPE_CHECKING:
    from uvicorn import Server

    from pixelwise.serve.desk import Desk

KEY = "PIXELWISE_API_KEY"
_LIBRARIES = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")
_NEAR = ("127.0.0.1", "localhost", "::1")
_BACKLOG = 2048


def serve(
    models: Sequence[Path],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    corrections: Path | None = None,
    key: str | None = None,
    origins: Sequence[str] = (),
    limits: Limits | None = None,
    say: Callable[[str], object] = print,
) -> None:
    """Serve models until the process is told to stop; then answer what waits, and end.

    Args:
        models: Run folders or bundles.
        host: Address to listen at; `0.0.0.0` for all of this machine.
        port: Its port; 0 takes a free one.
        corrections: Folder for corrected labels; none are taken without it.
        key: What clients must show; None takes that of the environment, PIXELWISE_API_KEY.
        origins: Other sites whose pages may use the server.
        limits: Bounds.
        say: Told what people should know, a sentence at a time.

    Raises:
        MissingExtraError: If the extra `serve` is not installed.
        RecipeError: If the bounds are none, or the address cannot be listened at.
        DataError: If a model cannot be opened.
    """
    for library in _LIBRARIES:
        need(library, extra="serve", noun="pixelwise serve")
    from uvicorn import Config, Server

    from pixelwise.serve.app import build_app
    from pixelwise.serve.models import open_models

    bounds = limits or Limits()
    _check(bounds)
    keep_memory()
    _keep_the_log_for_us()
    secret = os.environ.get(KEY, "") if key is None else key
    with _listening(host, port) as door:
        opened = open_models(models, corrections)
        app, desk = build_app(opened, bounds, key=secret, origins=origins)
        server = Server(Config(app, log_level="warning", access_log=False, lifespan="on"))
        _drain_on_signals(server, desk, say)
        for sentence in _news(host, door.getsockname()[1], [served.name for served in opened], secret):
            say(sentence)
        server.run(sockets=[door])


def _keep_the_log_for_us() -> None:
    """Leave out what decoders say of damaged files: clients are told, and strangers could fill the disk."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    for name in ("PIL", "rasterio", "python_multipart"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _check(limits: Limits) -> None:
    named = {"--max-bytes": limits.content, "--max-pixels": limits.pixels, "--queue": limits.queue}
    named |= {"--batch": limits.batch, "--timeout": limits.timeout_s}
    faults = [f"{name} {number:g} lets nothing through" for name, number in named.items() if number <= 0]
    raise_faults(RecipeError, "the server cannot work like this:", faults)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a taken port is told before models are opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise RecipeError(
            f"cannot listen at {host}, port {port}. {error}. Choose another --port or --host."
        ) from None


def _news(host: str, port: int, names: Sequence[str], key: str) -> list[str]:
    """What people should know when the server is up."""
    shown = f"[{host}]" if ":" in host else host
    news = [f"serving {', '.join(names)} at http://{shown}:{port}/ (stop with Ctrl+C)"]
    if host not in _NEAR and not key:
        news.append(
            "warning: everybody who reaches this machine can use the server. Set a key with --api-key or "
            f"{KEY}, or listen at 127.0.0.1 only."
        )
    return news


def _drain_on_signals(server: "Server", desk: "Desk", say: Callable[[str], object]) -> None:
    """Make the first signal end the server when all is answered, and the second one at once.

    Until then it listens on, so that it can say that it takes no more.
    """
    tick = server.on_tick

    async def watch(counter: int) -> bool:
        return await tick(counter) or (desk.draining and not desk.held)

    def stop(sig: int, frame: FrameType | None) -> None:  # noqa: ARG001 uvicorn gives them
        if desk.draining:
            server.should_exit = server.force_exit = True
        else:
            say(f"stopping: {desk.held} requests are still answered")
        desk.draining = True

    server.on_tick = watch
    server.handle_exit = stop
