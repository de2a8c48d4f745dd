import json
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.supervisely import supervisely
from tests.data.drawings.written import LEAF, png_text, supervisely_file, supervisely_object, write_json
from tests.data.drawings.written import supervisely as write_project
from tests.data.drawn import write_image


def write(root: Path, *objects: dict) -> None:
    write_project(root)
    write_json(root / "ds" / "ann" / "scene_0.png.json", supervisely_file(list(objects)))


def bitmap(data: str, x: int, y: int) -> dict:
    return {"classTitle": "stone", "geometryType": "bitmap", "bitmap": {"data": data, "origin": [x, y]}}


def test_interiors_are_holes(tmp_path: Path) -> None:
    write(tmp_path, supervisely_object("leaf", "polygon", LEAF, [((7, 12), (7, 16), (9, 16), (9, 12))]))
    labels = supervisely(tmp_path)[0].labels
    assert labels.sum() == 200 - 8 and not labels[7:9, 12:16].any()


def test_bitmaps_are_packed_pictures_with_or_without_alpha(tmp_path: Path) -> None:
    mask = np.zeros((3, 5), np.uint8)
    mask[0, 1:] = mask[2] = 255
    colours = np.dstack([np.zeros((3, 5, 3), np.uint8), mask])
    for data in (png_text(mask, packed=True), png_text(mask), png_text(colours, packed=True)):
        write(tmp_path, bitmap(data, 30, 20))
        labels = supervisely(tmp_path)[0].labels
        assert np.array_equal(labels[20:23, 30:35] == 2, mask > 0) and (labels > 0).sum() == 9


def test_damaged_bitmaps_are_named(tmp_path: Path) -> None:
    for data in ("AAAA", "!", png_text(np.zeros((3, 5), np.uint8))[:40]):
        write(tmp_path, bitmap(data, 0, 0))
        with pytest.raises(DataError, match=r"objects\[0\]\.bitmap"):
            supervisely(tmp_path)


def test_classes_and_colours_are_those_of_the_project(tmp_path: Path) -> None:
    write(tmp_path)
    classes = supervisely(tmp_path).classes
    assert classes.names == ("background", "leaf", "stone") and classes.colours[1:] == (
        (0, 255, 0),
        (128, 128, 128),
    )


def test_what_has_no_area_is_refused(tmp_path: Path) -> None:
    write(tmp_path, supervisely_object("leaf", "graph", LEAF), supervisely_object("leaf", "line", LEAF))
    with pytest.raises(DataError, match="a 'graph' is no shape with an area"):
        supervisely(tmp_path)
    write(tmp_path, supervisely_object("leaf", "line", LEAF))
    with pytest.raises(DataError, match="a line covers no pixels"):
        supervisely(tmp_path)


@pytest.mark.real
def test_a_project_of_rectangles(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "labelling_tools" / "supervisely_rectangles"
    (file,) = (folder / "dataset" / "ann").iterdir()
    write_json(tmp_path / "meta.json", json.loads((folder / "meta.json").read_text()))
    content = json.loads(file.read_text())
    write_json(tmp_path / "dataset" / "ann" / file.name, content)
    image = np.zeros((content["size"]["height"], content["size"]["width"]), np.uint8)
    write_image(tmp_path / "dataset" / "img" / file.stem, image)
    reader = supervisely(tmp_path)
    labels = reader[0].labels.numpy()
    assert reader.classes.names == ("background", "duckweed")
    assert (labels[833:894, 3114:3156] == 1).all() and not labels[833:894, 3113].any()
