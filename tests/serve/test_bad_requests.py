"""A thousand requests made to hurt: each is answered, or refused with a sentence."""

import io
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from pixelwise.serve.app import build_app
from pixelwise.serve.models import open_models
from tests.serve._hostile import bodies, request
from tests.serve.asking import LIMITS, ask, refused

NUMBER = 1000

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # odd metadata; `serve` hushes it too


@pytest.fixture(scope="module")
def taker(run, tmp_path_factory):
    """A server that takes corrections too; a mistake of the server is raised here."""
    app, desk = build_app(open_models([run], tmp_path_factory.mktemp("c") / "corrected"), LIMITS)
    with TestClient(app) as client:
        yield client, desk


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_requests_made_to_hurt(taker, part) -> None:
    client, desk = taker
    seen = Counter()
    for seed in range(part, NUMBER, 10):
        path, headers, content = request(seed)
        answer = client.post(path, headers=headers, content=content)
        seen[answer.status_code] += 1
        if answer.status_code >= 300:
            told = answer.json()
            assert 400 <= answer.status_code < 500, (seed, answer.text)
            assert list(told) == ["error"] and len(told["error"]) > 20, (seed, told)
            assert not re.search(r"Traceback|/tmp|site-packages|\.py", told["error"]), (seed, told)
        elif answer.headers["content-type"] == "image/png":
            Image.open(io.BytesIO(answer.content)).verify()
        else:
            assert answer.content
    assert desk.held == 0
    assert seen[200] > 3 and len(seen) > 4, seen  # not all are refused at the same door


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(("svg", 415), ("vrt", 415), ("eps", 415), ("pdf", 415), ("zip", 415), ("npy", 415), ("avif", 415)),
        *(("html as png", 400), ("zero bytes", 400), ("jpeg of nothing", 400), ("png of nothing", 400)),
        *(("png of 30,000 squared", 413), ("gif of a giant canvas", 413), ("bmp of a giant canvas", 413)),
        *(("png of a line", 413), ("tiff of nothing", 413), ("tiff of large blocks", 413)),
        *(("webp of a giant canvas", 413), ("webp of a canvas", 400), ("grey", 422)),
        *(("text bomb", 400), ("itxt bomb", 400), ("icc bomb", 400), ("many texts", 400)),
        *(("animated gif", 200), ("animated png", 200), ("animated webp", 200), ("gif and js", 200)),
        *(("exif", 200), ("alpha", 200), ("png and html", 200), ("tiff of small size", 200)),
    ],
)
def test_each_of_them_alone(taker, name, status) -> None:
    answer = ask(taker[0], bodies()[name])
    if status == 200:
        assert answer.status_code == 200, answer.text
    else:
        refused(answer, status)


def test_an_animation_is_its_first_picture(taker) -> None:
    assert ask(taker[0], bodies()["animated gif"]).json()["size"] == [20, 24]


@pytest.mark.parametrize("name", ["text bomb", "icc bomb", "data bomb", "many texts", "tiff of large blocks"])
def test_bombs_do_not_go_off(taker, name) -> None:
    before = _peak()
    ask(taker[0], bodies()[name])
    assert _peak() - before < 100


def test_nothing_is_left_on_the_disk(taker, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("PNG", "TIFF", "text", "tiff of nothing", "png and html"):
        for accept in ("application/json", "image/tiff", "image/png"):
            ask(taker[0], bodies()[name], accept)
    assert not list(tmp_path.iterdir())


def _peak() -> float:
    """Most memory the process ever had, in MB."""
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) / 1000
