"""Two small trained runs, and the server as an app without a socket."""

import pytest
from starlette.testclient import TestClient

from pixelwise.serve.app import build_app
from pixelwise.serve.models import open_models
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs
from tests.serve.asking import LIMITS

SETTINGS = [
    *("train.steps=60", "train.validate_every=60", "train.batch_size=8", "train.lr=0.005"),
    *("train.precision=float32", "model={name: unet, width: 4, norm: batch}"),
]


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run on drawn scenes: RGB, three classes."""
    folder = tmp_path_factory.mktemp("serve")
    draw_pairs(folder / "data", number=12, size=(40, 56))
    train(folder / "data", settings=SETTINGS, out=folder / "scenes", quiet=True)
    return folder / "scenes"


@pytest.fixture(scope="session")
def planes_run(tmp_path_factory):
    """A run of one independent class."""
    folder = tmp_path_factory.mktemp("serve-planes")
    draw_pairs(folder / "data", number=12, size=(40, 56), encoding="binary255")
    train(
        folder / "data",
        settings=[*SETTINGS, "data.reader.planes=true"],
        out=folder / "planes",
        quiet=True,
    )
    return folder / "planes"


@pytest.fixture(scope="session")
def served(run, planes_run):
    """Both models, opened."""
    return open_models([run, planes_run])


@pytest.fixture(scope="module")
def client(served):
    """Asks a server of both models; a mistake of the server is raised here."""
    app, _ = build_app(served, LIMITS)
    with TestClient(app) as client:
        yield client
