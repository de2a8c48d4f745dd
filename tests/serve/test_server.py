"""The server over real sockets: slow and broken clients, signals, ports."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from pixelwise.cli.main import app as command
from pixelwise.serve.app import build_app
from pixelwise.serve.server import serve
from tests.serve.asking import LIMITS, photo, refused

LINE = b"POST /v1/models/scenes/predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"


@contextmanager
def listening(served, **changed):
    """A server in a thread; gives its address and its desk."""
    app, desk = build_app(served, replace(LIMITS, **changed))
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            _until(lambda: server.started)
            yield door.getsockname(), desk
        finally:
            server.should_exit = True
            thread.join()


def _until(true, seconds=20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _url(address) -> str:
    return f"http://{address[0]}:{address[1]}"


def _all_of(connection) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_bodies_that_come_too_slowly_are_given_up(served) -> None:
    content = photo()
    with listening(served, patience_s=0.3, rate=10**6) as (address, desk):
        with socket.create_connection(address) as slow:
            slow.sendall(LINE + b"Content-Length: 5000\r\n\r\n" + content[:20])
            answer = _all_of(slow)
        assert answer.startswith(b"HTTP/1.1 408") and b"came too slowly: 20 bytes" in answer
        with socket.create_connection(address) as dripping:
            dripping.sendall(LINE + b"Transfer-Encoding: chunked\r\n\r\n")
            dripping.settimeout(0.02)
            answer = b""
            while not answer:
                try:
                    answer = dripping.recv(65536)
                except TimeoutError:
                    dripping.sendall(b"1\r\n\0\r\n")
        assert answer.startswith(b"HTTP/1.1 408")
        _until(lambda: desk.held == 0)
        fine = httpx.post(
            f"{_url(address)}/v1/models/scenes/predict", content=content, headers={"content-type": ""}
        )
        assert fine.status_code == 200


def test_bodies_that_never_end_are_cut(served) -> None:
    def forever():
        while True:
            yield bytes(65536)

    with listening(served) as (address, desk):
        url = f"{_url(address)}/v1/models/scenes/predict"
        headers = {"content-type": "image/png"}
        with suppress(httpx.TransportError):  # closed while it was still sending: also an answer
            refused(httpx.post(url, content=forever(), headers=headers), 413)
        refused(httpx.post(url, content=bytes(2 << 20), headers=headers), 413)
        assert httpx.post(url, content=photo(), headers=headers).status_code == 200
        assert desk.held == 0


def test_clients_that_leave_give_their_place_back(served) -> None:
    content = photo()
    with listening(served) as (address, desk):
        for sent in (content[:50], content):
            for _ in range(5):
                with socket.create_connection(address) as leaving:
                    leaving.sendall(LINE + b"Content-Length: %d\r\n\r\n" % len(content) + sent)
        _until(lambda: desk.held == 0)
        url = f"{_url(address)}/v1/models/scenes/predict"
        assert httpx.post(url, content=content, headers={"content-type": "image/png"}).status_code == 200


def test_what_takes_too_long_is_given_up(served, monkeypatch) -> None:
    go = threading.Event()

    def slow(*_):
        go.wait(20)
        return []

    monkeypatch.setattr("pixelwise.serve.worker._done", slow)
    with listening(served, timeout_s=0.2) as (address, desk):
        url = f"{_url(address)}/v1/models/scenes/predict"
        answer = httpx.post(url, content=photo(), headers={"content-type": "image/png"})
        assert "more than 0.2 s" in refused(answer, 503) and answer.headers["retry-after"] == "1"
        assert desk.held == 0
        go.set()


@pytest.mark.multiprocess
def test_a_signal_lets_everybody_finish(run, tmp_path) -> None:
    words = [sys.executable, "-m", "pixelwise", "serve", str(run), "--port", "0"]
    content = photo()
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env={**os.environ, "PIXELWISE_API_KEY": ""}
    ) as process:
        try:
            told = next(line for line in process.stderr if "http://" in line)
            assert told.startswith("serving scenes at http://127.0.0.1:")
            address = ("127.0.0.1", int(told.split(":")[2].split("/")[0]))
            with httpx.Client(base_url=_url(address)) as client, socket.create_connection(address) as waiting:
                assert client.get("/readyz").status_code == 200
                waiting.sendall(LINE + b"Content-Length: %d\r\n\r\n" % len(content) + content[:30])
                _until(lambda: "held 1.0" in client.get("/metrics").text)
                process.send_signal(signal.SIGTERM)
                _until(lambda: client.get("/readyz").status_code == 503)
                post = client.post(
                    "/v1/models/scenes/predict", content=content, headers={"content-type": "image/png"}
                )
                assert "about to stop" in refused(post, 503)
                waiting.sendall(content[30:])
                answer = waiting.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")
            assert process.wait(20) == 0
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


def test_a_port_that_is_taken_and_models_that_are_none(run, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["serve", str(run), "--port", str(taken.getsockname()[1])]
        result = CliRunner().invoke(command, words)
    assert result.exit_code == 2 and "cannot listen at 127.0.0.1" in result.stderr
    result = CliRunner().invoke(command, ["serve", str(tmp_path), str(tmp_path / "none"), "--port", "0"])
    assert result.exit_code == 2 and "2 of 2 models cannot be served" in result.stderr
    assert "is not a run folder" in result.stderr and "no run at" in result.stderr
    for word in ("--timeout=0", "--max-bytes=much"):
        assert CliRunner().invoke(command, ["serve", str(run), "--port=0", word]).exit_code == 2


@pytest.mark.parametrize(("key", "number"), [("", 2), ("secret", 1)])
def test_a_server_for_everybody_without_a_key_warns(run, monkeypatch, key, number) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    told = []
    serve([run], host="0.0.0.0", port=0, key=key, say=told.append)
    assert len(told) == number and told[0].startswith("serving scenes at http://0.0.0.0:")
    assert key or "warning: everybody who reaches this machine" in told[1]


def test_without_the_extra_it_says_what_to_install(run, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = CliRunner().invoke(command, ["serve", str(run)])
    assert result.exit_code == 2 and "pip install 'pixelwise[serve]'" in result.stderr
