"""`pixelwise evaluate` says how sure it is, and with --boundaries how well outlines are found."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from pixelwise.cli.main import app
from tests.data.drawn import draw_pairs

EDGES = {"boundary_f", "boundary_iou", "hausdorff_95", "surface_distance"}
SETTINGS = ("train.steps=8", "train.precision=float32", "model={name: unet, width: 8, norm: batch}")


def say(*words) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    home = tmp_path_factory.mktemp("trained")
    draw_pairs(home / "data", number=12, size=(40, 56), encoding="index", layout="parallel")
    words = [word for setting in SETTINGS for word in ("--set", setting)]
    say("train", "--data", home / "data", "--out", home / "run", *words)
    return home / "run"


def test_outlines_stand_in_the_table_the_file_and_the_page(trained, tmp_path) -> None:
    table = say("evaluate", trained, "--split", "all", "--boundaries", "--out", tmp_path / "scores")
    for title in ("Mean IoU", "Boundary F1", "Boundary IoU", "image IoU"):
        assert title in " ".join(table.split())
    told = json.loads((tmp_path / "scores" / "scores.json").read_text())
    assert set(told["scores"]) >= EDGES and set(told["per_class"]) >= EDGES
    page = (tmp_path / "scores" / "report.html").read_text()
    assert "Boundary F1" in page and "Boundary IoU" in page


def test_an_interval_and_the_images_are_always_told(trained) -> None:
    told = json.loads(say("evaluate", trained, "--split", "all", "--json"))
    scores = told["scores"]
    assert scores["mean_iou_low"] <= scores["mean_iou"] <= scores["mean_iou_high"]
    assert set(told["per_image"]["dice"]) == {"mean", "lower_quartile", "median", "upper_quartile"}
    assert len(told["worst"]) == 5
    assert not EDGES & set(scores)


@pytest.mark.multiprocess
def test_two_processes_say_what_one_says(trained) -> None:
    words = ["evaluate", str(trained), "--split", "all", "--boundaries", "--json"]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "pixelwise"]
    two = json.loads(
        subprocess.run(
            [sys.executable, *launcher, *words],
            check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        ).stdout
    )  # fmt: skip
    one = json.loads(say(*words))
    assert two["counts"] == one["counts"] and two["worst"] == one["worst"]
    assert two["per_image"] == one["per_image"]
    for part in ("scores", "per_class"):
        for name, value in one[part].items():
            assert two[part][name] == pytest.approx(value, abs=1e-6), name
