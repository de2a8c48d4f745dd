import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.mapillary import mapillary
from pixelwise.data.recognise import recognise

LABELS = [
    {"name": "animal--bird", "color": [165, 42, 42], "evaluate": True},
    {"name": "void--car-mount", "color": [32, 32, 32], "evaluate": False},
    {"name": "nature--sky", "color": [70, 130, 180], "evaluate": True},
]


def draw(
    root: Path, inside: str = "", config: str = "config.json", splits=("training", "validation")
) -> None:
    for number, split in enumerate(splits):
        images, masks = root / split / "images", root / split / inside / "labels"
        for folder in (images, masks, root / split / inside / "instances"):
            folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((1, 3, 3), np.uint8)).save(images / f"s{number}.jpg")
        pixels = np.array([[0, 1, 2]], np.uint8)
        Image.fromarray(pixels).save(masks / f"s{number}.png")
        Image.fromarray(pixels.astype(np.uint16) * 256).save(
            root / split / inside / "instances" / f"s{number}.png"
        )
    (root / config).write_text(json.dumps({"labels": LABELS}))


@pytest.mark.parametrize(("inside", "config"), [("", "config.json"), ("v1.2", "config_v1.2.json")])
def test_what_is_not_evaluated_does_not_count(inside, config, tmp_path) -> None:
    draw(tmp_path, inside, config)
    (tmp_path / "testing" / "images").mkdir(parents=True)
    Image.fromarray(np.zeros((1, 3, 3), np.uint8)).save(tmp_path / "testing" / "images" / "t.jpg")
    data = mapillary(tmp_path)
    assert data.classes.names == ("animal--bird", "nature--sky")
    assert data.classes.colours[1] == (70, 130, 180)
    assert data[0].labels.tolist() == [[0, 255, 1]]
    assert data.splits == {"train": (0,), "val": (1,)}
    assert "1 test images of testing/ have no masks: left out." in data.notes
    assert recognise(tmp_path)[0] == "mapillary"
    assert pickle.loads(pickle.dumps(data))[1].labels.tolist() == [[0, 255, 1]]


def test_the_newer_of_two_versions_is_read_unless_told(tmp_path) -> None:
    for version in ("v1.2", "v2.0"):
        draw(tmp_path, version, f"config_{version}.json")
    assert mapillary(tmp_path).pairs[0].mask.parent.parent.name == "v2.0"
    assert mapillary(tmp_path, version="v1.2").pairs[0].mask.parent.parent.name == "v1.2"


def test_a_version_that_is_not_there_is_told(tmp_path) -> None:
    draw(tmp_path, "v1.2", "config_v1.2.json")
    with pytest.raises(
        DataError, match=r"has no labels of v2\.0 with a config file\. Found config_v1\.2\.json"
    ):
        mapillary(tmp_path, version="v2.0")


def test_a_faulty_config_and_a_missing_mask_are_told_together(tmp_path) -> None:
    draw(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"labels": [{"name": "sky", "color": [0, 0, 300]}]}))
    (tmp_path / "training" / "labels" / "s0.png").unlink()
    with pytest.raises(DataError) as error:
        mapillary(tmp_path)
    assert "config.json, labels[0].color[2]: a number in 0..255 is wanted here, not 300" in str(error.value)
    assert "1 of 1 images of training/ have no mask: s0." in str(error.value)


@pytest.mark.real
def test_the_real_layout(real_data: Path) -> None:
    data = mapillary(real_data / "labelling_tools/format_fixtures_datumaro/mapillary_vistas_dataset")
    assert data.classes.names[0] == "animal--bird"
    assert {split: len(found) for split, found in data.splits.items()} == {"train": 1, "val": 2}
    assert sorted(data[0].labels.unique().tolist()) == [0, 1]
