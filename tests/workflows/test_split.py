"""`pixelwise split`, and training that obeys it: no leak unless told, and every leak told."""

import json
import shutil

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.readers.pairs import pairs
from pixelwise.data.store import Store
from pixelwise.recipe.build import checked
from pixelwise.workflows._prepare import prepare
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.evaluate import evaluate
from pixelwise.workflows.split import split
from pixelwise.workflows.tile import tile
from pixelwise.workflows.train import resume, train
from tests.data.drawn import draw_pairs, scene, write_image, write_mask


def cars(root, number: int = 8, views: int = 4, split_of=None) -> None:
    """Photographs of cars, several views of each, after the naming of a well-known data set."""
    for car in range(number):
        for view in range(views):
            image, labels = scene(car * views + view)
            folder = root / split_of(car, view) if split_of else root
            write_image(folder / "images" / f"{car:02x}f0_{view + 1:02d}.png", image)
            write_mask(folder / "masks" / f"{car:02x}f0_{view + 1:02d}.png", labels, "index")


def recipe(root, **data):
    plain = {"data": {"reader": {"name": "pairs", "root": str(root)}, **data}, "model": {"name": "unet"}}
    return checked(
        plain | {"loss": [{"name": "cross_entropy"}], "train": {"steps": 1, "batch_size": 4}}, "test"
    )


def prepared(root, **data):
    return prepare(recipe(root, **data), Talk(quiet=True))


def cars_of(names) -> set[str]:
    return {name.rpartition("_")[0] for name in names}


def test_by_default_no_car_is_on_two_sides_and_it_is_said(tmp_path) -> None:
    cars(tmp_path)
    found = prepared(tmp_path)
    sides = [cars_of(found.stores[name].names) for name in ("train", "val", "test")]
    assert sum(map(len, sides)) == 8 == len(set.union(*sides))
    assert (
        "drawn at random, by seed 0; grouped by name: names begin with 00f0, 01f0, 02f0 and 5 more"
        in " ".join(found.notes)
    )
    lucky = prepared(tmp_path, groups="none")
    sides = [cars_of(lucky.stores[name].names) for name in ("train", "val", "test")]
    assert sum(map(len, sides)) > 8


def test_what_was_read_to_be_drawn_from_is_not_read_again(tmp_path, monkeypatch) -> None:
    cars(tmp_path)
    read: list[int] = []
    plain = Store._fresh
    monkeypatch.setattr(Store, "_fresh", lambda store, index: read.append(index) or plain(store, index))
    found = prepared(tmp_path)
    assert len(read) == 32
    for name in ("train", "val"):
        store = found.stores[name]
        again = Store(pairs(tmp_path), [pairs(tmp_path).names.index(one) for one in store.names])
        assert again.digest == store.digest
        assert all(torch.equal(again[n].image, store[n].image) for n in range(len(store)))
    read.clear()
    resized = prepared(tmp_path, resize=[20, 28])
    held_out = len(resized.stores["val"]) + len(resized.stores["test"])
    assert len(read) == 32 + held_out and resized.stores["train"].sizes[0] == (20, 28)
    assert resized.stores["test"].sizes[0] == (40, 56)


def test_a_split_file_is_obeyed_and_what_changed_is_said(tmp_path) -> None:
    root = tmp_path / "cars"
    cars(root)
    done = split(root, val=0.25, test=0.25, seed=3, quiet=True)
    assert done.files == (root / "split.yaml",) and done.rule == "name"
    assert {name: (one.images, one.groups) for name, one in done.parts.items()} == {
        "train": (16, 4), "val": (8, 2), "test": (8, 2)
    }  # fmt: skip
    assert all(abs(sum(one.shares.values()) - 1) < 1e-9 for one in done.parts.values())
    written = yaml.safe_load((root / "split.yaml").read_text())["parts"]
    found = prepared(root)
    assert {name: sorted(store.names) for name, store in found.stores.items()} == {
        name: sorted(names) for name, names in written.items()
    }
    assert not any("changed" in note for note in found.notes)
    shutil.move(root / "split.yaml", tmp_path / "mine.yaml")
    write_image(root / "images" / "00f0_01.png", scene(99)[0])
    found = prepared(root, split=str(tmp_path / "mine.yaml"))
    assert sorted(found.stores["val"].names) == sorted(written["val"])
    assert f"the data have changed since {tmp_path / 'mine.yaml'} was made." in found.notes


def test_a_split_that_leaks_is_told_with_the_car(tmp_path) -> None:
    for number in range(6):
        root = tmp_path / ("train" if number < 4 else "val" if number < 5 else "test")
        image, labels = scene(number if number < 5 else 0)  # the test image is a copy
        write_image(root / "images" / f"photo{'abcdef'[number]}.png", image)
        write_mask(root / "masks" / f"photo{'abcdef'[number]}.png", labels, "index")
    found = prepared(tmp_path)
    assert found.notes[-1] == (
        "this split leaks: 2 images show the same as one of another part: photoa (train) and photof (test)."
    )
    assert found.record.leaks == [found.notes[-1]]


def test_folds_are_each_val_once_and_test_is_never_touched(tmp_path) -> None:
    cars(tmp_path / "cars", number=12)
    done = split(tmp_path / "cars", folds=3, test=0.2, out=tmp_path / "s.yaml", quiet=True)
    assert [file.name for file in done.files] == ["s-1-of-3.yaml", "s-2-of-3.yaml", "s-3-of-3.yaml"]
    parts = [yaml.safe_load(file.read_text())["parts"] for file in done.files]
    vals = [set(one["val"]) for one in parts]
    assert len(set.union(*vals)) == sum(map(len, vals)) == 48 - len(parts[0]["test"])
    for one in parts:
        assert one["test"] == parts[0]["test"]
        assert not set(one["train"]) & (set(one["val"]) | set(one["test"]))
        assert not cars_of(one["train"]) & cars_of(one["val"])
        assert len(one["train"]) + len(one["val"]) + len(one["test"]) == 48


def test_tiles_of_one_mosaic_stay_together_or_are_cut_with_a_gap(tmp_path) -> None:
    rng = np.random.default_rng(0)
    for mosaic in ("M-1", "M-2", "M-3", "M-4", "M-5", "M-6"):
        (tmp_path / "src").mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (96, 96, 3), np.uint8)).save(tmp_path / "src" / f"{mosaic}.jpg")
        Image.fromarray(rng.integers(0, 2, (96, 96), np.uint8)).save(tmp_path / "src" / f"{mosaic}_m.png")
    tile(tmp_path / "src", out=tmp_path / "tiles", size=32, quiet=True)
    done = split(tmp_path / "tiles", out=tmp_path / "s.yaml", quiet=True)
    assert done.rule == "groups.csv" and {name: one.groups for name, one in done.parts.items()} == {
        "train": 4, "val": 1, "test": 1
    }  # fmt: skip
    (tmp_path / "one").mkdir()
    for name in ("M-1.jpg", "M-1_m.png"):
        shutil.copyfile(tmp_path / "src" / name, tmp_path / "one" / name)
    tile(tmp_path / "one", out=tmp_path / "few", size=8, quiet=True)
    done = split(tmp_path / "few", out=tmp_path / "few.yaml", quiet=True)
    assert "names 1 group; cut into " in done.reason and done.rule == "block"
    told = yaml.safe_load((tmp_path / "few.yaml").read_text())
    assert len(told["left_out"]) == done.left_out == 144 - sum(map(len, told["parts"].values())) > 0
    assert done.picture == tmp_path / "few.svg" and "M-1: 96 × 96 px" in done.picture.read_text()


def test_blocks_and_buffers_are_as_large_as_they_are_asked_for(tmp_path) -> None:
    (tmp_path / "src").mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (128, 128, 3), np.uint8)).save(tmp_path / "src" / "M.jpg")
    Image.fromarray(rng.integers(0, 2, (128, 128), np.uint8)).save(tmp_path / "src" / "M_m.png")
    tile(tmp_path / "src", out=tmp_path / "tiles", size=8, quiet=True)
    done = split(
        tmp_path / "tiles", val=0.2, test=0.2, block="32px", buffer="8px", out=tmp_path / "s.yaml", quiet=True
    )
    assert "16 blocks of 32 px; images that lie within 8 px of another part are left out" in done.reason
    parts = yaml.safe_load((tmp_path / "s.yaml").read_text())["parts"]
    at = {name: divmod(int(name.rpartition("_")[2]), 16) for names in parts.values() for name in names}
    for part, names in parts.items():
        others = [name for other, held in parts.items() if other != part for name in held]
        steps = [[max(0, abs(at[a][i] - at[b][i]) - 1) for i in (0, 1)] for a in names for b in others]
        assert min(np.hypot(*step) for step in steps) > 1  # tiles between, of 8 pixels each
    with pytest.raises(RecipeError, match="'wide' is no length"):
        split(tmp_path / "tiles", block="wide", out=tmp_path / "t.yaml", quiet=True)


def test_options_that_cannot_be_are_refused(tmp_path) -> None:
    draw_pairs(tmp_path / "d", 6)
    (tmp_path / "there.yaml").touch()
    with pytest.raises(RecipeError, match=r"val and test are 1\.2 of the images(.|\n)*is there already"):
        split(tmp_path / "d", val=0.6, test=0.6, out=tmp_path / "there.yaml", quiet=True)
    with pytest.raises(RecipeError, match="1 folds: at least 2"):
        split(tmp_path / "d", folds=1, quiet=True)
    with pytest.raises(DataError, match="cannot be grouped by time"):
        split(tmp_path / "d", by="time", quiet=True)
    (tmp_path / "d" / "images" / "scene_3.png").write_bytes(b"\x89PNG\r\n\x1a\nIEND")
    with pytest.raises(DataError, match=r"scene_3\.png"):
        split(tmp_path / "d", quiet=True)


def test_a_run_keeps_its_split_and_is_judged_and_gone_on_with_by_it(tmp_path) -> None:
    cars(tmp_path / "cars", number=5, views=3)
    (tmp_path / "r.yaml").write_text(recipe(tmp_path / "cars").to_yaml())
    settings = ["model.name=strided_unet", "train.batch_size=4"]
    run = train(recipe=tmp_path / "r.yaml", settings=settings, out=tmp_path / "run", quiet=True)
    kept = yaml.safe_load((tmp_path / "run" / "split.yaml").read_text())
    (tmp_path / "cars" / "split.yaml").write_text("parts: {train: [none], val: [none]}\n")  # too late
    assert evaluate(tmp_path / "run", quiet=True).scores == run.report.scores
    again = resume(tmp_path / "run", quiet=True)
    assert again.report.scores == run.report.scores
    assert "grouped by name" in (tmp_path / "run" / "report.html").read_text()
    assert sorted(name for names in kept["parts"].values() for name in names) == sorted(
        pairs(tmp_path / "cars").names
    )


def test_the_commands_give_tables_json_and_exit_codes(tmp_path) -> None:
    cars(tmp_path / "cars")
    out = str(tmp_path / "s.yaml")
    done = CliRunner().invoke(app, ["split", str(tmp_path / "cars"), "--out", out, "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and told["rule"] == "name" and told["parts"]["train"]["groups"] == 6
    done = CliRunner().invoke(app, ["split", str(tmp_path / "cars"), "--out", out])
    assert done.exit_code == 2 and "is there already, and nothing is overwritten" in done.stderr
    other = str(tmp_path / "t.yaml")
    done = CliRunner().invoke(app, ["split", str(tmp_path / "cars"), "--by", "none", "--out", other])
    assert done.exit_code == 0 and "grouped by none" in done.stdout
    tiles = ["tile", str(tmp_path / "cars"), "--out", str(tmp_path / "tiles"), "--size", "20", "--json"]
    told = json.loads(CliRunner().invoke(app, tiles).stdout)
    assert (told["mosaics"], told["tiles"], told["dropped"]) == (32, 32 * 4, 32 * 2)
