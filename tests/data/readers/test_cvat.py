from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.cvat import cvat
from tests.data.drawings.written import SIZE, cvat_file, draw_images


def write(root: Path, shapes: str) -> None:
    draw_images(root)
    (root / "annotations.xml").write_text(cvat_file(shapes))


def test_masks_run_along_the_rows_of_their_box(tmp_path: Path) -> None:
    # 3 rows of 4: . # # .  /  # . . #  /  . . . #
    write(
        tmp_path, '<mask label="leaf" rle="1, 2, 1, 1, 2, 1, 3, 1" left="20" top="10" width="4" height="3"/>'
    )
    labels = cvat(tmp_path)[0].labels
    assert labels[10:13, 20:24].tolist() == [[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 1]] and labels.sum() == 5


def test_masks_that_do_not_fit_are_named(tmp_path: Path) -> None:
    write(tmp_path, '<mask label="leaf" rle="1, 2" left="20" top="10" width="4" height="3"/>')
    with pytest.raises(
        DataError, match=r"image\[0\].mask\[0\]: run lengths do not fit. They sum to 3, .* has 12"
    ):
        cvat(tmp_path)
    write(
        tmp_path,
        '<mask label="leaf" rle="0, 8000000000000" left="0" top="0" width="4000000" height="2000000"/>',
    )
    with pytest.raises(DataError, match="the mask is larger than its image"):
        cvat(tmp_path)


def test_boxes_and_ellipses_turn_about_their_centre(tmp_path: Path) -> None:
    box = '<box label="leaf" xtl="10" ytl="18" xbr="30" ybr="22" rotation="90"/>'
    egg = '<ellipse label="stone" cx="44" cy="20" rx="10" ry="4" rotation="90"/>'
    write(tmp_path, box + egg)
    labels = cvat(tmp_path)[0].labels.numpy()
    assert (labels[10:30, 18:22] == 1).all() and (labels == 1).sum() == 80
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    egg_value = ((x - 44) / 4) ** 2 + ((y - 20) / 10) ** 2
    assert (labels[egg_value < 0.95] == 2).all() and not (labels[egg_value > 1.05] == 2).any()


def test_classes_are_those_of_the_task_in_its_order_and_colours(tmp_path: Path) -> None:
    write(tmp_path, '<box label="stone" xtl="1" ytl="1" xbr="3" ybr="3"/>')
    reader = cvat(tmp_path)
    assert reader.classes.names == ("background", "leaf", "stone")
    assert reader.classes.colours[1:] == ((0, 0, 1), (0, 0, 2))
    assert "1 of 3 classes are never drawn: leaf." in reader.notes


def test_points_and_polylines_need_a_width(tmp_path: Path) -> None:
    write(
        tmp_path,
        '<points label="leaf" points="10.5,10.5;30.5,20.5"/><polyline label="stone" points="2,30;20,30"/>',
    )
    with pytest.raises(DataError, match=r"points\[0\]: a point covers no pixels"):
        cvat(tmp_path)
    labels = cvat(tmp_path, line_width=2.0)[0].labels
    assert labels[10, 10] == labels[20, 30] == 1 and (labels[29:31, 2:20] == 2).all()


def test_subsets_are_splits(tmp_path: Path) -> None:
    write(tmp_path, "")
    text = (tmp_path / "annotations.xml").read_text()
    for number, subset in enumerate(("Train", "Validation")):
        text = text.replace(f'<image id="{number}"', f'<image id="{number}" subset="{subset}"')
    (tmp_path / "annotations.xml").write_text(text.replace("/></ann", '><tag label="leaf"/></image></ann'))
    assert cvat(tmp_path).splits == {"train": (0,), "val": (1,)}


def test_what_has_no_area_or_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    write(tmp_path, '<box label="leaf" xtl="9" ytl="1" xbr="3" ybr="3"/><cuboid label="leaf"/>')
    with pytest.raises(DataError) as error:
        cvat(tmp_path)
    assert "image[0].box[0]: the box ends before it begins: rows 1.0..3.0, columns 9.0..3.0" in str(
        error.value
    )


@pytest.mark.real
def test_files_of_cvat(real_data: Path) -> None:
    tools = real_data / "labelling_tools"
    reader = cvat(tools / "same4_images" / "cvat1.1", line_width=3.0)
    assert reader.classes.names[1:3] == ("rectangle", "triangle") and len(reader) == 4
    assert sum(len(drawing.shapes) for drawing in reader.drawings) == 18 + 3 + 2 + 2
    splits = cvat(
        tools / "format_fixtures_datumaro/cvat_dataset/for_images/export_project", line_width=1.0
    ).splits
    assert splits == {"train": (0, 1), "val": (2, 3), "test": (4, 5)}
    with pytest.raises(DataError, match="holds the tracks of a video"):
        cvat(tools / "format_fixtures_datumaro" / "cvat_dataset" / "for_video")
