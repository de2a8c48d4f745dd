"""Each target in each of its number formats, on a network that has learnt something."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from pixelwise.core.errors import CheckpointError
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Form
from pixelwise.export.network import Travelling
from pixelwise.export.source import Source
from tests.export.learnt import SIZE, network, scenes

pytestmark = pytest.mark.filterwarnings("ignore:os.fork")  # JAX, inside litert-torch, fears every one
slow = pytest.mark.slow
EVERY = [(name, bits) for name in TARGETS.names() for bits in TARGETS.module(name).BITS]
QUICK = {
    ("onnx", "int8"),
    ("openvino", "int8"),
    ("litert", "int8"),
    ("torch", "bfloat16"),
}
LEAST = {"float32": 1.0, "float16": 0.999, "bfloat16": 0.995, "int8": 0.99}
APART = {"float32": 1e-4, "float16": 0.1, "bfloat16": 0.3, "int8": 2.0}  # of logits up to about 10


def travelling(gives="logits", pixels="float") -> Travelling:
    return Travelling(network(), pixels=pixels, gives=gives, exclusive=True).eval()


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[[Form], Path]:
    """Writes a form, each only once."""

    @cache
    def write(form: Form) -> Path:
        whole = form.pixels == "uint8"
        images = scenes(6, seed=900)[0]
        samples = [(image * 255).round().to(torch.uint8) if whole else image for image in images.split(1)]
        path = tmp_path_factory.mktemp(form.target) / f"model{TARGETS.module(form.target).SUFFIX}"
        source = Source(travelling(form.gives, form.pixels), form, 3, samples if form.bits == "int8" else ())
        TARGETS[form.target](source, path)
        return path

    return write


def form_of(target: str, **options) -> Form:
    fixed = {} if TARGETS.module(target).DYNAMIC else {"size": SIZE, "batch": 1}
    return Form(target, **fixed | options)


def test_the_network_has_learnt() -> None:
    images, labels = scenes(6, seed=800)
    with torch.no_grad():
        assert (network()(images).argmax(1) == labels).float().mean() > 0.97


@pytest.mark.parametrize(
    ("target", "bits"), [pytest.param(*each, marks=() if each in QUICK else slow) for each in EVERY]
)
def test_says_what_the_network_says(target, bits, written) -> None:
    form = form_of(target, bits=bits)
    answer = TARGETS.module(target).opened(written(form), form, threads=1)
    images = scenes(6, seed=800)[0]
    with torch.no_grad():
        truth = network()(images)
    given = [answer(image) for image in images.split(1)]  # all kept: none may be overwritten by the next
    scores = torch.cat(given).float()
    assert scores.shape == truth.shape
    assert (scores.argmax(1) == truth.argmax(1)).float().mean() >= LEAST[bits]
    assert (scores - truth).abs().max() < APART[bits]


@pytest.mark.parametrize("target", ["onnx", "openvino", "torch"])
def test_any_size_and_number_can_be_given_where_sizes_stay_open(target, written) -> None:
    form = form_of(target)
    answer = TARGETS.module(target).opened(written(form), form, threads=1)
    for shape in ((1, 3, 1, 1), (3, 3, 17, 23), (2, 3, 64, 48)):
        images = torch.rand(shape)
        with torch.no_grad():
            torch.testing.assert_close(answer(images), network()(images), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "target", [pytest.param(name, marks=() if name == "onnx" else slow) for name in TARGETS.names()]
)
@pytest.mark.parametrize("gives", ["labels", pytest.param("probs", marks=slow)])
def test_decisions_travel_inside(target, gives, written) -> None:
    form = form_of(target, pixels="uint8", gives=gives)
    answer = TARGETS.module(target).opened(written(form), form, threads=1)
    images = (scenes(1, seed=800)[0] * 255).round().to(torch.uint8)
    with torch.no_grad():
        truth = travelling(gives, "uint8")(images)
    given = answer(images)
    assert given.dtype == truth.dtype
    torch.testing.assert_close(given, truth, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("target", TARGETS.names())
def test_a_damaged_file_is_told(target, tmp_path) -> None:
    module = TARGETS.module(target)
    path = tmp_path / f"model{module.SUFFIX}"
    for file in (path, *module.belonging(path)):
        file.write_bytes(b"nothing that a runtime knows")
    with pytest.raises(CheckpointError, match=r"Export (it|the model)? ?again"):
        module.opened(path, form_of(target))


def test_nothing_is_reported_to_the_makers_of_libraries(tmp_path) -> None:
    """In a process of its own, for some libraries are silent by themselves wherever pytest is loaded."""
    program = """
import socket, time
from pathlib import Path

sent = []
def refused(*where, **_):
    sent.append(where)
    raise OSError("no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused

from torch import nn, rand
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Form
from pixelwise.export.source import Source
for target in ("openvino", "onnx"):
    form = Form(target, size=(8, 8), batch=1, bits="int8")
    path = Path(f"model{TARGETS.module(target).SUFFIX}")
    TARGETS[target](Source(nn.Conv2d(1, 2, 1).eval(), form, 1, [rand(1, 1, 8, 8)]), path)
    TARGETS.module(target).opened(path, form, threads=1)(rand(1, 1, 8, 8))
time.sleep(1)  # some send from a thread
assert not sent, sent
left = [str(file) for file in Path.home().rglob("*") if file.is_file()]
assert not left, left
"""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    told = {"CI", "ORT_DISABLE_TELEMETRY", "NNCF_CI", "XDG_CACHE_HOME"}
    surroundings = {name: value for name, value in os.environ.items() if name not in told}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=surroundings | {"HOME": str(home)},
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
