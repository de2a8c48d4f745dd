"""Weights from elsewhere are asked for once: a run is whole without them."""

import pytest
import timm
from safetensors.torch import save_model

from pixelwise.core.errors import CheckpointError
from pixelwise.workflows.train import resume, train
from pixelwise.workflows.trained import load_trained
from tests.data.drawn import draw_pairs


def test_a_run_opens_and_goes_on_without_the_file_it_began_with(tmp_path) -> None:
    weights = tmp_path / "encoder.safetensors"
    save_model(timm.create_model("test_resnet", num_classes=0), str(weights))
    draw_pairs(tmp_path / "data")
    settings = [
        f"model={{name: unet, encoder: test_resnet, width: 2, weights: {weights}}}",
        "data.crop=[32, 32]",
        "train={steps: 2, batch_size: 2, validate_every: 1}",
    ]
    train(tmp_path / "data", settings=settings, out=tmp_path / "run", quiet=True)
    weights.unlink()
    with pytest.raises(CheckpointError, match=r"encoder\.safetensors"):
        train(tmp_path / "data", settings=settings, out=tmp_path / "other", quiet=True)
    assert load_trained(tmp_path / "run").recipe.model.params["weights"] == str(weights)  # still says whence
    assert resume(tmp_path / "run", quiet=True).report is not None
