"""Drawings: shapes beyond their image, names that hardly differ, and files that the reader refuses."""

import json

from tests.data.doctor.looked import case_of, findings_of, severe
from tests.data.drawn import scene, write_image

SQUARE = [[4, 4], [20, 4], [20, 20], [4, 20]]


def draw(root, shapes, number=3) -> None:
    for i in range(number):
        write_image(root / f"scene_{i}.png", scene(i)[0])
        content = {
            "shapes": [
                {"label": label, "points": points, "shape_type": "polygon"} for label, points in shapes
            ],
            "imagePath": f"scene_{i}.png",
            "imageData": None,
            "imageHeight": 40,
            "imageWidth": 56,
        }
        (root / f"scene_{i}.json").write_text(json.dumps(content))


def test_sound_drawings_are_clean_and_counted_by_hand(tmp_path) -> None:
    draw(tmp_path, [("house", SQUARE)])
    case = case_of(tmp_path)
    assert (case.reader, case.classes.names) == ("labelme", ("background", "house"))
    assert case.totals() == {0: 3 * (40 * 56 - 256), 1: 3 * 256}
    assert severe(findings_of(tmp_path)) == set()


def test_shapes_outside_and_beyond(tmp_path) -> None:
    far = [[100, 4], [120, 4], [120, 20]]
    over = [[40, 4], [70, 4], [70, 20], [40, 20]]
    draw(tmp_path, [("house", SQUARE), ("house", far), ("house", over)])
    found = findings_of(tmp_path)
    assert severe(found) == {"shapes that cover nothing", "shapes beyond the image"}
    assert found["shapes that cover nothing"].count == 3
    assert found["shapes beyond the image"].files[0] == "scene_0, shapes[2]: rows 4 to 20, columns 40 to 70"


def test_labels_that_hardly_differ_are_counted(tmp_path) -> None:
    draw(tmp_path, [("house", SQUARE), ("House", [[30, 4], [40, 4], [40, 20]])])
    found = findings_of(tmp_path)
    assert severe(found) == {"classes called alike"}
    assert found["classes called alike"].files == ("'House' (3 shapes) and 'house' (3 shapes)",)


def test_what_the_reader_refuses_is_told_beside_what_the_files_show(tmp_path) -> None:
    draw(tmp_path, [("house", SQUARE)])
    (tmp_path / "scene_1.json").write_text((tmp_path / "scene_1.json").read_text()[:60])
    (tmp_path / "scene_2.png").write_bytes(b"no image")
    found = findings_of(tmp_path)
    assert severe(found) == {"labelme refuses the data", "unreadable files"}
    assert any("scene_1.json is no JSON" in line for line in found["labelme refuses the data"].files)
