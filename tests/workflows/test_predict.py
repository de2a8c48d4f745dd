"""Which files are predicted, and where their results go."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.workflows.predict import _places, find_images


@pytest.fixture
def photos(tmp_path):
    for name in ("a/1.png", "a/2.jpg", "b/1.png", "b/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("no image")
        else:
            Image.fromarray(np.zeros((3, 4), np.uint8)).save(path)
    return tmp_path


def test_files_folders_and_patterns_each_once(photos) -> None:
    found = find_images([photos / "a" / "1.png", photos, str(photos / "*" / "1.png")])
    assert [str(path.relative_to(photos)) for path in found] == ["a/1.png", "a/2.jpg", "b/1.png"]
    with pytest.raises(DataError) as error:
        find_images([photos / "none.png", str(photos / "*.bmp")])
    assert "none.png" in str(error.value) and "*.bmp" in str(error.value)


def test_one_name_in_two_folders_keeps_both(photos) -> None:
    places = _places(find_images([photos]), photos / "out", overwrite=False)
    assert [place.labels.name for place in places] == ["a_1.png", "2.png", "b_1.png"]
