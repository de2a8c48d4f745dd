"""Images as files, and how one asks about them."""

import io

import numpy as np
from PIL import Image

from pixelwise.serve.limits import Limits
from tests.data.drawn import scene

LABELS = "application/vnd.pixelwise.labels+confidence"
LIMITS = Limits(content=1 << 20, pixels=2_000_000, window_s=0.0, timeout_s=20)


def encoded(pixels, kind="PNG", **options) -> bytes:
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def photo(number=3, size=(40, 56), kind="PNG", **options) -> bytes:
    """A drawn scene as a file."""
    return encoded(scene(number, size)[0], kind, **options)


def ask(client, content, accept="application/json", model="scenes", **more):
    """The answer for the bytes of an image."""
    headers = {"accept": accept, "content-type": "application/octet-stream", **more.pop("headers", {})}
    return client.post(f"/v1/models/{model}/predict", content=content, headers=headers, **more)


def picture(answer):
    """The pixels of an answer."""
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def refused(answer, status) -> str:
    """The sentence of a refusal."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    told = answer.json()
    assert list(told) == ["error"] and len(told["error"]) > 20
    assert "Traceback" not in told["error"] and "/tmp" not in told["error"]
    return told["error"]
