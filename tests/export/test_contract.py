"""The contract goes to JSON and back, and notices what was changed."""

import json
from dataclasses import replace

import pytest

from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError
from pixelwise.export.contract import Band, Contract, contract_file, read_contract, write_contract
from pixelwise.export.form import Form

CONTRACT = Contract(
    classes=Classes(("ground", "vine"), ignored=(255,)),
    bands=(Band(0.5, 0.2, 0.0, 1.0), Band(0.1, 0.3)),
    metres=(0.5, 0.5),
    resize=None,
    form=Form("onnx", size=(64, 96), bits="int8"),
    recipe={"seed": 0, "model": {"name": "unet"}},
    data="ab" * 32,
    licences={"pretrained": "apache-2.0"},
    scores={"test mean_iou": 0.5},
    version="0.1.0",
)


@pytest.fixture
def model(tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"a graph")
    write_contract(file, CONTRACT)
    return file


def test_it_comes_back_as_it_went(model) -> None:
    found = read_contract(model)
    assert replace(found, files={}) == CONTRACT
    assert list(found.files) == ["model.onnx"]


def test_a_changed_model_is_noticed(model) -> None:
    model.write_bytes(b"a grape")
    with pytest.raises(CheckpointError, match=r"changed after it was exported"):
        read_contract(model)


def test_a_missing_half_is_named(model) -> None:
    contract_file(model).unlink()
    with pytest.raises(CheckpointError, match=r"model\.json is not there.*two files"):
        read_contract(model)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "not JSON"),
        ('{"contract": 9}', "format 9, known is 1"),
        ('{"contract": 1}', "cannot be read"),
    ],
)
def test_a_damaged_contract_is_told(model, text, words) -> None:
    contract_file(model).write_text(text)
    with pytest.raises(CheckpointError, match=words):
        read_contract(model)


def test_a_name_in_the_contract_leads_nowhere_else(model) -> None:
    told = json.loads(contract_file(model).read_text())
    told["files"] = {"../../etc/passwd": "0" * 64}
    contract_file(model).write_text(json.dumps(told))
    with pytest.raises(CheckpointError, match="passwd was changed after it was exported, or is gone"):
        read_contract(model)
