import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.coco_panoptic import coco_panoptic
from tests.data.drawings.written import coco_panoptic as write
from tests.data.drawings.written import truth, write_json
from tests.data.drawn import write_image


def changed(root: Path, **more) -> None:
    file = root / "panoptic_val.json"
    content = json.loads(file.read_text())
    content["annotations"][0]["segments_info"][1] |= more
    write_json(file, content)


def test_void_and_crowds_do_not_count(tmp_path: Path) -> None:
    write(tmp_path)
    mask = tmp_path / "panoptic_val" / "scene_0.png"
    pixels = np.array(Image.open(mask))
    pixels[:2] = 0
    write_image(mask, pixels)
    changed(tmp_path, iscrowd=1)
    wanted = np.where(truth() == 1, 255, truth())
    wanted[:2] = 255
    reader = coco_panoptic(tmp_path)
    assert np.array_equal(reader[0].labels, wanted)
    assert "1 of 4 segments are crowds: their pixels do not count." in reader.notes


def test_segments_that_are_not_listed_are_named(tmp_path: Path) -> None:
    write(tmp_path)
    changed(tmp_path, id=301)
    with pytest.raises(DataError, match=r"scene_0.png has segments that are not listed. Found number 300"):
        _ = coco_panoptic(tmp_path)[0]


def test_a_mask_of_another_size_is_refused_before_training(tmp_path: Path) -> None:
    write(tmp_path)
    write_image(tmp_path / "panoptic_val" / "scene_1.png", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(DataError, match=r"images\[1\]: it is \(40, 56\), but .*scene_1.png is \(9, 9\)"):
        coco_panoptic(tmp_path)


@pytest.mark.real
def test_masks_of_panopticapi(real_data: Path) -> None:
    reader = coco_panoptic(real_data / "labelling_tools" / "coco_panoptic" / "sample_data")
    assert len(reader) == 2 and len(reader.classes) == 133
    content = json.loads((reader.files[0].parents[1] / "panoptic_examples.json").read_text())
    areas: dict[int, int] = {}
    for segment in content["annotations"][0]["segments_info"]:
        if not segment["iscrowd"]:
            areas[segment["category_id"]] = areas.get(segment["category_id"], 0) + segment["area"]
    numbers = sorted(category["id"] for category in content["categories"])
    found = {number: int((reader[0].labels == numbers.index(number)).sum()) for number in areas}
    assert found == areas
