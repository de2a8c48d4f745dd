import pickle
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.folders import folders, recognise
from tests.data.drawn import draw_folders, scene, write_image, write_tiff


def objects(i: int) -> np.ndarray:
    return scene(i)[1] > 0


@pytest.mark.parametrize("white", [255, 1, 200])
def test_objects_are_merged(white, tmp_path) -> None:
    draw_folders(tmp_path, white=white)
    reader = folders(tmp_path)
    assert len(reader) == 3 and reader.names == ("cell0", "cell1", "cell2")
    assert reader.classes.names == ("background", "object") and reader.splits == {}
    for i in range(3):
        assert np.array_equal(reader[i].labels, objects(i)) and reader[i].labels.dtype == torch.int64
        assert reader[i].image.shape == (3, 40, 56)


def test_without_the_level_of_splits(tmp_path) -> None:
    draw_folders(tmp_path, splits=False)
    assert len(folders(tmp_path)) == 4 and folders(tmp_path).splits == {}
    assert recognise(tmp_path).reason == "4 folders of one image each, with 8 masks of single objects"


def test_splits_and_other_names_of_folders(tmp_path) -> None:
    draw_folders(tmp_path)
    shutil.copytree(tmp_path / "train", tmp_path / "valid")
    (tmp_path / "valid" / "cell0" / "images").rename(tmp_path / "valid" / "cell0" / "image")
    (tmp_path / "valid" / "cell0" / "masks").rename(tmp_path / "valid" / "cell0" / "mask")
    reader = folders(tmp_path)
    assert reader.splits == {"train": (0, 1, 2), "val": (3, 4, 5)}
    assert reader.names[0] == "train/cell0" and reader.names[3] == "valid/cell0"
    assert np.array_equal(reader[3].labels, objects(0))


def test_one_plane(tmp_path) -> None:
    draw_folders(tmp_path)
    reader = folders(tmp_path, planes=True)
    assert reader.classes.names == ("object",) and not reader.classes.exclusive
    assert np.array_equal(reader[1].labels, objects(1)[None].astype(np.float32))


def test_an_empty_folder_of_masks_is_background(tmp_path) -> None:
    draw_folders(tmp_path)
    for mask in (tmp_path / "train" / "cell1" / "masks").iterdir():
        mask.unlink()
    reader = folders(tmp_path)
    assert reader[1].labels.sum() == 0
    assert "1 images have no mask file: they are background everywhere." in reader.notes
    assert "1 test images have no masks: left out." in reader.notes
    assert any("4 masks of single objects are merged into one per image" in note for note in reader.notes)


def test_masks_of_any_kind(tmp_path) -> None:
    draw_folders(tmp_path, number=1, splits=False)
    masks, first = tmp_path / "cell0" / "masks", objects(0)
    shutil.rmtree(masks)
    masks.mkdir()
    Image.fromarray(first).save(masks / "m_1.png")
    for kind, write in {
        "bits": lambda path: Image.fromarray(first).save(path),
        "gif": lambda path: Image.fromarray(first).save(path.with_suffix(".gif")),
        "red": lambda path: Image.fromarray(first[..., None] * np.array([255, 0, 0], np.uint8)).save(path),
        "rgba": lambda path: Image.fromarray(first * np.uint8(255)).convert("RGBA").save(path),
        "deep": lambda path: Image.fromarray(first * np.uint16(65535)).save(path),
        "tiff": lambda path: write_tiff(path.with_suffix(".tif"), first * np.uint8(255)),
        "palette": lambda path: Image.fromarray(first * np.uint8(255)).convert("P").save(path),
        "soft": lambda path: Image.fromarray(first * np.uint8(255)).resize((56, 40)).save(path),
    }.items():
        shutil.rmtree(masks)
        masks.mkdir()
        write(masks / "m_1.png")
        assert np.array_equal(folders(tmp_path)[0].labels, first), kind


def test_masks_are_in_the_order_of_their_numbers(tmp_path) -> None:
    draw_folders(tmp_path, number=1, splits=False)
    masks = tmp_path / "cell0" / "masks"
    shutil.copy(masks / "cell0_mask_2.png", masks / "cell0_mask_10.png")
    found = [mask.name for mask in folders(tmp_path).places[0].masks or ()]
    assert found == ["cell0_mask_1.png", "cell0_mask_2.png", "cell0_mask_10.png"]


def test_all_faults_are_told_together(tmp_path) -> None:
    draw_folders(tmp_path, number=7)
    train = tmp_path / "train"
    shutil.rmtree(train / "cell0" / "masks")
    (train / "cell1" / "images" / "cell1.png").unlink()
    write_image(train / "cell2" / "images" / "other.png", scene(0)[0])
    Image.fromarray(np.zeros((5, 6), np.uint8)).save(train / "cell3" / "masks" / "cell3_mask_1.png")
    (train / "cell4" / "masks" / "cell4_mask_2.png").write_text("?")
    Image.fromarray(scene(0)[0]).convert("L").save(train / "cell5" / "images" / "cell5.png")
    with pytest.raises(DataError) as error:
        folders(tmp_path)
    text = str(error.value)
    assert "1 of 6 folders have an image but no folder of masks: train/cell0. Make an empty one" in text
    assert "1 folders hold no image: train/cell1." in text
    assert "1 folders hold more than one image: train/cell2." in text
    assert "cell3_mask_1.png is (5, 6), its image (40, 56) (rows, columns)" in text
    assert "cell4_mask_2.png cannot be read as an image" in text
    assert "images differ in bands: 1 with 1, 4 with 3. Give bands=3" in text


def test_a_mask_of_several_classes_is_refused(tmp_path) -> None:
    draw_folders(tmp_path, white=7)
    with pytest.raises(DataError, match=r"cell0_mask_1.png is no mask of one object. Its values go to 7"):
        folders(tmp_path)[0]


def test_a_mask_that_changed_its_size_is_refused(tmp_path) -> None:
    draw_folders(tmp_path)
    reader = folders(tmp_path)
    Image.fromarray(np.zeros((5, 6), np.uint8)).save(tmp_path / "train/cell0/masks/cell0_mask_1.png")
    with pytest.raises(DataError, match=r"The mask is \(5, 6\), the image \(40, 56\)"):
        reader[0]


def test_another_layout(tmp_path) -> None:
    write_image(tmp_path / "images" / "a.png", scene(0)[0])
    with pytest.raises(DataError, match=r"no folders of single images in .*Looked for <id>/images/"):
        folders(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        folders(tmp_path / "nowhere")


def test_only_test_images(tmp_path) -> None:
    draw_folders(tmp_path)
    shutil.rmtree(tmp_path / "train")
    with pytest.raises(DataError, match="no folder has masks: only test images were found"):
        folders(tmp_path)


def test_pixels_without_a_value_do_not_count(tmp_path) -> None:
    draw_folders(tmp_path, number=1, splits=False)
    image = scene(0)[0].astype(np.float32)
    image[0] = np.nan
    (tmp_path / "cell0" / "images" / "cell0.png").unlink()
    write_tiff(tmp_path / "cell0" / "images" / "cell0.tif", image)
    assert (folders(tmp_path)[0].labels[0] == 255).all()
    assert (folders(tmp_path, planes=True)[0].labels[:, 0] == -1).all()


def test_readers_can_be_sent_to_workers(tmp_path) -> None:
    draw_folders(tmp_path)
    reader = pickle.loads(pickle.dumps(folders(tmp_path)))
    assert np.array_equal(reader[0].labels, objects(0))
