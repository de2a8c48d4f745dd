"""A model repository: what the server reads fits what the file takes."""

import re

import onnxruntime
import pytest

from pixelwise.core.errors import RecipeError
from pixelwise.workflows.train import train
from pixelwise.workflows.triton import triton
from tests.data.drawn import draw_pairs


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("triton")
    draw_pairs(home / "data", number=9, size=(40, 56), encoding="index", layout="parallel")
    settings = ("train.steps=2", "train.precision=float32", "model={name: unet, width: 4}")
    train(home / "data", settings=settings, out=home / "a run", quiet=True)
    return home / "a run"


def test_the_configuration_is_that_of_the_file(run, tmp_path) -> None:
    made = triton(run, tmp_path / "repository", quiet=True)
    assert made.name == "a-run"
    files = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert files == {"1/model.onnx", "1/model.json", "classes.txt", "config.pbtxt", "certificate.json"}
    told = (made / "config.pbtxt").read_text()
    session = onnxruntime.InferenceSession(str(made / "1" / "model.onnx"))
    for kind, tensor in (("input", session.get_inputs()[0]), ("output", session.get_outputs()[0])):
        name, dims = re.search(rf'^{kind} .*name: "(\w+)".*dims: \[([-\d, ]+)\]', told, re.M).groups()
        assert name == tensor.name and tensor.type == "tensor(float)"
        sizes = [int(part) for part in dims.split(",")]
        assert [size if size > 0 else None for size in sizes] == [
            side if isinstance(side, int) else None for side in tensor.shape[1:]
        ]
    assert "max_batch_size: 8" in told and "dynamic_batching" in told
    assert (made / "classes.txt").read_text().splitlines() == ["class 0", "class 1", "class 2"]
    with pytest.raises(RecipeError, match="there already"):
        triton(run, tmp_path / "repository", quiet=True)
    assert triton(run, tmp_path / "repository", name="second", quiet=True).name == "second"
