from pathlib import Path

import pytest

from pixelwise.core.errors import DataError
from pixelwise.data import recognise as module
from pixelwise.data.reader import Recognition
from pixelwise.data.recognise import recognise
from tests.data.drawn import LAYOUTS, draw_folders, draw_pairs, scene, write_image, write_mask


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pairs_are_recognised(layout, tmp_path) -> None:
    draw_pairs(tmp_path, layout=layout, image_suffix=".jpg")
    name, reason = recognise(tmp_path)
    assert name == "pairs" and "images with masks" in reason


@pytest.mark.parametrize("splits", [True, False])
def test_folders_are_recognised(splits, tmp_path) -> None:
    draw_folders(tmp_path, splits=splits)
    name, reason = recognise(tmp_path)
    assert name == "folders" and "folders of one image each" in reason


def test_a_folder_per_scene_with_its_one_mask_is_pairs(tmp_path) -> None:
    for i in range(2):
        image, labels = scene(i)
        write_image(tmp_path / f"area{i}" / "images" / f"area{i}.png", image)
        write_mask(tmp_path / f"area{i}" / "masks" / f"area{i}.png", labels, "index")
    assert recognise(tmp_path)[0] == "pairs"


def test_nothing_fits(tmp_path) -> None:
    write_image(tmp_path / "a.png", scene(0)[0])
    with pytest.raises(DataError) as error:
        recognise(tmp_path)
    text = str(error.value)
    assert text.startswith(f"no reader fits {tmp_path}.")
    assert "\n  pairs: 1 image files, but no image has a mask." in text
    assert "\n  folders: no folders <id>/images/ and <id>/masks/" in text


def test_no_folder_a_file_and_an_empty_folder(tmp_path) -> None:
    with pytest.raises(DataError, match="is empty"):
        recognise(tmp_path)
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(DataError, match="is a file"):
        recognise(tmp_path / "a.txt")
    with pytest.raises(DataError, match="does not exist"):
        recognise(tmp_path / "b")


def test_several_fit(tmp_path, monkeypatch) -> None:
    draw_pairs(tmp_path)
    monkeypatch.setattr(
        module, "_ask", lambda catalog, name, root: Recognition(name != "digits", f"by {name}")
    )
    with pytest.raises(DataError, match=r"readers fit .* Choose one with --set data.reader.name=...:"):
        recognise(tmp_path)


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "reader"), [("camvid", "pairs"), ("aerial_roads_gsi", "pairs"), ("mnist", "digits")]
)
def test_real_folders(folder, reader, real_data: Path) -> None:
    assert recognise(real_data / folder)[0] == reader
