from pathlib import Path

import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.voc_xml import recognise, voc_xml
from tests.data.drawings.written import draw_images, voc_file, voc_object


def write(root: Path, objects: str) -> None:
    draw_images(root, "JPEGImages")
    (root / "Annotations").mkdir(exist_ok=True)
    (root / "Annotations" / "scene_0.xml").write_text(voc_file("scene_0", objects))


def test_the_first_pixel_is_number_one_and_corners_are_within(tmp_path: Path) -> None:
    write(tmp_path, voc_object("dot", 1, 1, 1, 1) + voc_object("leaf", 40, 56, 40, 56))
    reader = voc_xml(tmp_path)
    labels = reader[0].labels
    assert labels[0, 0] == 1 and labels[39, 55] == 2 and (labels > 0).sum() == 2
    assert "the first pixel of boxes is taken as number 1; tell first_pixel= if it is not." in reader.notes


def test_a_box_that_begins_at_zero_says_that_all_do(tmp_path: Path) -> None:
    write(tmp_path, voc_object("leaf", 0, 0, 10, 20) + voc_object("leaf", 20, 30, 30, 40))
    assert voc_xml(tmp_path)[0].labels.sum() == 200 + 100
    assert voc_xml(tmp_path, first_pixel=1)[0].labels.sum() == 200 + 11 * 11


def test_polygons_are_better_than_boxes(tmp_path: Path) -> None:
    first = "<x1>11</x1><y1>6</y1><x2>31</x2><y2>6</y2>"
    points = f"<polygon>{first}<x3>31</x3><y3>16</y3><x4>11</x4><y4>16</y4></polygon>"
    text = voc_object("leaf", 1, 1, 30, 30).replace("</object>", f"{points}</object>")
    write(tmp_path, text)
    assert voc_xml(tmp_path)[0].labels.sum() == 200
    write(tmp_path, text.replace("<x4>11</x4><y4>16</y4>", "").replace("<x3>31</x3><y3>16</y3>", ""))
    with pytest.raises(DataError, match=r"object\[0\].polygon: at least 3 points are wanted here, not 2"):
        voc_xml(tmp_path)


def test_turned_over_boxes_are_named(tmp_path: Path) -> None:
    write(tmp_path, voc_object("leaf", 9, 1, 3, 5))
    with pytest.raises(DataError, match=r"object\[0\].bndbox: the box ends before it begins: rows 9.0..3.0"):
        voc_xml(tmp_path)


def test_masks_of_voc_are_left_to_their_reader(tmp_path: Path) -> None:
    write(tmp_path, voc_object("leaf", 1, 1, 3, 5))
    assert recognise(tmp_path).fits
    (tmp_path / "SegmentationClass").mkdir()
    assert "has masks, which are better than the boxes" in recognise(tmp_path).reason


@pytest.mark.real
def test_boxes_of_roboflow(real_data: Path) -> None:
    folder = real_data / "labelling_tools" / "format_fixtures_datumaro" / "roboflow_dataset" / "voc"
    reader = voc_xml(folder)
    assert reader.splits == {"train": (0, 1), "val": (2,)} and reader.classes.names[1:] == (
        "label_0",
        "label_1",
    )
    assert (reader[0].labels == 1).sum() == 3
