import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.cityscapes import cityscapes, recognise
from pixelwise.data.recognise import recognise as recognise_any

LABELS = np.array([[7, 7, 24], [0, 255, 33]], np.uint8)  # road, road, person; unlabelled, -1, bicycle
TRUTH = [[0, 0, 11], [255, 255, 18]]


def draw(root: Path, kind: str, pixels: np.ndarray, splits: tuple[str, ...] = ("train", "val")) -> None:
    for number, split in enumerate(splits):
        name = f"ulm_{number:06}_000019"
        image = root / "leftImg8bit" / split / "ulm" / f"{name}_leftImg8bit.png"
        mask = root / "gtFine" / split / "ulm" / f"{name}_gtFine_{kind}.png"
        for path, array in ((image, np.zeros((2, 3, 3), np.uint8)), (mask, pixels)):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(path)


def write_polygons(root: Path, objects: list[dict[str, object]], size: tuple[int, int] = (2, 3)) -> None:
    path = root / "gtFine" / "train" / "ulm" / "ulm_000000_000019_gtFine_polygons.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"imgHeight": size[0], "imgWidth": size[1], "objects": objects}))


@pytest.mark.parametrize(
    ("kind", "pixels"),
    [
        ("labelIds", LABELS),
        ("labelTrainIds", np.array(TRUTH, np.uint8)),
        ("instanceIds", np.array([[7, 7, 24003], [0, 4, 33000]], np.uint16)),
    ],
)
def test_every_kind_of_mask_gives_the_same_classes(kind, pixels, tmp_path) -> None:
    draw(tmp_path, kind, pixels)
    data = cityscapes(tmp_path)
    assert len(data.classes) == 19 and data.classes.names[11] == "person"
    assert data[0].labels.tolist() == TRUTH
    assert data.splits == {"train": (0,), "val": (1,)}
    assert f"the masks are those of gtFine_{kind}.png." in data.notes
    assert pickle.loads(pickle.dumps(data))[1].labels.tolist() == TRUTH
    assert recognise_any(tmp_path)[0] == "cityscapes"


def test_instances_of_8_bits(tmp_path) -> None:
    draw(tmp_path, "instanceIds", np.array([[7, 7, 24], [0, 4, 33]], np.uint8))
    assert cityscapes(tmp_path)[0].labels.tolist() == TRUTH


def test_polygons_are_painted_in_their_order(tmp_path) -> None:
    draw(tmp_path, "color", LABELS, splits=("train",))  # never read
    corners = [[0, 0], [2, 0], [2, 1], [0, 1]]
    write_polygons(
        tmp_path,
        [
            {"label": "road", "polygon": corners},
            {"label": "cargroup", "polygon": [[1, 0], [2, 0], [2, 0], [1, 0]]},
            {"label": "license plate", "polygon": [[1, 0], [1, 0]]},
            {"label": "sky", "polygon": corners, "deleted": 1},
        ],
    )
    assert cityscapes(tmp_path)[0].labels.tolist() == [[0, 13, 13], [0, 0, 0]]


def test_faulty_polygons_are_told_with_their_place(tmp_path) -> None:
    draw(tmp_path, "color", LABELS, splits=("train",))
    write_polygons(tmp_path, [], size=(4, 3))
    with pytest.raises(DataError, match=r"differ in size\. The image is \(2, 3\), the mask \(4, 3\)"):
        cityscapes(tmp_path)
    write_polygons(tmp_path, [{"label": "rode", "polygon": [[0, 0], [1, 1]]}])
    with pytest.raises(DataError, match=r"objects\[0\]\.label: 'rode' is no label of Cityscapes"):
        cityscapes(tmp_path)[0]


def test_a_test_split_without_any_class_is_left_out(tmp_path) -> None:
    draw(tmp_path, "labelIds", LABELS)
    draw(tmp_path, "labelIds", np.full((2, 3), 3, np.uint8), splits=("test",))
    (tmp_path / "leftImg8bit/test/ulm/ulm_000000_000019_leftImg8bit.png").rename(
        tmp_path / "leftImg8bit/test/ulm/ulm_000009_000019_leftImg8bit.png"
    )
    (tmp_path / "gtFine/test/ulm/ulm_000000_000019_gtFine_labelIds.png").rename(
        tmp_path / "gtFine/test/ulm/ulm_000009_000019_gtFine_labelIds.png"
    )
    data = cityscapes(tmp_path)
    assert "the masks of 1 test images hold no class: left out." in data.notes
    assert set(data.splits) == {"train", "val"}


def test_missing_masks_and_images_are_told(tmp_path) -> None:
    draw(tmp_path, "labelIds", LABELS, splits=("train", "train", "val"))
    (tmp_path / "gtFine/train/ulm/ulm_000001_000019_gtFine_labelIds.png").unlink()
    (tmp_path / "leftImg8bit/val/ulm/ulm_000002_000019_leftImg8bit.png").unlink()
    with pytest.raises(DataError) as error:
        cityscapes(tmp_path)
    assert "1 of 2 images of train/ have no mask: train/ulm/ulm_000001_000019." in str(error.value)
    assert "Alone: ulm_000002_000019_gtFine_labelIds.png." in str(error.value)


def test_a_foreign_number_is_named_and_may_be_ignored(tmp_path) -> None:
    draw(tmp_path, "labelTrainIds", np.array([[0, 19, 18], [0, 0, 0]], np.uint8))
    with pytest.raises(DataError, match=r"holds values of no class\. Found 19 on"):
        cityscapes(tmp_path)[0]
    assert cityscapes(tmp_path, ignore=(19,))[0].labels.tolist() == [[0, 255, 18], [0, 0, 0]]


def test_coarse_masks_must_be_asked_for(tmp_path) -> None:
    draw(tmp_path, "labelIds", LABELS, splits=("train_extra",))
    mask = tmp_path / "gtFine/train_extra/ulm/ulm_000000_000019_gtFine_labelIds.png"
    coarse = tmp_path / "gtCoarse/train_extra/ulm/ulm_000000_000019_gtCoarse_labelIds.png"
    coarse.parent.mkdir(parents=True)
    mask.rename(coarse)
    (tmp_path / "gtFine/train_extra/ulm").rmdir()
    (tmp_path / "gtFine/train_extra").rmdir()
    (tmp_path / "gtFine").rmdir()
    assert "quality=coarse" in recognise(tmp_path).reason
    assert cityscapes(tmp_path, quality="coarse").pairs[0].split == "train"


@pytest.mark.real
def test_real_layouts(real_data: Path) -> None:
    folder = real_data / "labelling_tools" / "format_fixtures_datumaro" / "cityscapes_dataset"
    data = cityscapes(folder / "dataset")
    assert len(data) == 4 and "gtFine_instanceIds" in data.notes[0]
    found = {data.classes.names[index] for s in data for index in s.labels.unique().tolist() if index != 255}
    assert found == {"person", "wall", "train", "truck"}  # labels 24, 12, 31 and 27
