import json
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.label_studio import label_studio
from tests.data.drawings.test_runs import brush
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    draw_images,
    percent,
    studio_file,
    studio_result,
    truth,
    write_json,
)
from tests.data.drawn import write_image


def write(root: Path, *results: dict) -> None:
    draw_images(root)
    write_json(root / "project.json", studio_file(list(results)))


def test_brush_strokes(tmp_path: Path) -> None:
    stroke = truth() == 2
    write(tmp_path, studio_result("brushlabels", "stone", {"format": "rle", "rle": list(brush(stroke))}))
    assert np.array_equal(label_studio(tmp_path)[0].labels == 1, stroke)
    write(tmp_path, studio_result("brushlabels", "stone", {"format": "rle", "rle": list(brush(stroke))[:40]}))
    with pytest.raises(DataError, match=r"result\[0\].value.rle: this is no brush stroke"):
        label_studio(tmp_path)


def test_rectangles_turn_about_their_corner_and_ellipses_about_their_centre(tmp_path: Path) -> None:
    (x, y), *_ = percent([(10, 30)])
    wide, high = 20 / SIZE[1] * 100, 4 / SIZE[0] * 100
    box = {"x": x, "y": y, "width": wide, "height": high, "rotation": 90}
    (cx, cy), *_ = percent([(20, 44)])
    egg = {"x": cx, "y": cy, "radiusX": wide / 2, "radiusY": high, "rotation": 90}
    write(tmp_path, studio_result("rectanglelabels", "box", box), studio_result("ellipselabels", "egg", egg))
    labels = label_studio(tmp_path)[0].labels.numpy()
    assert (labels[10:30, 26:30] == 1).all() and (labels == 1).sum() == 80
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    value = ((columns - 44) / 4) ** 2 + ((rows - 20) / 10) ** 2
    assert (labels[value < 0.95] == 2).all() and not (labels[value > 1.05] == 2).any()


def test_keypoints_need_a_width(tmp_path: Path) -> None:
    (x, y), *_ = percent([(10.5, 30.5)])
    write(tmp_path, studio_result("keypointlabels", "dot", {"x": x, "y": y, "width": 0.5}))
    with pytest.raises(DataError, match="a keypoint covers no pixels"):
        label_studio(tmp_path)
    assert label_studio(tmp_path, line_width=1.5)[0].labels.sum() == 1


def test_the_first_annotation_that_was_not_cancelled_is_read(tmp_path: Path) -> None:
    draw_images(tmp_path)
    content = studio_file([studio_result("polygonlabels", "leaf", {"points": percent(LEAF)})])
    content[0]["annotations"] = [{"was_cancelled": True, "result": []}, *content[0]["annotations"]]
    content[1]["annotations"][0]["was_cancelled"] = True
    write_json(tmp_path / "project.json", content)
    reader = label_studio(tmp_path)
    assert len(reader) == 1 and (reader[0].labels == 1).sum() == 200
    assert "1 images have several annotations: the first of each is read." in reader.notes
    assert "1 images have only cancelled annotations: left out." in reader.notes


def test_images_are_found_however_they_are_addressed(tmp_path: Path) -> None:
    addresses = (
        "/data/local-files/?d=pictures/a%20b.png",
        "https://x.org/a%20b.png?token=1",
        "gs://bucket/dir/a b.png",
    )
    write_image(tmp_path / "pictures" / "a b.png", np.zeros((*SIZE, 3), np.uint8))
    for address in addresses:
        task = studio_file([studio_result("polygonlabels", "leaf", {"points": percent(LEAF)})])[:1]
        write_json(tmp_path / "project.json", [task[0] | {"data": {"id": 7, "photo": address}}])
        assert label_studio(tmp_path).files == (tmp_path / "pictures" / "a b.png",)


def test_what_cannot_be_drawn_right_is_refused(tmp_path: Path) -> None:
    leaf = studio_result("polygonlabels", "leaf", {"points": percent(LEAF)})
    bare = leaf | {"value": {"points": percent(LEAF)}}
    unknown = leaf | {"type": "videolabels"}
    for result, said in (
        (leaf | {"original_width": 70}, r"it was drawn over \(40, 70\), but the image is \(40, 56\)"),
        (leaf | {"image_rotation": 90}, "the image was turned in Label Studio"),
        (bare, "the region has no label"),
        (unknown, "regions of type 'videolabels' are unknown"),
    ):
        write(tmp_path, result)
        with pytest.raises(DataError, match=said):
            label_studio(tmp_path)


@pytest.mark.real
def test_exports_of_label_studio(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "labelling_tools" / "label_studio"
    content = json.loads((folder / "test_export_yolo" / "data_polygons.json").read_text())
    content += json.loads((folder / "test_export_coco" / "data.json").read_text())
    for number, task in enumerate(content):
        task["data"] = {"image": f"image_{number}.png"}
        results = [result for entry in task["annotations"] for result in entry["result"]]
        size = (results[0]["original_height"], results[0]["original_width"])
        write_image(tmp_path / f"image_{number}.png", np.zeros((*size, 3), np.uint8))
    write_json(tmp_path / "tasks.json", content)
    reader = label_studio(tmp_path, line_width=5.0)
    assert {"Airplane", "polygon_label", "rectangle_label"} <= set(reader.classes.names)
    airplane = reader.classes.names.index("Airplane")
    assert 0.01 < (reader[0].labels == airplane).float().mean() < 0.5
