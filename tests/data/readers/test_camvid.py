import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.published.streets import CAMVID_COLOURS
from pixelwise.data.readers.camvid import camvid, recognise
from pixelwise.data.recognise import recognise as recognise_any

SEEN = [["Sky", "Wall", "Truck_Bus"], ["Void", "LaneMkgsDriv", "Child"]]


def draw_colours(root: Path, seen: list[list[str]] = SEEN, number: int = 2) -> None:
    table = {**CAMVID_COLOURS, "Void": (0, 0, 0)}
    colours = np.array([[table[name] for name in row] for row in seen], np.uint8)
    for folder in ("701_StillsRaw_full", "LabeledApproved_full"):
        (root / folder).mkdir()
    for i in range(number):
        name = f"0001TP_00669{i}"
        Image.fromarray(colours).save(root / "701_StillsRaw_full" / f"{name}.png")
        Image.fromarray(colours).save(root / "LabeledApproved_full" / f"{name}_L.png")


def draw_numbers(root: Path, pixels: np.ndarray) -> None:
    for split in ("train", "val"):
        for folder, array in ((split, np.zeros((*pixels.shape, 3), np.uint8)), (f"{split}annot", pixels)):
            (root / folder).mkdir()
            Image.fromarray(array).save(root / folder / f"0016E5_0795{len(split)}.png")


def named(data, index: int = 0) -> list[list[str]]:
    names = [*data.classes.names, *["Void"] * 255]
    return [[names[label] for label in row] for row in data[index].labels.tolist()]


def test_32_colours_and_void_does_not_count(tmp_path) -> None:
    draw_colours(tmp_path)
    data = camvid(tmp_path)
    assert len(data.classes) == 31 and len(data) == 2
    assert named(data) == SEEN
    assert recognise_any(tmp_path)[0] == "camvid"


def test_32_colours_put_together_to_11(tmp_path) -> None:
    draw_colours(tmp_path)
    data = pickle.loads(pickle.dumps(camvid(tmp_path, classes=11)))
    assert len(data.classes) == 11
    assert named(data) == [["Sky", "Building", "Car"], ["Void", "Road", "Pedestrian"]]


def test_the_file_of_colours_is_obeyed(tmp_path) -> None:
    draw_colours(tmp_path, [["Sky", "Wall"]])
    (tmp_path / "label_colors.txt").write_text("64 192 0\t\tMur\n128 128 128\t\tCiel\n0 0 0\t\tVoid\n")
    assert named(camvid(tmp_path)) == [["Ciel", "Mur"]]
    assert recognise_any(tmp_path)[0] == "camvid"


def test_numbers_of_11_classes(tmp_path) -> None:
    draw_numbers(tmp_path, np.array([[0, 10, 11]], np.uint8))
    data = camvid(tmp_path)
    assert data.splits == {"train": (0,), "val": (1,)}
    assert named(data) == [["Sky", "Bicyclist", "Void"]]
    assert recognise_any(tmp_path)[0] == "camvid"
    with pytest.raises(DataError, match="are numbers of 11 classes, not 32 colours"):
        camvid(tmp_path, classes=32)


def test_a_file_of_classes_beside_numbers_leaves_them_to_pairs(tmp_path) -> None:
    draw_numbers(tmp_path, np.array([[0, 1, 0]], np.uint8))
    (tmp_path / "classes.yaml").write_text("classes: [a, b]\n")
    assert not recognise(tmp_path).fits
    assert recognise_any(tmp_path)[0] == "pairs"


def test_other_names_are_not_camvid(tmp_path) -> None:
    draw_numbers(tmp_path, np.array([[0, 1, 2]], np.uint8))
    for path in tmp_path.glob("*/*.png"):
        path.rename(path.with_name(f"mine_{path.name}"))
    assert recognise_any(tmp_path)[0] == "pairs"


def test_masks_alone_and_foreign_colours_are_told(tmp_path) -> None:
    draw_colours(tmp_path)
    Image.fromarray(np.full((2, 3, 3), (1, 2, 3), np.uint8)).save(
        tmp_path / "LabeledApproved_full" / "0001TP_006691_L.png"
    )
    with pytest.raises(DataError, match=r"0001TP_006691_L\.png holds colours of no class\. Found #010203"):
        camvid(tmp_path, classes=11)[1]
    (tmp_path / "701_StillsRaw_full" / "0001TP_006691.png").unlink()
    with pytest.raises(DataError, match=r"1 masks have no image\. Alone: 0001TP_006691\."):
        camvid(tmp_path)


@pytest.mark.real
def test_real_folders(real_data: Path) -> None:
    data = camvid(real_data / "labelling_tools" / "format_fixtures_datumaro" / "camvid_dataset")
    assert len(data) == 4 and {k: len(v) for k, v in data.splits.items()} == {"train": 1, "val": 1, "test": 2}
    seen = {name for index in range(4) for row in named(data, index) for name in row}
    assert seen >= {"Animal", "Archway", "Bicyclist", "Child"}
    data = camvid(real_data / "camvid")
    assert {k: len(v) for k, v in data.splits.items()} == {"train": 367, "val": 101, "test": 233}
    assert data[0].labels.max() == 255 and data[0].labels[data[0].labels != 255].max() <= 10
