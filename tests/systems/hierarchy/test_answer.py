"""Both networks in one file, and both steps as one."""

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.engine.checkpoint import Checkpoint, save
from pixelwise.systems.hierarchy.answer import FILE, Chain, find_contents, keep, open_chain
from pixelwise.systems.hierarchy.levels import DRAWN, VESSEL, outputs
from pixelwise.systems.hierarchy.network import small
from pixelwise.systems.hierarchy.teaching import teach


@pytest.fixture
def chain():
    torch.manual_seed(0)
    first, second = small(3, outputs((VESSEL,)), way="nothing"), small(3, outputs(DRAWN))
    torch.nn.init.normal_(second.first.relevance.weight)
    return Chain(first.eval(), second.eval(), DRAWN, (16, 16))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)).save(path)
    return path


def test_what_is_kept_says_the_same(chain, tmp_path) -> None:
    keep(tmp_path / FILE, chain)
    opened, image = open_chain(tmp_path), torch.rand(3, 20, 30)
    assert opened.levels == DRAWN and opened.size == (16, 16)
    here, there = chain.contents(image), opened.contents(image)
    assert torch.equal(here.vessel, there.vessel) and here.vessel.shape == (20, 30)
    assert all(torch.equal(here.labels[name], there.labels[name]) for name in ("vessel", "fill", "phase"))


def test_the_second_network_is_given_what_the_first_one_finds(chain) -> None:
    image = torch.rand(3, 16, 16)
    found = chain.contents(image)
    given = chain.contents(image, found.vessel)
    other = chain.contents(image, ~found.vessel)
    assert torch.equal(found.labels["phase"], given.labels["phase"])
    assert not torch.equal(found.labels["phase"], other.labels["phase"])


def test_labels_and_a_picture_for_each_image(chain, photo, tmp_path) -> None:
    keep(tmp_path / FILE, chain)
    (done,) = find_contents(tmp_path, [photo], out=tmp_path / "out")
    labels = np.array(Image.open(done.labels))
    assert labels.shape == (20, 30) and done.picture.is_file()
    assert done.shares["liquid"] == pytest.approx((labels == 2).mean())
    with pytest.raises(RecipeError, match="are there already"):
        find_contents(tmp_path, [photo], out=tmp_path / "out")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match="1 images done, 1 could not be"):
        find_contents(tmp_path, [photo, bad], out=tmp_path / "out", overwrite=True)


def test_runs_of_other_kinds_are_refused(tmp_path) -> None:
    save(tmp_path / FILE, Checkpoint({"model/a": torch.zeros(1)}, {"system": "language"}))
    with pytest.raises(CheckpointError, match="'language'"):
        open_chain(tmp_path)


def test_a_run_is_taught_kept_and_asked(photo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pixelwise.systems.hierarchy.teaching._SCENES", 20)
    teach(tmp_path / "run", steps=2)
    (done,) = find_contents(tmp_path / "run", [photo], out=tmp_path / "out")
    assert sum(done.shares.values()) == pytest.approx(1.0)
