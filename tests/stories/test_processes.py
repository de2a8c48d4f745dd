"""Two processes, or four micro-batches, tell the losses that one process tells."""

import csv
import os
import subprocess
import sys

import pytest

BASE = {
    "train.steps": 12,
    "train.validate_every": 4,
    "train.batch_size": 6,
    "train.precision": "float32",
    "train.device": "cpu",
    "train.optimizer": "sgd",
    "train.lr": 0.05,
    "data.reader.train": 24,
    "data.reader.test": 7,
    "data.reader.size": [32, 32],
    "data.reader.max_digits": 2,
    "data.augmentations": "[{name: rotate, fill: ignore, degrees: 90}]",  # pixels that do not count, unevenly
}
REGIONS = {"loss": "[{name: binary_cross_entropy}, {name: dice, weight: 0.5}]"}


def history(out, launcher, **settings) -> list[dict[str, float]]:
    words = [word for key, value in (BASE | settings).items() for word in ("--set", f"{key}={value}")]
    quiet = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [*launcher, "-m", "pixelwise", "train", "--data", "digits", "--out", str(out), *words],
        check=True, env=quiet, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    rows = csv.DictReader((out / "journal.csv").read_text().splitlines())
    return [{k: float(v) for k, v in row.items() if "loss" in k or "iou" in k} for row in rows]


ONE = [sys.executable]
TWO = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def assert_close(found, wanted) -> None:
    assert len(found) == len(wanted) == 3
    for row, truth in zip(found, wanted, strict=True):
        assert row == pytest.approx(truth, abs=1e-5)


@pytest.mark.multiprocess
def test_two_processes_are_one_for_losses_of_regions_too(tmp_path) -> None:
    wanted = history(tmp_path / "one", ONE, **REGIONS)
    assert_close(history(tmp_path / "two", TWO, **REGIONS), wanted)
    assert (tmp_path / "two" / "report.html").exists()


@pytest.mark.multiprocess
def test_four_micro_batches_are_one_for_losses_of_pixels(tmp_path) -> None:
    wanted = history(tmp_path / "one", ONE, **{"train.batch_size": 8})
    assert_close(history(tmp_path / "four", ONE, **{"train.batch_size": 8, "train.micro_batches": 4}), wanted)
