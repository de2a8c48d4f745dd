"""Fixtures every test may use."""

import json
import os
from pathlib import Path

import pytest
import torch

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # tests that import onnxruntime themselves report nothing either


def pytest_addoption(parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write what is computed as the new truth.")


@pytest.fixture(autouse=True)
def _same_dice_every_time() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real labelled data; the test says so and ends when there is none."""
    folder = Path(os.environ.get("PIXELWISE_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set PIXELWISE_DATA to run this test")
    return folder


@pytest.fixture
def golden(request):
    """Compare numbers with those of a file in tests/golden, to a relative 1e-4."""
    path = Path(__file__).parent / "golden" / f"{request.node.name}.json"

    def check(**numbers: float | list[float]) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(json.dumps(numbers, indent=1, sort_keys=True) + "\n")
        truth = json.loads(path.read_text())
        assert numbers.keys() == truth.keys()
        for key, value in truth.items():
            assert numbers[key] == pytest.approx(value, rel=1e-4), key

    return check
