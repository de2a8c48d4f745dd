"""A run that is killed at any moment and gone on with ends where the run ends that never was."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch

from pixelwise.engine.checkpoint import load

SETTINGS = {
    "train.steps": 300,
    "train.validate_every": 50,
    "train.save_every": 0,
    "train.batch_size": 8,
    "train.device": "cpu",
    "data.reader.train": 40,
    "data.reader.test": 8,
    "data.reader.size": [32, 32],
    "data.reader.max_digits": 2,
    "data.augmentations": "[{name: flip}, {name: rotate}]",
    "model": "{name: elu_unet, width: 4}",
}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "pixelwise", "train", *words]


def begin(out) -> list[str]:
    settings = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
    return command("--data", "digits", "--out", str(out), *settings)


def start(words: list[str]) -> subprocess.Popen:
    number, name = tempfile.mkstemp()
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=number, env=alone)
    os.close(number)
    process.log = Path(name)
    return process


def finish(process: subprocess.Popen) -> None:
    assert process.wait() == 0, process.log.read_text()


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    finish(start(begin(out)))
    return out


def timeless(journal: Path) -> list[list[str]]:
    """The rows without what the clock says: seconds and images per second."""
    rows = [line.split(",") for line in journal.read_text().splitlines()]
    return [[cell for name, cell in zip(rows[0], row, strict=True) if "second" not in name] for row in rows]


def assert_same(run, wanted) -> None:
    for name in ("last.safetensors", "best.safetensors"):
        found, truth = load(run / name), load(wanted / name)
        assert found.facts["step"] == truth.facts["step"]
        for key, tensor in truth.part("model/").items():
            assert torch.equal(found.part("model/")[key], tensor), (name, key)
    assert timeless(run / "journal.csv") == timeless(wanted / "journal.csv")


def kill_somewhere(out: Path, rng: random.Random) -> int:
    """Begin or go on, kill -9 some moment after it has got further; the step that was safe then."""
    last = out / "last.safetensors"
    before = last.stat().st_mtime_ns if last.exists() else 0
    process = start(command("--resume", str(out)) if before else begin(out))
    while (not last.exists() or last.stat().st_mtime_ns == before) and process.poll() is None:
        time.sleep(0.001)
    time.sleep(rng.uniform(0.0, 0.05))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, process.log.read_text()
    return load(last).facts["step"]


@pytest.mark.multiprocess
@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_at_random_moments(never_killed, tmp_path, kills) -> None:
    rng = random.Random(2)
    steps = [kill_somewhere(tmp_path / "run", rng) for _ in range(kills)]
    assert steps == sorted(set(steps)) and steps[-1] < SETTINGS["train.steps"]
    finish(start(command("--resume", str(tmp_path / "run"))))
    assert_same(tmp_path / "run", never_killed)


@pytest.mark.multiprocess
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_saves_and_says_how_to_go_on(never_killed, tmp_path, number) -> None:
    out = tmp_path / "run"
    process = start(begin(out))
    while not (out / "last.safetensors").exists():
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait() == 130
    told = process.log.read_text()
    assert f"pixelwise train --resume {out}" in told and "Traceback" not in told
    assert not load(out / "last.safetensors").facts["standing"]["finished"]
    finish(start(command("--resume", str(out))))
    assert_same(out, never_killed)
