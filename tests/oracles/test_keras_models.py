"""The tutorials' networks against Keras, weight for weight. Needs an interpreter that has Keras."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from pixelwise.core.catalog import Catalog

pytestmark = pytest.mark.oracle

SCRIPT = Path(__file__).parents[1] / "models" / "_keras_nets.py"
TUTORIAL = {"stride": 32, "upsample": "legacy"}
NETS = {  # model, options, bands, rows, columns, classes: those of the tutorials
    "stack": ("stack", {}, 1, 60, 60, 3),
    "encoder_decoder": ("encoder_decoder", {}, 1, 60, 60, 3),
    "fcn": ("fcn", {"width": 4, **TUTORIAL}, 3, 96, 128, 5),
    "segnet": ("segnet", {}, 3, 64, 96, 5),
    "strided_unet": ("strided_unet", {}, 3, 96, 128, 1),
    "unet": ("unet", {}, 3, 96, 128, 1),
    "elu_unet": ("elu_unet", {}, 3, 128, 128, 1),
    "whole_fcn": ("fcn", TUTORIAL, 3, 96, 128, 5),
}
SMALL = [name for name in NETS if name != "whole_fcn"]
SOFTMAX = {"fcn", "whole_fcn", "segnet"}


@dataclass(frozen=True)
class Pair:
    """One network of ours and what Keras said with the same weights.

    `fresh` is the deviation and the largest of each weight, before they were disturbed.
    """

    fresh: list[tuple[float, float]]
    logits: Tensor
    weights: list[Tensor]
    theirs: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> dict[str, Pair]:
    return _pairs(SMALL, tmp_path_factory.mktemp("keras"))


@pytest.mark.parametrize("name", SMALL)
def test_as_many_parameters_as_in_keras(pairs, name) -> None:
    assert sum(values.numel() for values in pairs[name].weights) == pairs[name].theirs["parameters"]


@pytest.mark.parametrize("name", SMALL)
def test_same_scores_from_the_same_weights(pairs, name) -> None:
    _assert_same_scores(pairs[name], name)


@pytest.mark.parametrize("name", SMALL)
def test_weights_start_as_spread_as_in_keras(pairs, name) -> None:
    pair = pairs[name]
    for weights, ours, theirs in zip(pair.weights, pair.fresh, pair.theirs["fresh"], strict=True):
        if weights.dim() == 1:
            assert tuple(theirs) == ours
            assert ours[0] == 0
        elif weights.numel() > 10_000:
            assert ours == pytest.approx(theirs, rel=0.03)


@pytest.mark.slow
def test_the_whole_fcn_says_what_keras_says(tmp_path) -> None:
    pair = _pairs(["whole_fcn"], tmp_path)["whole_fcn"]
    assert pair.theirs["parameters"] == 134_281_029
    _assert_same_scores(pair, "whole_fcn")


def _assert_same_scores(pair: Pair, name: str) -> None:
    ours = pair.logits
    logits, probs = (torch.tensor(pair.theirs[what]) for what in ("logits", "probs"))
    torch.testing.assert_close(ours / ours.abs().max(), logits / ours.abs().max(), rtol=0, atol=1e-5)
    our_probs = ours.softmax(-1) if name in SOFTMAX else ours.sigmoid()
    torch.testing.assert_close(our_probs, probs, rtol=0, atol=1e-5)


def _pairs(names: list[str], folder: Path) -> dict[str, Pair]:
    interpreter = os.environ.get("PIXELWISE_KERAS_PYTHON")
    if not interpreter:
        pytest.skip("set PIXELWISE_KERAS_PYTHON to a Python that has keras and tensorflow to run this test")
    torch.manual_seed(0)
    ours = {name: _ours(name, folder) for name in names}
    done = subprocess.run([interpreter, SCRIPT, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: Pair(*found, dict(np.load(folder / f"{name}.out.npz"))) for name, found in ours.items()}


def _ours(name: str, folder: Path) -> tuple[list[tuple[float, float]], Tensor, list[Tensor]]:
    """Our network's facts and logits, channels last; and the file that Keras needs to do the same."""
    builder, options, bands, rows, columns, num_classes = NETS[name]
    model = Catalog("pixelwise.models", "model")[builder](bands, num_classes, **options).eval()
    weights = [values for values in model.state_dict().values() if values.dim()]  # but for norms' counters
    fresh = [(values.std(correction=0).item(), values.abs().max().item()) for values in weights]
    for values in weights:
        if values.dim() == 1 and values.any():
            values.uniform_(0.6, 1.3)  # a norm's gain or variance
        elif values.dim() == 1:
            values.normal_(std=0.1)  # a bias of 0 would hide one that is lost
    images = torch.rand(2, bands, rows, columns)
    with torch.no_grad():
        logits = model(images).movedim(1, -1)
    arrays = {
        f"weight{n}": (values.permute(2, 3, 1, 0) if values.dim() == 4 else values).numpy()
        for n, values in enumerate(weights)
    }
    np.savez(folder / f"{name}.npz", images=images.movedim(1, -1).numpy(), **arrays)
    return fresh, logits, weights
