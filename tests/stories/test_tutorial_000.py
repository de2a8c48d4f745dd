"""Tutorial 000 on real MNIST: what it reported is reached, and more with a schedule."""

import json
from pathlib import Path

import pytest

from pixelwise.workflows.train import train

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture
def scores(real_data, tmp_path):
    def run(recipe: str) -> dict:
        train(
            real_data / "mnist",
            recipe=RECIPES / recipe,
            settings=["seed=1"],
            out=tmp_path / "run",
            quiet=True,
        )
        return json.loads((tmp_path / "run" / "scores.json").read_text())

    return run


@pytest.mark.slow
@pytest.mark.real
def test_the_encoder_decoder_reaches_what_was_reported(scores) -> None:
    found = scores("tutorial_000_encoder_decoder.yaml")
    assert found["scores"]["loss"] <= 0.030
    assert found["keras"]["recall"] >= 0.66 and found["keras"]["precision"] >= 0.94


@pytest.mark.slow
@pytest.mark.real
def test_a_schedule_reaches_more(scores) -> None:
    assert scores("digits.yaml")["scores"]["mean_iou"] > 0.80
