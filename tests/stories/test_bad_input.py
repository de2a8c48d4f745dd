"""Each fault gets one clear message, exit code 2, no traceback, and nothing is written."""

import pickle
import shutil

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs


@pytest.fixture
def data(tmp_path):
    draw_pairs(tmp_path / "data", number=6, size=(40, 56), encoding="index", layout="parallel")
    return tmp_path / "data"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small finished run on drawn digits."""
    folder = tmp_path_factory.mktemp("run") / "run"
    settings = ["train.steps=4", "data.reader.train=12", "data.reader.test=4", "train.validate_every=4"]
    train("digits", settings=[*settings, "data.reader.size=[32,32]"], out=folder, quiet=True)
    return folder


def refused(*words) -> str:
    """What the command says on stderr; it must end with 2 and without a traceback."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 2, (result.stdout, result.stderr, result.exception)
    assert "Traceback" not in result.stderr and result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    return " ".join(result.stderr.split())


def train_refused(data, out, *settings) -> str:
    told = refused(
        "train", "--data", data, "--out", out, "--budget", "5s", *[w for s in settings for w in ("--set", s)]
    )
    assert not out.exists()
    return told


def images(data):
    return sorted((data / "images").iterdir())


def masks(data):
    return sorted(
        path
        for path in data.rglob("*")
        if path.is_file() and path.parent.name != "images" and path.suffix == ".png"
    )


def test_missing_and_empty_folders(tmp_path) -> None:
    assert "nowhere" in train_refused(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    assert "empty" in train_refused(tmp_path / "empty", tmp_path / "out")


def test_unpaired_files_both_ways_at_once(data, tmp_path) -> None:
    lonely, orphan = images(data)[0], masks(data)[3]
    masks(data)[0].unlink()
    images(data)[3].unlink()
    told = train_refused(data, tmp_path / "out")
    assert lonely.name in told and orphan.name in told


def test_sizes_differ(data, tmp_path) -> None:
    Image.open(images(data)[1]).resize((20, 10)).save(images(data)[1])
    told = train_refused(data, tmp_path / "out")
    assert images(data)[1].stem in told and "(10, 20)" in told and "(40, 56)" in told


def test_truncated_and_foreign_files_all_at_once(data, tmp_path) -> None:
    image, other = images(data)[1], images(data)[4]
    image.write_bytes(image.read_bytes()[: image.stat().st_size // 2])
    other.write_text("this is no image")
    told = train_refused(data, tmp_path / "out")
    assert image.name in told and other.name in told


def test_values_outside_the_classes(data, tmp_path) -> None:
    (data / "classes.yaml").write_text("classes: [{name: ground}, {name: disc}, {name: square}]\n")
    mask = masks(data)[2]
    values = np.array(Image.open(mask))
    values[:5] = 255
    Image.fromarray(values).save(mask)
    told = train_refused(data, tmp_path / "out")
    assert mask.name in told and "255" in told


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("model.name=unett", "unknown model 'unett'. Did you mean 'unet'?"),
        ("loss.0.name=dcie", "unknown loss 'dcie'. Did you mean 'dice'?"),
        ("model.widht=3", "unknown parameter 'widht'. Did you mean 'width'?"),
        ("train.lrr=1", "train.lrr: unknown key. Did you mean 'lr'?"),
        ("train.lr=fast", "train.lr: input should be a valid number"),
        ("data.crop=7", "data.crop:"),
        ("train.lr", "sets nothing. Write it as train.lr=0.001"),
        ("loss.9.name=dice", "loss.9: a list of"),
        ("train.budget=soon", "'soon' is not a time"),
    ],
)
def test_recipes_that_cannot_run(setting, told, tmp_path) -> None:
    assert told in refused("train", "--data", "digits", "--out", tmp_path / "out", "--set", setting)
    assert not (tmp_path / "out").exists()


def test_check_tells_every_fault_of_a_file_at_once(tmp_path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "data: {reader: {name: digitz}}\nmodel: {name: unet, width: -1}\nloss: []\ntrain: {steps: 0}\n"
    )
    told = refused("check", recipe)
    assert "unknown reader 'digitz'. Did you mean 'digits'?" in told
    assert (
        "width=-1" in told
        and "give at least one loss" in told
        and "train.steps: input should be greater than 0" in told
    )
    recipe.write_text("data: [\n")
    assert "is not YAML" in refused("check", recipe)
    assert "cannot read" in refused("check", tmp_path / "none.yaml")


def test_nothing_is_overwritten(run) -> None:
    before = {path: path.read_bytes() for path in run.iterdir()}
    assert "is not empty, and nothing is overwritten" in refused("train", "--data", "digits", "--out", run)
    assert "is not empty" in refused("evaluate", run, "--out", run)
    assert {path: path.read_bytes() for path in run.iterdir()} == before


def test_runs_that_cannot_be_trusted(run, tmp_path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    content = bytearray((copy / "best.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "best.safetensors").write_bytes(content)
    assert "was changed after it was written" in refused("evaluate", copy)
    (copy / "best.safetensors").write_bytes(pickle.dumps({"weights": 1}))
    assert "is a pickle, which can run any code" in refused("evaluate", copy)
    torch.save({"w": torch.ones(1)}, copy / "last.safetensors")
    assert "is a pickle" in refused("train", "--resume", copy)
    assert "no run at" in refused("evaluate", tmp_path / "none")
    assert "is not a run folder" in refused("evaluate", tmp_path)


def test_a_run_of_another_version(run, tmp_path) -> None:
    from pixelwise.engine.checkpoint import Checkpoint, load, save

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    found = load(copy / "best.safetensors")
    recipe = found.facts["recipe"] | {"model": {"name": "hologram"}}
    save(
        copy / "best.safetensors",
        Checkpoint(found.tensors, found.facts | {"recipe": recipe, "version": "9.9"}),
    )
    told = refused("evaluate", copy)
    assert "a run of pixelwise 9.9" in told and "Use that version" in told


def test_data_that_changed_since(run, tmp_path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    from pixelwise.engine.checkpoint import Checkpoint, load, save

    found = load(copy / "last.safetensors")
    save(copy / "last.safetensors", Checkpoint(found.tensors, found.facts | {"data": "0" * 64}))
    assert "the data are not those that" in refused("train", "--resume", copy)


def test_predict_does_not_overwrite_and_tells_what_it_cannot_read(run, tmp_path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        Image.fromarray(np.full((20, 30), 40 * number, np.uint8)).save(photos / f"{number}.png")
    assert "leads to an image" in refused("predict", run, tmp_path / "none", "--out", tmp_path / "p")
    (photos / "1.png").write_text("no image")
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(photos / "2.png")
    told = refused("predict", run, photos, "--out", tmp_path / "p")
    assert "1 images done, 2 could not be" in told and "1.png" in told
    assert "3 bands, and the run was trained on images with 1" in told
    assert (tmp_path / "p" / "labels" / "0.png").exists()
    assert "are there already" in refused("predict", run, photos / "0.png", "--out", tmp_path / "p")


def test_a_split_that_is_not_there(run) -> None:
    assert "no split 'tset' in the data. Found train, test, val" in refused(
        "evaluate", run, "--split", "tset"
    )


def test_evaluating_on_other_classes(run, data) -> None:
    told = refused("evaluate", run, "--data", data)
    assert "speak of other classes" in told and "is unknown to the run" in told and "'0' is missing" in told


def test_no_space(tmp_path, monkeypatch) -> None:
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixelwise.engine.checkpoint.save_file", full)
    settings = ["train.steps=4", "data.reader.train=12", "data.reader.test=4", "data.reader.size=[32,32]"]
    told = refused(
        "train", "--data", "digits", "--out", tmp_path / "o", *[w for s in settings for w in ("--set", s)]
    )
    assert "No space left on device" in told and "What was saved before is untouched" in told


def test_nan_stops_with_the_file_names(data, tmp_path) -> None:
    first = images(data)[0]
    told = refused(
        "train", "--data", data, "--out", tmp_path / "o", "--set", "train.steps=30", "--set", "train.lr=1e30",
        "--set", "train.clip=null", "--set", "model={name: stack}", "--set", "train.optimizer=sgd",
    )  # fmt: skip
    assert (
        "the loss is" in told and "Lower train.lr" in told and any(path.stem in told for path in images(data))
    )
    assert yaml.safe_load((tmp_path / "o" / "recipe.yaml").read_text())["train"]["clip"] is None
    assert first.exists()
