"""Who is let in, and how everybody else is told why not."""

import numpy as np
import pytest
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient

from pixelwise.serve.accepting import FORMS, preferred
from pixelwise.serve.app import build_app
from pixelwise.serve.models import _names
from tests.data.drawn import scene
from tests.serve.asking import LABELS, LIMITS, ask, encoded, photo, refused


@pytest.fixture
def locked(served):
    app, _ = build_app(served, LIMITS, key="ключ-1")
    with TestClient(app) as client:
        yield client


def test_without_the_key_nothing_is_told(locked) -> None:
    for headers in ({}, {"x-api-key": "wrong"}, {"authorization": "Bearer"}, {"authorization": "Basic a"}):
        told = refused(locked.get("/v1/models", headers=headers), 401)
        assert "Authorization: Bearer KEY" in told
        assert refused(ask(locked, photo(), headers=headers), 401)
        assert refused(locked.get("/metrics", headers=headers), 401)
    for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json"):
        assert locked.get(path).status_code == 200


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_with_the_key_all_is_open(locked, header) -> None:
    key = "ключ-1".encode()
    headers = {header: b"Bearer " + key if header == "authorization" else key}
    assert locked.get("/v1/models", headers=headers).status_code == 200
    assert ask(locked, photo(), headers=headers).status_code == 200
    assert locked.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/nothing", 404, "The page is at /"),
        ("GET", "/v1/models/", 404, "The page is at /"),
        ("GET", "/v1/models/scens", 404, "There are: scenes, planes"),
        ("POST", "/v1/models/scens/predict", 404, "There are: scenes, planes"),
        ("GET", "/v1/models/scenes/predict", 405, "/docs"),
        ("DELETE", "/v1/models", 405, "/docs"),
        ("GET", "/page/..%2Fapp.py", 404, "nothing here"),
        ("GET", "/page/app.py", 404, "no file 'app.py'"),
        ("POST", "/v1/models/scenes/predict?kind=film", 422, "kind: Input should be"),
        ("POST", "/v1/models/scenes/predict?polygons=perhaps", 422, "polygons: Input should be"),
    ],
)
def test_what_is_not_there(client, method, path, status, told) -> None:
    assert told in refused(
        client.request(method, path, content=photo() if method == "POST" else None), status
    )


@pytest.mark.parametrize(
    ("content", "kind", "status", "told"),
    [
        (b"", "image/png", 400, "holds no bytes"),
        (photo()[:300], "image/png", 400, "cut off"),
        (photo(), "application/json", 415, "is not read"),
        (photo(), "application/x-www-form-urlencoded", 415, "is not read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 415, "begins with b\"<svg"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "image/png", 415, "PNG, JPEG, TIFF, WebP, BMP and GIF are read"),
        (bytes((1 << 20) + 1), "image/png", 413, "1048576 bytes are the most"),
        (encoded(scene(1)[1]), "image/png", 422, "1 bands, and the run was trained on images with 3"),
        (encoded(np.zeros((2000, 1001, 3), np.uint8)), "image/png", 413, "(2000, 1001) (rows, columns)"),
    ],
)  # fmt: skip
def test_bodies_that_are_no_image(client, content, kind, status, told) -> None:
    assert told in refused(ask(client, content, headers={"content-type": kind}), status)


def test_a_length_that_is_too_much_is_refused_unread(client) -> None:
    headers = {"content-type": "image/png", "content-length": str(10**12)}
    answer = client.post("/v1/models/scenes/predict", content=photo(), headers=headers)
    assert "1048576 bytes" in refused(answer, 413)


def test_packed_bodies_are_refused(client) -> None:
    assert "Content-Encoding" in refused(ask(client, photo(), headers={"content-encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", FORMS[0]),
        ("*/*", FORMS[0]),
        ("image/*", "image/png"),
        ("image/png, */*;q=0.5", "image/png"),
        ("text/html, */*", FORMS[0]),
        ("image/tiff;q=0.9, image/png;q=0.8", "image/tiff"),
        (f"{LABELS}, */*", LABELS),
        ("IMAGE/PNG", "image/png"),
        ("application/json;q=0, */*", "image/png"),
        ("text/html", None),
        ("image/png;q=0", None),
        ("image/png;q=nan, image/jpeg;q=x", None),
    ],
)
def test_the_form_that_is_liked_best(header, form) -> None:
    assert preferred(header) == form


def test_no_form_that_is_accepted(client) -> None:
    assert "There are: application/json, image/png" in refused(ask(client, photo(), "text/html"), 406)


def test_foreign_pages_may_not_ask(client, served) -> None:
    assert "--cors" in refused(ask(client, photo(), headers={"origin": "https://evil.example"}), 403)
    assert "--cors" in refused(ask(client, photo(), headers={"origin": "null"}), 403)
    assert ask(client, photo(), headers={"origin": "http://testserver"}).status_code == 200
    assert (
        "access-control-allow-origin"
        not in client.get("/v1/models", headers={"origin": "http://a.b"}).headers
    )
    app, _ = build_app(served, LIMITS, origins=["https://lab.example"])
    with TestClient(app) as friend:
        headers = {"origin": "https://lab.example"}
        answer = ask(friend, photo(), headers=headers)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://lab.example"
        asked = {**headers, "access-control-request-method": "POST"}
        assert friend.options("/v1/models/scenes/predict", headers=asked).status_code == 200
        assert "--cors" in refused(ask(friend, photo(), headers={"origin": "https://evil.example"}), 403)


def test_a_server_that_drains_takes_no_more(served) -> None:
    app, desk = build_app(served, LIMITS)
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 200
        desk.draining = True
        answer = ask(client, photo())
        assert "about to stop" in refused(answer, 503) and answer.headers["retry-after"] == "1"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_a_full_queue_sends_away(served) -> None:
    app, desk = build_app(served, LIMITS)
    with TestClient(app) as client:
        desk.held = LIMITS.queue
        answer = ask(client, photo())
        assert "wait already" in refused(answer, 503) and answer.headers["retry-after"]
        desk.held = 0
        assert ask(client, photo()).status_code == 200 and desk.held == 0


def test_a_place_is_given_back_after_every_fault(served) -> None:
    app, desk = build_app(served, LIMITS)
    with TestClient(app) as client:
        for content in (b"", b"no image", photo()[:200], encoded(scene(1)[1])):
            assert ask(client, content).status_code >= 400
    assert desk.held == 0


def test_the_interface_is_described(client) -> None:
    told = client.get("/openapi.json").json()
    described = OpenAPI.model_validate(told)
    assert described.paths is not None
    assert {
        "/v1/models",
        "/v1/models/{name}/predict",
        "/v1/models/{name}/corrections",
    } <= described.paths.keys()
    predict = told["paths"]["/v1/models/{name}/predict"]["post"]
    assert set(predict["responses"]["200"]["content"]) == set(FORMS)
    assert "image/*" in predict["requestBody"]["content"]
    known = told["components"]["schemas"]
    named = [part.rsplit("/", 1)[1] for part in _references(told)]
    assert named and set(named) <= set(known)


def test_the_description_asks_nobody_for_anything(client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert "<script" not in page.text and "<style" not in page.text and 'style="' not in page.text
    assert client.get("/docs.css").headers["content-type"].startswith("text/css")


def test_the_page_is_fetched_once(client) -> None:
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    for part in (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "script-src 'self'",
        "connect-src 'self'",
    ):
        assert part in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    again = client.get("/", headers={"if-none-match": f'"other", W/{page.headers["etag"]}'})
    assert again.status_code == 304 and not again.content
    assert client.get("/page/index.html").content == page.content


def test_answers_and_batches_are_counted(served) -> None:
    app, _ = build_app(served, LIMITS)
    with TestClient(app) as client:
        for _ in range(3):
            ask(client, photo())
        ask(client, b"no image")
        client.get("/nowhere")
        lines = client.get("/metrics").text.splitlines()
    counts = {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }
    route = 'route="/v1/models/{name}/predict"'
    assert counts[f'pixelwise_requests_total{{{route},status="200"}}'] == 3
    assert counts[f'pixelwise_requests_total{{{route},status="415"}}'] == 1
    assert counts['pixelwise_requests_total{route="none",status="404"}'] == 1
    assert counts["pixelwise_batch_images_sum"] == 3 and counts["pixelwise_batch_images_count"] == 3
    assert counts[f"pixelwise_request_seconds_count{{{route}}}"] == 4
    assert counts["pixelwise_requests_held"] == 0 and counts["pixelwise_model_seconds_total"] > 0


def _references(told):
    for key, value in told.items() if isinstance(told, dict) else enumerate(told):
        if key == "$ref":
            yield value
        elif isinstance(value, dict | list):
            yield from _references(value)


def test_names_are_those_of_the_run_folders(tmp_path) -> None:
    run = tmp_path / "leaves"
    files = [run / "best.safetensors", run / "exports" / "onnx-int8" / "model.onnx", run / "mine.safetensors"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert _names([run, *files]) == ["leaves", "leaves-2", "leaves-onnx-int8", "mine"]
