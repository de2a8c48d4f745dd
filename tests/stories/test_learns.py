"""From drawn pictures on disk to a model that has learnt, applied, evaluated: both kinds of classes."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from tests.data.drawn import draw_pairs

SETTINGS = {
    "train.steps": 90,
    "train.batch_size": 8,
    "train.lr": 0.003,
    "train.precision": "float32",
    "model": "{name: unet, width: 8, norm: batch}",
}


def run(*words) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def settings(**more) -> list[str]:
    return [word for key, value in (SETTINGS | more).items() for word in ("--set", f"{key}={value}")]


@pytest.mark.parametrize(
    ("encoding", "more"),
    [("index", {}), ("binary255", {"data.reader.planes": "true"})],
    ids=["exclusive", "planes"],
)
def test_from_a_folder_to_predictions(tmp_path, encoding, more) -> None:
    draw_pairs(tmp_path / "data", number=24, size=(40, 56), encoding=encoding, layout="parallel")
    out = tmp_path / "run"
    told = json.loads(run("train", "--data", tmp_path / "data", "--out", out, "--json", *settings(**more)))
    assert told["finished"] and told["report"]["scores"]["mean_iou"] > 0.55, told["report"]["scores"]

    files = {path.name for path in out.iterdir()}
    assert files == {
        "recipe.yaml", "classes.yaml", "environment.json", "journal.csv", "scores.json", "report.html",
        "split.yaml", "best.safetensors", "last.safetensors",
    }  # fmt: skip
    again = json.loads(run("evaluate", out, "--json"))
    assert again["counts"] == told["report"]["counts"]
    other = json.loads(run("evaluate", out, "--data", tmp_path / "data", "--split", "all", "--json"))
    assert other["samples"] == 24 and other["split"] == "all"
    assert "Mean" in run("evaluate", out, "--split", "val", "--out", tmp_path / "scores")
    assert (tmp_path / "scores" / "report.html").exists()

    image = tmp_path / "data" / "images"
    done = json.loads(run("predict", out, image, "--out", tmp_path / "p", "--json"))
    assert len(done) == 24
    index = np.asarray(Image.open(done[0]["labels"]))
    assert index.shape == (40, 56) and index.max() < len(told["report"]["classes"]["classes"]) + 1
    assert sum(done[0]["shares"].values()) <= 1.0 + 1e-6
    with Image.open(done[0]["overlay"]) as overlay:
        assert overlay.size == (56, 40)

    recipe = out / "recipe.yaml"
    assert json.loads(run("check", recipe, "--json"))["train"]["steps"] == 90


def test_a_budget_is_kept(tmp_path) -> None:
    import time

    draw_pairs(tmp_path / "data", number=12, size=(32, 32), encoding="index", layout="parallel")
    start = time.monotonic()
    words = settings()
    del words[words.index("train.steps=90") - 1 : words.index("train.steps=90") + 1]
    told = json.loads(
        run(
            "train",
            "--data",
            tmp_path / "data",
            "--budget",
            "8s",
            "--out",
            tmp_path / "run",
            "--json",
            *words,
        )
    )
    assert told["finished"] and time.monotonic() - start < 25


def test_whole_sets_of_different_sizes_and_resizing(tmp_path) -> None:
    draw_pairs(tmp_path / "data", number=8, size=(40, 56), encoding="index", layout="parallel")
    for number, path in enumerate(sorted((tmp_path / "data").rglob("scene_[01].png"))):
        picture = Image.open(path)
        picture.resize((31, 47), Image.Resampling.NEAREST).save(path)
        del number
    for name, more in {
        "mixed": {"data.crop": "null"},
        "resized": {"data.resize": "[24,24]", "data.crop": "null"},
    }.items():
        out = tmp_path / name
        run("train", "--data", tmp_path / "data", "--out", out, *settings(**{"train.steps": 4}, **more))
        assert (out / "report.html").exists()
