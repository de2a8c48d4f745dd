import csv
import json
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.via import via
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    STONE,
    draw_images,
    truth,
    via_file,
    via_polygon,
    via_region,
    write_json,
)


def write(root: Path, *regions: dict) -> None:
    draw_images(root)
    write_json(root / "via.json", via_file(list(regions)))


def test_circles_ellipses_and_lines(tmp_path: Path) -> None:
    disc = via_region("disc", {"name": "circle", "cx": 10.5, "cy": 10.5, "r": 6})
    turned = {"name": "ellipse", "cx": 40, "cy": 20, "rx": 12, "ry": 4, "theta": np.pi / 2}
    wire = {"name": "polyline", "all_points_x": [2, 50], "all_points_y": [38, 38]}
    write(tmp_path, disc, via_region("egg", turned), via_region("wire", wire))
    labels = via(tmp_path, line_width=2.0)[0].labels.numpy()
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    inside = np.hypot(y - 10.5, x - 10.5)
    assert (labels[inside < 5.9] == 1).all() and not (labels[inside > 6.1] == 1).any()
    egg = ((x - 40) / 4) ** 2 + ((y - 20) / 12) ** 2  # a quarter turn: it stands upright
    assert (labels[egg < 0.95] == 2).all() and not (labels[egg > 1.05] == 2).any()
    assert (labels[37:39, 2:50] == 3).all()


def test_regions_of_version_1_are_numbered(tmp_path: Path) -> None:
    draw_images(tmp_path)
    regions = {"0": via_region("leaf", via_polygon(LEAF)), "1": via_region("stone", via_polygon(STONE))}
    write_json(tmp_path / "via.json", via_file(regions))
    assert np.array_equal(via(tmp_path)[0].labels, truth())


def test_tables_say_the_same(tmp_path: Path) -> None:
    draw_images(tmp_path)
    regions = [via_region("leaf", via_polygon(LEAF)), via_region("stone", via_polygon(STONE))]
    heads = ("filename", "file_size", "region_id", "region_shape_attributes", "region_attributes")
    with (tmp_path / "via.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(heads)
        for number, region in enumerate(regions):
            told = json.dumps(region["shape_attributes"]), json.dumps(region["region_attributes"])
            rows.writerow(("scene_0.png", 12, number, *told))
        rows.writerow(("scene_1.png", 9, 0, "{}", "{}"))
    reader = via(tmp_path)
    assert np.array_equal(reader[0].labels, truth()) and reader[1].labels.sum() == 0
    (tmp_path / "via.csv").write_text((tmp_path / "via.csv").read_text().replace('""name""', "name"))
    with pytest.raises(DataError, match=r"via.csv, line 2: the region is no JSON"):
        via(tmp_path)


def test_several_attributes_are_no_guess(tmp_path: Path) -> None:
    region = via_region("leaf", via_polygon(LEAF))
    region["region_attributes"]["colour"] = "green"
    write(tmp_path, region)
    with pytest.raises(DataError, match=r"have 2 attributes: kind, colour. .* Choose one with attribute="):
        via(tmp_path)
    assert via(tmp_path, attribute="colour").classes.names == ("background", "green")


def test_ticked_boxes_are_several_classes(tmp_path: Path) -> None:
    write(tmp_path, via_region({"leaf": True, "wet": True, "dry": False}, via_polygon(LEAF)))
    planes = via(tmp_path, planes=True)
    assert planes.classes.names == ("leaf", "wet") and (planes[0].labels.sum((1, 2)) == 200).all()
    write(tmp_path, via_region({"leaf": False}, via_polygon(LEAF)))
    with pytest.raises(DataError, match="no label is ticked"):
        via(tmp_path)


def test_uneven_points_are_named(tmp_path: Path) -> None:
    polygon = via_polygon(LEAF)
    polygon["all_points_y"].pop()
    write(tmp_path, via_region("leaf", polygon))
    with pytest.raises(DataError, match=r"regions\[0\].shape_attributes: 4 columns but 3 rows of points"):
        via(tmp_path)


@pytest.mark.real
def test_json_and_table_of_via_2_agree(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "labelling_tools" / "same4_images" / "via"
    for file in folder.iterdir():
        if file.suffix != ".json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    reader, table = via(folder, line_width=3.0), via(tmp_path, line_width=3.0)
    assert len(reader) == 4 and sum(len(drawing.shapes) for drawing in reader.drawings) == 42
    assert all(np.array_equal(reader[i].labels, table[i].labels) for i in range(4))
