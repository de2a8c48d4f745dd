"""Images one by one to labels and pictures."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.workflows.labelling import label_each


def made(file, image, labels, picture):
    for path in (labels, picture):
        path.write_bytes(b"")
    return file.name, tuple(image.shape)


@pytest.fixture
def photos(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/1.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((3, 4), np.uint8)).save(path)
    return tmp_path


def test_each_image_is_read_as_rgb_and_told_its_places(photos) -> None:
    assert label_each([photos / "a"], photos / "out", made) == [("1.png", (3, 3, 4)), ("2.png", (3, 3, 4))]
    assert (photos / "out" / "labels" / "2.png").is_file() and (
        photos / "out" / "overlays" / "1.png"
    ).is_file()


def test_nothing_is_overwritten_unless_wished(photos) -> None:
    label_each([photos / "b"], photos / "out", made)
    with pytest.raises(RecipeError, match="1 predictions are there already"):
        label_each([photos / "a"], photos / "out", made)
    assert len(label_each([photos / "a"], photos / "out", made, overwrite=True)) == 2


def test_images_of_one_name_are_refused(photos) -> None:
    with pytest.raises(DataError, match="written to one name: 1"):
        label_each([photos / "a", photos / "b"], photos / "out", made)


def test_damaged_images_are_told_after_the_others_are_done(photos) -> None:
    (photos / "a" / "1.png").write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match="1 images done, 1 could not be"):
        label_each([photos / "a"], photos / "out", made)
    assert (photos / "out" / "labels" / "2.png").is_file()
