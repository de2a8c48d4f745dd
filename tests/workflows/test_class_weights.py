"""Rules of class weights become numbers before training, and stay what they became."""

import re

import pytest
import torch
import yaml

from pixelwise.core.errors import RecipeError
from pixelwise.engine.checkpoint import load
from pixelwise.recipe.build import asked
from pixelwise.workflows.train import train

SETTINGS = [
    "train.steps=2", "train.batch_size=4", "train.device=cpu", "data.reader.train=8", "data.reader.test=2",
    "data.reader.size=[32,32]", "data.reader.max_digits=2", "model={name: elu_unet, width: 4}",
]  # fmt: skip


def test_a_rule_is_counted_written_down_and_gone_on_with(tmp_path, capfd) -> None:
    loss = "loss=[{name: cross_entropy, class_weights: enet}, {name: dice, weight: 0.5}]"
    exclusive = "data.reader.exclusive=true"
    train("digits", settings=[*SETTINGS, loss, exclusive], out=tmp_path / "run")
    weights = yaml.safe_load((tmp_path / "run" / "recipe.yaml").read_text())["loss"][0]["class_weights"]
    assert len(weights) > 2 and min(weights) == weights[0] > 0  # the background is the most frequent
    assert load(tmp_path / "run" / "best.safetensors").facts["recipe"]["loss"][0]["class_weights"] == weights
    told = re.search(r"class weights, enet: (.*)", capfd.readouterr().err)
    assert told and told[1].count(",") == len(weights) - 1


def test_a_misspelt_rule_is_told_with_those_that_are() -> None:
    plain = {"data": {"reader": {"name": "digits"}}, "model": {"name": "stack"}, "train": {"steps": 1}}
    with pytest.raises(
        RecipeError, match=r"class_weights='inverted': Input should be 'inverse', 'root_inverse'"
    ):
        asked(plain | {"loss": [{"name": "focal", "class_weights": "inverted"}]}, [], "test")
    fine = asked(plain | {"loss": [{"name": "focal", "class_weights": [1, 2.5]}]}, [], "test")
    assert torch.equal(torch.tensor(fine.loss[0].params["class_weights"]), torch.tensor([1, 2.5]))
