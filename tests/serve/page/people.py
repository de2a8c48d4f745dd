"""Somebody at the page: what they do with it, and what they see."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.data.drawn import scene

Array = np.ndarray[Any, Any]
SIZE = (40, 56)  # rows and columns of the photographs

DROP = """([files, kind]) => {
  const carried = new DataTransfer();
  for (const [name, type, text] of files)
    carried.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
  const where = document.querySelector("#drop-here").checkVisibility() ? "#drop-here" : "#canvas";
  for (const word of kind === "paste" ? ["paste"] : ["dragenter", "dragover", "drop"]) {
    const made = { bubbles: true, cancelable: true };
    const event = kind === "paste" ? new ClipboardEvent(word, { ...made, clipboardData: carried })
      : new DragEvent(word, { ...made, dataTransfer: carried });
    document.querySelector(where).dispatchEvent(event);
  }
}"""


class Visitor:
    """A browser tab with the page, and all that went wrong in it."""

    def __init__(self, page: Page, address: str, expected: tuple[str, ...] = ()) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.expected = expected  # words of complaints that belong to the test
        page.on("console", lambda said: self._complain(said.type in {"error", "warning"}, said.text))
        page.on("pageerror", lambda error: self._complain(True, str(error)))
        page.route("**/*", self._watch)
        page.goto(address)
        page.wait_for_selector("#known li, dialog[open]")

    def drop(self, *files: tuple[str, bytes], kind: str = "drop") -> None:
        """Drop files on the page, or paste them."""
        told = [[name, _type(name), base64.b64encode(content).decode()] for name, content in files]
        self.page.evaluate(DROP, [told, kind])

    def drop_scene(self, number: int = 0, size: tuple[int, int] = SIZE) -> bytes:
        """Drop a drawn photograph, and wait for its classes; returns the file."""
        content = photograph(number, size)
        self.drop((f"scene {number}.png", content))
        self.labelled()
        return content

    def predicted(self, content: bytes) -> Array:
        """The class numbers of an image, by another way than the page's."""
        return np.asarray(Image.open(io.BytesIO(self.asked("image/png", content))))

    def labelled(self) -> None:
        """Wait until nothing is being labelled any more."""
        self.page.wait_for_selector("#images li")
        expect(self.page.locator("#images :is(.waiting, .working)")).to_have_count(0)
        self.page.wait_for_timeout(60)  # two frames

    def spot(self, y: float, x: float, size: tuple[int, int] = SIZE) -> tuple[float, float]:
        """Where the position (y, x) of a fitted image lies in the window, as Playwright wants it: x first."""
        scale, top, left = self._fitted(size)
        return left + scale * x, top + scale * y

    def whole_spot(self, y: float, x: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """The nearest whole point of the window, for clicks have no fractions, and its position (y, x)."""
        scale, top, left = self._fitted(SIZE)
        at = round(left + scale * x), round(top + scale * y)
        return at, ((at[1] - top) / scale, (at[0] - left) / scale)

    def _fitted(self, size: tuple[int, int]) -> tuple[float, float, float]:
        box = self.page.locator("#canvas").bounding_box() or {}
        narrow = (self.page.viewport_size or {})["width"] <= 760
        top, right, bottom, left = (68, 12, 76, 12) if narrow else (20, 20, 20, 84)  # what tools leave free
        wide, tall = box["width"] - left - right, box["height"] - top - bottom
        scale = min(wide / size[1], tall / size[0])
        top += box["y"] + (tall - scale * size[0]) / 2
        return scale, top, box["x"] + left + (wide - scale * size[1]) / 2

    def colour_at(self, y: float, x: float) -> tuple[int, int, int]:
        """What the eye sees at a position of the fitted image."""
        at = self.spot(y, x)
        seen = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        red, green, blue = seen.getpixel((round(at[0]), round(at[1])))
        return red, green, blue

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def download(self, kind: str) -> tuple[str, bytes]:
        """The name and content of a download."""
        with self.page.expect_download() as waiting:
            self.page.click(f"[data-download={kind}]")
        return waiting.value.suggested_filename, waiting.value.path().read_bytes()

    def indices(self) -> Array:
        """The class numbers as they are downloaded."""
        return np.asarray(Image.open(io.BytesIO(self.download("index")[1])))

    def asked(self, accept: str, content: bytes) -> bytes:
        """What the server says of an image when another program asks."""
        headers = {"Accept": accept, "Content-Type": "image/png"}
        address = f"{self.address}/v1/models/shapes/predict"
        return self.page.request.post(address, headers=headers, data=content).body()

    def _watch(self, route: Route, request: Request) -> None:
        foreign = not request.url.startswith((self.address, "blob:", "data:"))
        self._complain(foreign, f"asked {request.url}")
        route.continue_()

    def _complain(self, bad: bool, words: str) -> None:
        if bad and not any(word in words for word in self.expected):
            self.faults.append(words)


def photograph(number: int = 0, size: tuple[int, int] = SIZE) -> bytes:
    """A drawn photograph as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(scene(number, size)[0]).save(buffer, "PNG")
    return buffer.getvalue()


def inside(predicted: Array, index: int) -> tuple[float, float]:
    """The middle of a pixel whose neighbours are all of the same class."""
    same = predicted == index
    inner = same[1:-1, 1:-1] & same[:-2, 1:-1] & same[2:, 1:-1] & same[1:-1, :-2] & same[1:-1, 2:]
    y, x = np.argwhere(inner)[inner.sum() // 2]
    return y + 1.5, x + 1.5


def _type(name: str) -> str:
    return {"png": "image/png", "jpg": "image/jpeg", "tif": "image/tiff"}.get(name.rpartition(".")[2], "")
