"""What every target promises, and which models it can hold."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from pixelwise.core.catalog import Catalog
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Form
from pixelwise.export.network import Travelling
from pixelwise.export.source import Source
from pixelwise.models.fcn import fcn
from pixelwise.models.segnet import segnet
from tests.contracts.test_models import nudged, small

pytestmark = pytest.mark.filterwarnings("ignore:os.fork")  # JAX, inside litert-torch, fears every one
MODELS = Catalog("pixelwise.models", "model")
SIZE = (75, 93)  # multiples of no stride
every_target = pytest.mark.parametrize("target", TARGETS.names())

TUTORIALS = {
    "stack": partial(small, "stack"),
    "encoder_decoder": partial(small, "encoder_decoder"),
    "fcn": lambda: fcn(3, 2, width=2, stride=32, upsample="legacy"),
    "segnet": partial(small, "segnet"),
    "unet": partial(small, "unet"),
    "strided_unet": partial(small, "strided_unet"),
    "elu_unet": partial(small, "elu_unet"),
}
VARIANTS = {
    "fcn half_pixel": lambda: fcn(3, 2, width=2, stride=32, upsample="half_pixel"),
    "segnet with indices": lambda: segnet(3, 2, width=4, unpool="indices"),
}
QUICK = {  # the others are slow: seconds each
    ("onnx", "fcn"),
    ("onnx", "unet"),
    ("openvino", "elu_unet"),
    ("litert", "strided_unet"),
    ("torch", "encoder_decoder"),
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def check(target: str, model: nn.Module, folder: Path) -> None:
    """Write the model, open it, and compare the scores of a few images."""
    module = TARGETS.module(target)
    network = Travelling(nudged(model), pixels="float", gives="logits", exclusive=True).eval()
    form = Form(target, least=65) if module.DYNAMIC else Form(target, size=SIZE, batch=1)
    path = folder / f"model{module.SUFFIX}"
    TARGETS[target](Source(network, form, 3), path)
    assert all(file.is_file() for file in (path, *module.belonging(path)))
    assert {file.name for file in folder.iterdir()} == {file.name for file in (path, *module.belonging(path))}
    answer = module.opened(path, form, threads=1)
    for shape in [(1, 3, *SIZE), (2, 3, 65, 130)] if module.DYNAMIC else [(1, 3, *SIZE)]:
        images = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        assert apart(answer(images), network, images) < 1e-4


def apart(scores: Tensor, network: nn.Module, images: Tensor) -> float:
    """Largest difference of scores, as a share of the largest score."""
    with torch.no_grad():
        truth = network(images)
    return float((scores - truth).abs().max() / truth.abs().max().clamp(min=1))


@every_target
def test_says_what_it_is(target) -> None:
    module = TARGETS.module(target)
    assert module.SUFFIX.startswith(".") and isinstance(module.DYNAMIC, bool)
    assert "float32" in module.BITS
    assert set(module.BITS) <= {"float32", "float16", "bfloat16", "int8"}
    assert module.SUFFIX not in {TARGETS.module(name).SUFFIX for name in TARGETS.names() if name != target}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        pytest.param(target, name, marks=() if (target, name) in QUICK else pytest.mark.slow)
        for target in TARGETS.names()
        for name in TUTORIALS
    ],
)
def test_holds_the_models_of_the_tutorials(target, name, tmp_path) -> None:
    torch.manual_seed(0)
    check(target, TUTORIALS[name](), tmp_path)


@pytest.mark.slow
@every_target
@pytest.mark.parametrize("name", VARIANTS)
def test_holds_their_variants(target, name, tmp_path) -> None:
    torch.manual_seed(0)
    check(target, VARIANTS[name](), tmp_path)


@pytest.mark.slow
@every_target
@pytest.mark.parametrize("name", sorted(set(MODELS.names()) - set(TUTORIALS)))
def test_holds_every_other_model(target, name, tmp_path) -> None:
    torch.manual_seed(0)
    check(target, small(name), tmp_path)
