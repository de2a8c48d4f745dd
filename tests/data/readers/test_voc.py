import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.published.objects import voc_palette
from pixelwise.data.readers.voc import recognise, voc
from pixelwise.data.recognise import recognise as recognise_any

TRUTH = np.array([[0, 15, 15], [7, 255, 20]], np.uint8)


def draw(
    root: Path, names: dict[str, list[str]], bare: tuple[str, ...] = (), masks: str = "SegmentationClass"
) -> None:
    for folder in ("JPEGImages", masks, "ImageSets/Segmentation"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in {name for listed in names.values() for name in listed}:
        Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(root / "JPEGImages" / f"{name}.jpg")
        if name not in bare:
            write_palette(root / masks / f"{name}.png", TRUTH)
    for split, listed in names.items():
        (root / "ImageSets/Segmentation" / f"{split}.txt").write_text("\n".join(listed) + "\n")


def write_palette(path: Path, labels: np.ndarray) -> None:
    picture = Image.fromarray(labels).convert("P")
    picture.putdata(labels.ravel().tolist())
    picture.putpalette([part for colour in voc_palette(256) for part in colour])
    picture.save(path)


def test_indices_are_classes_and_255_does_not_count(tmp_path) -> None:
    draw(tmp_path, {"train": ["a", "b"], "val": ["c"], "trainval": ["a", "b", "c"]})
    data = voc(tmp_path)
    assert data.splits == {"train": (0, 1), "val": (2,)}
    assert data.classes.names[15] == "person" and len(data.classes) == 21
    assert data[0].labels is not None
    assert data[0].labels.tolist() == TRUTH.tolist()
    assert recognise_any(tmp_path)[0] == "voc"
    assert pickle.loads(pickle.dumps(data))[2].name == "c"


def test_the_folder_above_is_found_and_a_test_set_without_masks_is_left_out(tmp_path) -> None:
    home = tmp_path / "VOCdevkit" / "VOC2012"
    draw(home, {"train": ["a"], "val": ["b"], "test": ["c", "d"]}, bare=("c", "d"))
    data = voc(tmp_path)
    assert data.names == ("a", "b")
    assert "2 test images of test.txt have no masks: left out." in data.notes


def test_two_years_at_once_are_refused(tmp_path) -> None:
    for year in ("VOC2007", "VOC2012"):
        draw(tmp_path / year, {"train": ["a"]})
    assert not recognise(tmp_path).fits
    with pytest.raises(DataError, match=r"holds PASCAL VOC 2 times: .*VOC2007, .*VOC2012\. Give one of them"):
        voc(tmp_path)


def test_masks_saved_in_colours_are_looked_up_and_the_rim_does_not_count(tmp_path) -> None:
    draw(tmp_path, {"train": ["a"]})
    rgb = np.array(voc_palette(256), np.uint8)[TRUTH]
    Image.fromarray(rgb).save(tmp_path / "SegmentationClass" / "a.png")
    assert voc(tmp_path)[0].labels.tolist() == TRUTH.tolist()


def test_augmented_training_images_are_all_that_are_in_no_other_list(tmp_path) -> None:
    draw(tmp_path, {"train": ["a"], "val": ["b"], "unlisted": ["c"]})
    shutil.copytree(tmp_path / "SegmentationClass", tmp_path / "SegmentationClassAug")
    (tmp_path / "ImageSets/Segmentation/unlisted.txt").unlink()
    data = voc(tmp_path, augmented=True)
    assert data.names == ("a", "c", "b")
    assert data.splits == {"train": (0, 1), "val": (2,)}
    assert data.pairs[0].mask.parent.name == "SegmentationClassAug"
    (tmp_path / "ImageSets/Segmentation/trainaug.txt").write_text("c\n")
    assert voc(tmp_path, augmented=True).names == ("c", "b")


def test_a_labelmap_tells_other_classes(tmp_path) -> None:
    draw(tmp_path, {"default": ["a"]})
    rgb = np.array([[(0, 0, 0), (9, 8, 7), (9, 8, 7)], [(1, 1, 1), (0, 0, 0), (0, 0, 0)]], np.uint8)
    Image.fromarray(rgb).save(tmp_path / "SegmentationClass" / "a.png")
    (tmp_path / "labelmap.txt").write_text(
        "# label:color\nbackground:0,0,0::\nbolt:9,8,7::\nignored:1,1,1::\n"
    )
    data = voc(tmp_path)
    assert data.classes.names == ("background", "bolt")
    assert data.splits == {}
    assert data[0].labels.tolist() == [[0, 1, 1], [255, 0, 0]]
    (tmp_path / "labelmap.txt").write_text("background:0,0,0::\nbolt:9,x,7::\n")
    with pytest.raises(DataError, match=r"labelmap.txt, line 2: 'bolt:9,x,7::' is not"):
        voc(tmp_path)


def test_a_file_of_classes_goes_before_the_20(tmp_path) -> None:
    draw(tmp_path, {"train": ["a"]})
    Image.fromarray(np.array([[0, 1, 1], [1, 0, 0]], np.uint8)).save(tmp_path / "SegmentationClass" / "a.png")
    (tmp_path / "classes.yaml").write_text("classes: [ground, tree]\n")
    assert voc(tmp_path).classes.names == ("ground", "tree")


def test_all_faults_are_told_at_once(tmp_path) -> None:
    draw(tmp_path, {"train": ["a", "b", "c"], "val": ["c", "d"]}, bare=("b",))
    (tmp_path / "JPEGImages" / "d.jpg").unlink()
    write_palette(tmp_path / "SegmentationClass" / "a.png", TRUTH[:, :2])
    with pytest.raises(DataError) as error:
        voc(tmp_path)
    told = str(error.value)
    assert "1 of 3 images of train.txt have no mask: b." in told
    assert "1 of 2 images of val.txt are missing: d." in told
    assert "1 masks have no image in SegmentationClass/. Alone: d.png." in told
    assert "c.jpg (train and val)" in told
    assert "a.jpg and a.png differ in size. The image is (2, 3), the mask (2, 2)" in told


def test_a_foreign_value_is_named(tmp_path) -> None:
    draw(tmp_path, {"train": ["a"]})
    write_palette(tmp_path / "SegmentationClass" / "a.png", np.where(TRUTH == 7, 99, TRUTH).astype(np.uint8))
    with pytest.raises(
        DataError, match=r"a\.png holds values of no class\. Found 99 on 16\.67% of its pixels"
    ):
        voc(tmp_path)[0]


@pytest.mark.real
def test_real_exports(real_data: Path) -> None:
    tools = real_data / "labelling_tools"
    data = voc(tools / "same4_images" / "voc1.1")
    assert len(data) == 1 and data.classes.names[4] == "ellipse"
    assert sorted(data[0].labels.unique().tolist()) == [0, 4]
    data = voc(tools / "format_fixtures_datumaro" / "voc_dataset" / "voc_dataset1")
    assert data.names == ("2007_000001",) and data[0].labels.unique().tolist() == [2]
