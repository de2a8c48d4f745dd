import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.labelme import labelme
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    draw_images,
    labelme_file,
    labelme_shape,
    png_text,
    write_json,
)
from tests.data.drawn import scene


def write(root: Path, *shapes: dict, **more) -> None:
    draw_images(root)
    write_json(root / "scene_0.json", labelme_file("scene_0", list(shapes), **more))


def test_circles_and_masks(tmp_path: Path) -> None:
    patch = np.zeros((4, 6), np.uint8)
    patch[1:3, 2:5] = 255
    mask = labelme_shape("patch", ((30, 40), (33, 45)), "mask", mask=png_text(patch))
    write(tmp_path, labelme_shape("disc", ((12.5, 12.5), (12.5, 20.5)), "circle"), mask)
    labels = labelme(tmp_path)[0].labels
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot(y - 12, x - 12)  # between centres of pixels
    assert (labels[distance < 7.9] == 1).all() and not (labels[distance > 8.1] == 1).any()
    assert (labels == 2).sum() == 6 and (labels[31:33, 42:45] == 2).all()


def test_lines_and_points_need_a_width(tmp_path: Path) -> None:
    line = labelme_shape("wire", ((10, 10), (10, 30)), "linestrip")
    write(tmp_path, line, labelme_shape("dot", ((30, 30),), "point"), labelme_shape("leaf", LEAF))
    with pytest.raises(
        DataError, match=r"shapes\[0\]: a linestrip covers no pixels. Say how wide it is with line_width="
    ):
        labelme(tmp_path)
    labels = labelme(tmp_path, line_width=4.0, order="area")[0].labels
    assert (labels[9:11, 35:].sum(), (labels == 1).sum()) == (0, 12)  # a dot four pixels wide
    left_out = labelme(tmp_path, line_width=0.0)
    assert left_out.classes.names == ("background", "leaf")


def test_the_image_may_be_in_the_file(tmp_path: Path) -> None:
    photograph = scene(3, SIZE)[0]
    buffer = io.BytesIO()
    Image.fromarray(photograph).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    content = labelme_file("inside", [labelme_shape("leaf", LEAF)], imageData=data)
    write_json(tmp_path / "inside.json", content)
    reader = labelme(tmp_path)
    assert reader.files == (tmp_path / "inside.json",)
    assert np.array_equal((reader[0].image * 255).round().numpy().transpose(1, 2, 0), photograph)
    write_json(tmp_path / "inside.json", content | {"imageHeight": 10})
    with pytest.raises(
        DataError, match=r"drawn over \(10, 56\), but its image is \(40, 56\) \(rows, columns\)"
    ):
        labelme(tmp_path)
    write_json(tmp_path / "inside.json", content | {"imageData": "AAAA"})
    with pytest.raises(DataError, match="imageData: the image in it cannot be read"):
        labelme(tmp_path)


def test_an_image_that_was_renamed_is_found_beside_its_file(tmp_path: Path) -> None:
    write(tmp_path, labelme_shape("leaf", LEAF), imagePath="..\\old\\other.png")
    assert labelme(tmp_path).files == (tmp_path / "scene_0.png",)


def test_other_json_files_are_passed_over_and_splits_are_folders(tmp_path: Path) -> None:
    write(tmp_path / "train", labelme_shape("leaf", LEAF))
    write(tmp_path / "valid", labelme_shape("leaf", LEAF))
    write_json(tmp_path / "notes.json", {"author": "me"})
    reader = labelme(tmp_path)
    assert reader.splits == {"train": (0,), "val": (1,)} and reader.names == (
        "train/scene_0",
        "valid/scene_0",
    )


def test_unknown_kinds_are_refused(tmp_path: Path) -> None:
    write(tmp_path, labelme_shape("leaf", LEAF, "spline"))
    with pytest.raises(DataError, match=r"shape_type 'spline' is unknown. Draw it as a polygon"):
        labelme(tmp_path)


@pytest.mark.real
def test_files_of_labelme_5(real_data: Path) -> None:
    reader = labelme(real_data / "labelling_tools" / "same4_images" / "labelme", line_width=3.0)
    assert reader.classes.names[1:4] == ("bird", "circle", "crack") and len(reader) == 4
    shares = {reader.names[i]: float((reader[i].labels > 0).float().mean()) for i in range(4)}
    assert shares["birds"] == pytest.approx(151876 / 666000) and 0.002 < shares["crack"] < 0.006
