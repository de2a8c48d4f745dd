import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.oxford_pet import oxford_pet
from pixelwise.data.recognise import recognise

TRIMAP = np.array([[2, 3, 1], [2, 2, 1]], np.uint8)


def draw(root: Path, train: list[str], test: list[str]) -> None:
    trimaps = root / "annotations" / "trimaps"
    for folder in (root / "images", trimaps):
        folder.mkdir(parents=True)
    for name in (*train, *test):
        Image.fromarray(np.zeros((2, 3), np.uint8)).save(root / "images" / f"{name}.jpg")  # grey, as some are
        Image.fromarray(TRIMAP).save(trimaps / f"{name}.png")
    (trimaps / f"._{train[0]}.png").write_bytes(b"left by an archive")
    for file, names in (("trainval", train), ("test", test)):
        lines = ["#Image CLASS-ID SPECIES BREED ID", *(f"{name} 1 1 1" for name in names)]
        (root / "annotations" / f"{file}.txt").write_text("\n".join(lines))


def test_the_border_does_not_count(tmp_path) -> None:
    draw(tmp_path, ["Abyssinian_1", "Abyssinian_2"], ["beagle_1"])
    data = oxford_pet(tmp_path)
    assert data.classes.names == ("background", "pet")
    assert data.splits == {"train": (0, 1), "test": (2,)}
    assert data[0].labels.tolist() == [[0, 255, 1], [0, 0, 1]]
    assert data[0].image.shape == (3, 2, 3)
    assert recognise(tmp_path)[0] == "oxford_pet"
    assert pickle.loads(pickle.dumps(data))[2].name == "beagle_1"


def test_the_border_may_be_a_class(tmp_path) -> None:
    draw(tmp_path, ["Abyssinian_1"], ["beagle_1"])
    data = oxford_pet(tmp_path, border="class")
    assert data.classes.names == ("background", "pet", "border")
    assert data[0].labels.tolist() == [[0, 2, 1], [0, 0, 1]]


def test_without_lists_there_are_no_splits(tmp_path) -> None:
    draw(tmp_path, ["a_1"], ["b_1"])
    for name in ("trainval", "test"):
        (tmp_path / "annotations" / f"{name}.txt").unlink()
    data = oxford_pet(tmp_path)
    assert len(data) == 2 and data.splits == {}


def test_all_faults_are_told_at_once(tmp_path) -> None:
    draw(tmp_path, ["a_1", "a_2", "a_3"], ["a_3", "b_1"])
    (tmp_path / "annotations/trimaps/a_1.png").unlink()
    (tmp_path / "images/a_2.jpg").unlink()
    with pytest.raises(DataError) as error:
        oxford_pet(tmp_path)
    told = str(error.value)
    assert "1 of 3 images of trainval.txt have no mask: a_1." in told
    assert "1 of 3 images of trainval.txt are missing: a_2." in told
    assert "a_3.jpg (train and test)" in told
    assert "Alone: a_2.png." in told


def test_a_foreign_value_is_named(tmp_path) -> None:
    draw(tmp_path, ["a_1"], ["b_1"])
    Image.fromarray(np.array([[0, 1, 2], [3, 3, 3]], np.uint8)).save(tmp_path / "annotations/trimaps/a_1.png")
    with pytest.raises(DataError, match=r"a_1\.png holds values of no class\. Found 0 on"):
        oxford_pet(tmp_path)[0]
