import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.ade20k import ade20k
from pixelwise.data.recognise import recognise

PHOTO = np.zeros((2, 3, 3), np.uint8)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def draw_challenge(root: Path, pixels: np.ndarray) -> None:
    for split, short in (("training", "train"), ("validation", "val")):
        save(root / "images" / split / f"ADE_{short}_00000001.jpg", PHOTO)
        save(root / "annotations" / split / f"ADE_{short}_00000001.png", pixels)


def seg(objects: list[list[int]], instances: list[list[int]] | None = None) -> np.ndarray:
    """A mask of the full data set: 256 (R div 10) + G, and the instance in blue."""
    numbers = np.array(objects)
    blue = np.zeros_like(numbers) if instances is None else np.array(instances)
    return np.stack([numbers // 256 * 10 + 7, numbers % 256, blue], axis=-1).astype(np.uint8)


def draw_full(root: Path, split: str, name: str, pixels: np.ndarray) -> Path:
    home = root / "images" / "ADE" / split / "urban" / "street"
    save(home / f"{name}.jpg", PHOTO)
    save(home / f"{name}_seg.png", pixels)
    return home


def test_150_classes_and_0_does_not_count(tmp_path) -> None:
    draw_challenge(tmp_path / "ADEChallengeData2016", np.array([[0, 1, 150], [13, 2, 0]], np.uint8))
    data = ade20k(tmp_path)
    assert len(data.classes) == 150
    assert data.splits == {"train": (0,), "val": (1,)}
    assert data[0].labels.tolist() == [[255, 0, 149], [12, 1, 255]]
    assert recognise(tmp_path)[0] == "ade20k"
    with_other = ade20k(tmp_path, other="class")
    assert with_other.classes.names[:2] == ("other", "wall")
    assert with_other[0].labels.tolist() == [[0, 1, 150], [13, 2, 0]]


def test_other_images_in_the_same_folders_are_pairs(tmp_path) -> None:
    draw_challenge(tmp_path, np.array([[0, 1, 2], [1, 2, 0]], np.uint8))
    for path in [*tmp_path.glob("*/*/*.*")]:
        path.rename(path.with_name(path.name.replace("ADE_", "")))
    assert recognise(tmp_path)[0] == "pairs"


def test_the_most_frequent_objects_of_the_full_form_are_classes(tmp_path) -> None:
    home = draw_full(tmp_path, "training", "ADE_train_1", seg([[401, 401, 401], [1831, 1831, 774]]))
    draw_full(tmp_path, "validation", "ADE_val_1", seg([[0, 1831, 401], [0, 0, 0]]))
    told = [{"name": "car, auto", "name_ndx": 401}, {"name": "person", "name_ndx": 1831}]
    (home / "ADE_train_1.json").write_text(json.dumps({"annotation": {"object": told}}))
    data = ade20k(tmp_path, most=2)
    assert data.classes.names == ("car", "person")
    assert data.classes.values == (401, 1831)
    assert data[0].labels.tolist() == [[0, 0, 0], [1, 1, 255]]
    assert data[1].labels.tolist() == [[255, 1, 0], [255, 255, 255]]
    assert data.splits == {"train": (0,), "val": (1,)}
    assert "2 of 3 objects are classes, 87.5% of what is labelled in 2 of 2 masks" in data.notes[0]
    assert ade20k(tmp_path).classes.names == ("car", "person", "object 774")
    assert recognise(tmp_path)[0] == "ade20k"
    assert pickle.loads(pickle.dumps(data))[1].labels.tolist() == data[1].labels.tolist()


def test_names_of_the_older_form_stand_by_instance(tmp_path) -> None:
    pixels = seg([[0, 300, 300], [300, 12, 12]], [[0, 40, 40], [90, 70, 70]])
    home = draw_full(tmp_path, "training", "ADE_train_1", pixels)
    lines = ["001 # 0 # 0 # tree # tree # x", "002 # 0 # 1 # sky # sky # x", "001 # 1 # 0 # leaf # leaf # x"]
    (home / "ADE_train_1_atr.txt").write_text("\n".join(lines))
    assert ade20k(tmp_path).classes.names == ("tree", "sky")


def test_faults_are_told(tmp_path) -> None:
    home = draw_full(tmp_path, "training", "ADE_train_1", seg([[1, 2, 3], [1, 2, 3]]))
    draw_full(tmp_path, "training", "ADE_train_2", np.array([[1, 2]], np.uint8))
    with pytest.raises(DataError, match=r"ADE_train_2_seg\.png is no mask of ADE20K\. It holds values; RGB"):
        ade20k(tmp_path)
    draw_full(tmp_path, "training", "ADE_train_2", seg([[1, 2]]))
    draw_full(tmp_path, "training", "ADE_train_3", seg([[1, 2, 3], [1, 2, 3]]))
    (home / "ADE_train_3.jpg").unlink()
    with pytest.raises(DataError) as error:
        ade20k(tmp_path)
    assert "1 masks have no image beside them: ADE_train_3_seg.png." in str(error.value)
    assert "differ in size. The image is (2, 3), the mask (1, 2)" in str(error.value)


def test_a_number_beyond_150_is_named(tmp_path) -> None:
    draw_challenge(tmp_path, np.array([[151, 1, 1], [1, 1, 1]], np.uint8))
    with pytest.raises(DataError, match=r"holds values of no class\. Found 151 on 16\.67%"):
        ade20k(tmp_path)[0]


@pytest.mark.real
def test_real_layouts(real_data: Path) -> None:
    folder = real_data / "labelling_tools" / "format_fixtures_datumaro"
    data = ade20k(folder / "ade20k2020_dataset" / "dataset")
    assert data.classes.names == ("car", "person") and data.classes.values == (401, 1831)
    assert ade20k(folder / "ade20k2017_dataset" / "dataset").classes.names == ("sky",)
