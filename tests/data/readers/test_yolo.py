from pathlib import Path

import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.yolo import yolo
from tests.data.drawings.written import draw_images
from tests.data.drawings.written import yolo as write


def text(root: Path, content: str) -> None:
    (root / "labels" / "scene_0.txt").write_text(content)


def test_boxes_are_said_to_be_painted_whole(tmp_path: Path) -> None:
    write(tmp_path)
    assert "1 objects are boxes, which are painted whole." in yolo(tmp_path).notes


def test_names_may_be_numbered_and_stand_twice(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "data.yaml").write_text("names:\n  1: leaf\n  0: leaf\n")
    reader = yolo(tmp_path)
    assert reader.classes.names == ("background", "leaf") and (reader[0].labels == 1).sum() == 300
    assert "the name 'leaf' stands twice among the classes: both are one." in reader.notes
    (tmp_path / "data.yaml").write_text("names:\n  1: leaf\n  3: stone\n")
    with pytest.raises(DataError, match="classes are numbered from 0 without gaps here, not 1, 3"):
        yolo(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2 0.1 0.1 0.2 0.1 0.2 0.2", "line 1: class 2 is none of the 2 of data.yaml"),
        ("0 0.1 0.1 0.2 0.1", None),
        ("0 0.1 0.1 0.2 0.1 0.2", "line 1: x and y of at least 3 points, or 4 numbers of a box, .* not 5"),
        ("0 10 10 20 10 20 20", r"line 1: shares of width and height are in 0..1, not 10..20"),
        ("0 0.1 0.1 nan 0.1 0.2 0.2", r"line 1\[3\]: a number in .* is wanted here, not nan"),
        ("0 0.1 0.1 x 0.1 0.2 0.2", r"line 1\[3\]: a number is wanted here, not 'x'"),
    ],
)
def test_lines_are_checked(line: str, said: str | None, tmp_path: Path) -> None:
    write(tmp_path)
    text(tmp_path, line)
    if said is None:
        assert len(yolo(tmp_path)) == 2
        return
    with pytest.raises(DataError, match=said):
        yolo(tmp_path)


def test_images_without_text_are_background_or_left_out(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "labels" / "scene_1.txt").unlink()
    draw_images(tmp_path, "more")
    reader = yolo(tmp_path)
    assert len(reader) == 2 and reader[1].labels.sum() == 0
    assert "1 of 2 images have no text file: background everywhere." in reader.notes
    assert "2 images lie in folders without any text file: left out." in reader.notes


def test_all_three_layouts(tmp_path: Path) -> None:
    for number, (images, labels) in enumerate(
        (("train/images", "train/labels"), ("images/val", "labels/val"), ("test", "test"))
    ):
        root = tmp_path / str(number)
        write(root)
        for old, new in (("images", images), ("labels", labels)):
            for file in sorted((root / old).iterdir()):
                (root / new).mkdir(parents=True, exist_ok=True)
                file.rename(root / new / file.name)
        assert (yolo(root)[0].labels > 0).sum() == 300


def test_a_text_without_an_image_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "labels" / "lost.txt").write_text("")
    with pytest.raises(DataError, match=r"labels/lost.txt has no image. Looked for lost\.\*"):
        yolo(tmp_path)


@pytest.mark.real
def test_files_of_roboflow(real_data: Path) -> None:
    reader = yolo(real_data / "labelling_tools" / "format_fixtures_datumaro" / "roboflow_dataset" / "yolo")
    assert reader.splits == {"train": (0, 1), "val": (2,)} and (reader[0].labels == 1).sum() == 3
