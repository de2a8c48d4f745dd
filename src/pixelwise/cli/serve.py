"""pixelwise serve."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli._door import door


def serve(
    models: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders or bundles.")],
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes a free one.")] = 8000,
    corrections: Annotated[
        Path | None, typer.Option(help="Folder that keeps corrected labels, as data to train on.")
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="PIXELWISE_API_KEY", help="What clients must show.", show_default=False),
    ] = None,
    cors: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Another site whose pages may use the server.")
    ] = None,
    queue: Annotated[int, typer.Option(min=1, help="Requests inside at once; others are sent away.")] = 64,
    timeout: Annotated[float, typer.Option(help="Seconds until a request is given up.")] = 60.0,
    batch: Annotated[int, typer.Option(min=1, help="Images that go through a model together at most.")] = 32,
    window: Annotated[
        float, typer.Option(min=0, help="Milliseconds an image waits for others of its size.")
    ] = 4.0,
    max_bytes: Annotated[str, typer.Option(metavar="AMOUNT", help="Of a request.")] = "32M",
    max_pixels: Annotated[int, typer.Option(min=1, help="Of an image.")] = 64_000_000,
) -> None:
    """Serve models over HTTP, with a page to look at results and correct them.

    Example: [bold]pixelwise serve runs/pairs-unet-001 --corrections corrected/[/]

    Describes its interface at /docs.
    """
    from pixelwise.core.errors import RecipeError
    from pixelwise.core.memory import bytes_of
    from pixelwise.serve.limits import Limits
    from pixelwise.serve.server import serve as run

    with door():
        try:
            content = bytes_of(max_bytes)
        except ValueError as error:
            raise RecipeError(f"--max-bytes: {error}") from None
        limits = Limits(content, max_pixels, queue, batch, window / 1000, timeout)
        run(
            models,
            host=host,
            port=port,
            corrections=corrections,
            key=api_key,
            origins=cors or (),
            limits=limits,
            say=lambda sentence: typer.echo(sentence, err=True),
        )
