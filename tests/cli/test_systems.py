"""`pixelwise systems`: what it lists, runs and refuses."""

import json

import numpy as np
from typer.testing import CliRunner

from pixelwise.cli import _systems
from pixelwise.cli.main import app
from pixelwise.core.comparison import Comparison, Trial, margin

NAMES = {"crf", "grabcut", "hierarchy", "instances", "jpu", "language", "multiview", "points", "rgbd", "weak"}


def ask(*words):
    return CliRunner().invoke(app, ["systems", *map(str, words)])


def toy(*, seeds, quick, tell) -> Comparison:
    tell("working")
    scores = {"good": 0.9, "poor": 0.5 if quick else 0.85}
    trials = [Trial(name, seed, {"mean_iou": value}) for name, value in scores.items() for seed in seeds]
    picture = np.zeros((4, 6, 3), np.uint8)
    return Comparison(
        "toy",
        "good against poor",
        trials,
        [margin(trials, "good", "poor", 0.1)],
        pictures={"toy.png": picture},
    )


class Toys:
    """A catalog of one system."""

    def names(self):
        return ["toy"]

    def __getitem__(self, name):
        return toy


def test_each_is_listed_with_its_line() -> None:
    known = json.loads(ask("--json").stdout)
    assert set(known) == NAMES
    assert all(20 < len(line) < 120 for line in known.values())


def test_names_are_corrected() -> None:
    failed = ask("waek")
    assert failed.exit_code == 2 and "Did you mean 'weak'?" in failed.stderr


def test_what_does_not_hold_is_said_and_told_by_the_exit_code(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(_systems, "catalog", Toys)
    good = ask("toy", "--quick", "--out", tmp_path)
    assert good.exit_code == 0 and "good against poor" in good.stdout and "yes" in good.stdout
    told = json.loads((tmp_path / "toy" / "comparison.json").read_text())
    assert told["margins"][0]["differences"] == [0.4]
    assert (tmp_path / "toy" / "toy.png").is_file()
    poor = ask("toy", "--seeds", "2")
    assert poor.exit_code == 1 and "NO" in poor.stdout


def test_only_what_can_be_kept_is_taught(tmp_path) -> None:
    failed = ask("multiview", "--teach", tmp_path / "run")
    assert failed.exit_code == 2 and "Known: hierarchy, instances, language." in failed.stderr
