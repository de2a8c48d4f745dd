"""Checkpoints: whole, ours, unchanged, and never a pickle."""

import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from pixelwise.core.errors import CheckpointError, StorageError
from pixelwise.engine.checkpoint import Checkpoint, load, save
from pixelwise.engine.state import (
    optimizer_tensors,
    random_tensors,
    restore_model,
    restore_optimizer,
    restore_random,
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "last.safetensors"
    save(
        path,
        Checkpoint(
            {"model/w": torch.arange(6.0).view(2, 3), "random/torch": torch.get_rng_state()}, {"step": 7}
        ),
    )
    return path


def test_comes_back(path) -> None:
    found = load(path)
    assert found.facts["step"] == 7
    assert found.part("model/")["w"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_changed_byte_is_noticed(path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="was changed after it was written"):
        load(path)


def test_changed_facts_are_noticed(path) -> None:
    path.write_bytes(path.read_bytes().replace(b'\\"step\\": 7', b'\\"step\\": 8'))
    with pytest.raises(CheckpointError, match="was changed after it was written"):
        load(path)


def test_a_cut_file_is_noticed(path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        load(path)


@pytest.mark.parametrize(
    "write", [lambda p: torch.save({"w": torch.ones(1)}, p), lambda p: p.write_bytes(pickle.dumps(1))]
)
def test_a_pickle_is_never_opened(path, write) -> None:
    write(path)
    with pytest.raises(CheckpointError, match="is a pickle, which can run any code"):
        load(path)


def test_a_length_that_looks_like_a_pickle_is_none(tmp_path) -> None:
    seen = set()
    for size in range(300):
        save(tmp_path / "c", Checkpoint({"model/w": torch.zeros(1)}, {"note": "x" * size}))
        assert load(tmp_path / "c").facts["note"] == "x" * size
        seen.add((tmp_path / "c").read_bytes()[0])
    assert 0x80 in seen  # the first byte of a length, and of a pickle


def test_foreign_weights_and_missing_files_are_told(path, tmp_path) -> None:
    save_file({"w": torch.ones(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not written by pixelwise"):
        load(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        load(tmp_path / "nothing")


def test_another_format_is_told(path) -> None:
    tensors = load_file(path)
    save_file(tensors, path, {"pixelwise": '{"format": 99, "version": "9.9"}'})
    with pytest.raises(CheckpointError, match=r"has format 99.*written by pixelwise 9\.9"):
        load(path)


def test_a_full_disk_keeps_the_old_one(path, monkeypatch) -> None:
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixelwise.engine.checkpoint.save_file", full)
    with pytest.raises(StorageError, match="No space left"):
        save(path, Checkpoint({"model/w": torch.zeros(1)}, {"step": 8}))
    assert load(path).facts["step"] == 7


@pytest.mark.parametrize("kind", ["adam", "adamw", "sgd"])
def test_optimizers_go_on_to_the_bit(tmp_path, kind) -> None:
    from pixelwise.engine.optimizers import make_optimizer

    def steps(model, optimizer, number):
        for _ in range(number):
            model(torch.ones(1, 3, 6, 6)).square().sum().backward()
            optimizer.step()
            optimizer.zero_grad()

    model = torch.nn.Conv2d(3, 2, 3).to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, kind, lr=0.1, weight_decay=0.01)
    steps(model, optimizer, 3)
    tensors, groups = optimizer_tensors(optimizer)
    save(
        tmp_path / "a",
        Checkpoint(tensors | {"model/" + k: v for k, v in model.state_dict().items()}, {"g": groups}),
    )
    steps(model, optimizer, 4)

    found = load(tmp_path / "a")
    twin = torch.nn.Conv2d(3, 2, 3).to(memory_format=torch.channels_last)
    restore_model(twin, found.part("model/"))
    again = make_optimizer(twin, kind, lr=0.5)
    restore_optimizer(again, found.part("optimizer/"), found.facts["g"])
    steps(twin, again, 4)
    assert torch.equal(twin.weight, model.weight) and torch.equal(twin.bias, model.bias)


def test_every_random_state_goes_on(tmp_path) -> None:
    import random

    import numpy as np

    torch.randn(3), random.gauss(0, 1), np.random.randn()  # noqa: NPY002
    save(tmp_path / "r", Checkpoint(random_tensors()))
    wanted = torch.randn(3), random.gauss(0, 1), random.random(), np.random.randn(3)  # noqa: NPY002
    restore_random(load(tmp_path / "r").part("random/"))
    found = torch.randn(3), random.gauss(0, 1), random.random(), np.random.randn(3)  # noqa: NPY002
    assert torch.equal(wanted[0], found[0]) and wanted[1:3] == found[1:3] and (wanted[3] == found[3]).all()


def test_weights_of_another_model_are_told() -> None:
    with pytest.raises(
        CheckpointError, match=r"another model: lacks bias, weight is \(1, 3\), the model's is \(2, 3\)"
    ):
        restore_model(torch.nn.Linear(3, 2), {"weight": torch.zeros(1, 3)})
