"""A small model behind the real server, and a real browser that looks at it."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from pixelwise.serve.app import build_app
from pixelwise.serve.models import open_models
from pixelwise.workflows.train import train
from tests.data.drawn import NAMES, draw_pairs
from tests.serve.page.people import SIZE, Visitor

SETTINGS = [
    *("train.steps=50", "train.validate_every=50", "train.batch_size=8", "train.lr=0.01"),
    *("train.precision=float32", "model={name: unet, width: 8, norm: batch}"),
]


@dataclass(frozen=True)
class Site:
    """A server that is up.

    Attributes:
        address: Of its page.
        corrections: Where it keeps corrected labels.
    """

    address: str
    corrections: Path


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Path:
    """A run on drawn scenes, of classes that have names."""
    folder = tmp_path_factory.mktemp("page")
    draw_pairs(folder / "data", number=12, size=SIZE)
    (folder / "data" / "classes.yaml").write_text(f"classes: [{', '.join(NAMES)}]")
    train(folder / "data", settings=SETTINGS, out=folder / "shapes", preflight=False, quiet=True)
    return folder / "shapes"


@pytest.fixture(scope="package")
def open_site(run, tmp_path_factory) -> Iterator[Callable[..., Site]]:
    """Opens a server of the model, with the options of `build_app`; it ends with the tests."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def opened(*, times: int = 1, keep: bool = True, **options) -> Site:
        folder = tmp_path_factory.mktemp("kept") / "corrections"
        app, _ = build_app(open_models([run] * times, folder if keep else None), **options)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        servers.append((server, thread))
        port = server.servers[0].sockets[0].getsockname()[1]
        return Site(f"http://127.0.0.1:{port}", folder)

    yield opened
    for server, _ in servers:
        server.should_exit = True
    for _, thread in servers:
        thread.join(10)


@pytest.fixture(scope="package")
def site(open_site) -> Site:
    return open_site()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if os.environ.get("PIXELWISE_NO_BROWSER") == "1":
        pytest.skip("PIXELWISE_NO_BROWSER=1: the page was not tested")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail(
            "there is no Chromium to test the page with. Install it (Debian: `apt-get install chromium "
            "fonts-liberation`), or set PIXELWISE_NO_BROWSER=1 to leave the page untested."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site) -> Iterator[Callable[..., Visitor]]:
    """Opens the page for a visitor; whatever the browser complains of fails the test in the end."""
    visitors: list[Visitor] = []

    def opened(address: str | None = None, expected: tuple[str, ...] = (), **options) -> Visitor:
        size = {"width": 1280, "height": 800}
        context = browser.new_context(**{"viewport": size, "reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page(), address or site.address, expected)
        visitors.append(visitor)
        return visitor

    yield opened
    for visitor in visitors:
        visitor.page.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture
def visitor(visit) -> Visitor:
    return visit()


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture of the page in the folder that PIXELWISE_SCREENSHOTS names, when it is set."""
    folder = os.environ.get("PIXELWISE_SCREENSHOTS")

    def shot(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return shot
