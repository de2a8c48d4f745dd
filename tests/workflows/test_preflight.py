"""A look before the training: what it says, what it stops, and that it changes nothing."""

import json
import random

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations import flip as flipping
from pixelwise.engine.checkpoint import load
from pixelwise.engine.preflight.cost import Need
from pixelwise.workflows import _look
from pixelwise.workflows.preflight import preflight
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs

SETTINGS = [
    "model={name: unet, width: [8, 8], norm: batch}",
    "data.crop=[24, 24]",
    "data.augmentations=[{name: flip}, {name: rotate}]",
    "train={steps: 12, batch_size: 2, lr: 0.02, device: cpu, precision: float32, validate_every: 12}",
]
ORDER = ["alignment", "labels", "two images", "numbers", "preparation", "memory", "disk", "pace", "time"]


@pytest.fixture
def data(tmp_path):
    draw_pairs(tmp_path / "data", number=8, size=(32, 40))
    return tmp_path / "data"


@pytest.fixture
def mirrored(monkeypatch):
    """The tutorial's mistake: images are mirrored, their masks are not."""

    def only_image(sample, rng, *, horizontal: float = 0.5, vertical: float = 0.0):
        turned = torch.rand((), generator=rng) < horizontal
        return Sample(sample.image.flip(2) if turned else sample.image, sample.labels, sample.name)

    monkeypatch.setattr(flipping, "flip", only_image)


@pytest.fixture
def thorough(monkeypatch):
    """All checks, however short the training."""
    monkeypatch.setattr(_look, "_SHARE", 10_000.0)
    monkeypatch.setattr(_look, "_FEWEST_STEPS", 1)


def test_a_sound_training_is_found_sound_and_nothing_is_written(data, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    found = preflight(data, settings=SETTINGS, quiet=True)
    assert [each.check for each in found.findings] == ORDER
    said = {each.check: each for each in found.findings}
    assert found.sound, said
    for check in ("alignment", "numbers", "preparation", "memory", "disk", "time"):
        assert said[check].severity == "fine", said[check]
    assert "crop, flip, rotate" in said["alignment"].saying and "to the bit" in said["preparation"].saying
    assert sorted(tmp_path.rglob("*")) == before


def test_resizing_is_the_same_in_training_and_prediction(data) -> None:
    found = preflight(data, settings=[*SETTINGS, "data.resize=[24, 24]"], quiet=True)
    said = {each.check: each for each in found.findings}
    assert said["preparation"].severity == "fine", said["preparation"]


def test_a_command_that_finds_a_fault_says_what_to_do_and_leaves_with_code_one(data, mirrored) -> None:
    words = [word for setting in SETTINGS for word in ("--set", setting)]
    told = CliRunner().invoke(app, ["preflight", "--data", str(data), "--json", *words])
    assert told.exit_code == 1, told.stderr
    found = json.loads(told.stdout)
    assert not found["sound"]
    (fault,) = [each for each in found["findings"] if each["severity"] == "fault"]
    assert fault["check"] == "alignment" and "mirrored left to right" in fault["saying"]
    plain = CliRunner().invoke(app, ["preflight", "--data", str(data), *words])
    assert "fault" in plain.stdout and "data.augmentations" in plain.stdout


def test_a_fault_stops_a_training_unless_told_otherwise(data, mirrored, thorough, tmp_path) -> None:
    with pytest.raises(RecipeError, match=r"--no-preflight[^\n]*\n  alignment: augmentation 'flip'"):
        train(data, settings=SETTINGS, out=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
    short = [*SETTINGS[:3], SETTINGS[3].replace("12", "2")]
    assert train(data, settings=short, out=tmp_path / "run", preflight=False, quiet=True).report is not None


def test_training_is_the_same_to_the_bit_with_and_without(data, thorough, tmp_path) -> None:
    for name, looks in (("with", True), ("without", False)):
        random.seed(0), np.random.seed(0)  # noqa: NPY002 their states are saved too
        train(data, settings=SETTINGS, out=tmp_path / name, preflight=looks, quiet=True)
    one, other = (load(tmp_path / name / "last.safetensors") for name in ("with", "without"))
    assert one.tensors.keys() == other.tensors.keys()
    for key, tensor in other.tensors.items():
        if key == "random/python":
            continue  # the checker of shapes, which only tests run, draws from it to pick items of lists
        assert torch.equal(one.tensors[key], tensor), key


def test_warnings_land_in_the_report(data, thorough, tmp_path) -> None:
    slow = [*SETTINGS[:3], SETTINGS[3].replace("lr: 0.02", "lr: 0.0002")]  # two images are not learnt at once
    done = train(data, settings=slow, out=tmp_path / "run", quiet=True)
    page = (done.folder / "report.html").read_text()
    assert "preflight: two images: two images are learnt slowly" in page


def test_a_step_that_cannot_fit_ends_the_look_before_it_is_made(data, monkeypatch) -> None:
    monkeypatch.setattr(_look.cost, "need", lambda *_, **__: Need(weights=10, image=2**50))
    monkeypatch.setattr(_look, "step_seconds", lambda *_, **__: pytest.fail("a step was made"))
    found = preflight(data, settings=SETTINGS, quiet=True)
    assert not found.sound and {each.check for each in found.findings} == {"labels", "memory", "disk"}


@pytest.mark.parametrize(
    ("length", "seconds"),
    [("budget: 10m", 20.0), ("budget: 1m", 3.0), ("budget: 10s", 0.0), ("steps: 99", 0.0)],
)
def test_a_training_spends_little_on_its_look(length, seconds) -> None:
    plain = {
        "data": {"reader": {"name": "digits"}},
        "model": {"name": "stack"},
        "loss": [{"name": "dice"}],
        "train": dict([length.split(": ")]),
    }
    assert _look.allowed(_look.Recipe.model_validate(plain), 10.0) == seconds
