"""What stands in the files themselves, for the tools that read them."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.place import Place
from pixelwise.data.drawings.runs import unpack_lengths
from pixelwise.data.drawings.shapes import Shape
from pixelwise.data.masks.files import read_mask_header
from pixelwise.data.rasters.reading import describe
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import VOID_COLOUR, Legend
from pixelwise.data.writers._sheet import Sheet
from pixelwise.data.writers.coco import coco
from pixelwise.data.writers.cvat import cvat
from pixelwise.data.writers.geotiff import geotiff
from pixelwise.data.writers.label_studio import label_studio
from pixelwise.data.writers.labelme import labelme
from pixelwise.data.writers.voc import voc
from pixelwise.data.writers.yolo import yolo
from pixelwise.ops.polygons import Polygon

SIZE = (8, 10)
BOX = np.array([(1, 2), (1, 6), (4, 6), (4, 2)], np.float64)
OUTER = np.array([(0, 0), (0, 5), (5, 5), (5, 0)], np.float64)
HOLE = np.array([(1, 1), (3, 1), (3, 3), (1, 3)], np.float64)
CLASSES = Classes(("background", "leaf"), ((0, 0, 0), (10, 200, 30)), (0, 1), (255,))
LEGEND = Legend(CLASSES, {"void": 255}, "background")


def sheet(*shapes: Shape, name: str = "a", split: str | None = None, **more) -> Sheet:
    return Sheet(name, SIZE, split, torch.zeros(3, *SIZE), shapes=shapes, **more)


BOTH = (Shape("leaf", (Polygon(BOX),)), Shape("leaf", (Polygon(OUTER, (HOLE,)),)))


def test_coco_has_boxes_and_areas_and_run_lengths_for_holes(tmp_path) -> None:
    coco([sheet(*BOTH, split="val")], tmp_path, LEGEND)
    content = json.loads((tmp_path / "annotations" / "instances_val.json").read_text())
    plain, holed = content["annotations"]
    assert plain["segmentation"] == [[2, 1, 6, 1, 6, 4, 2, 4]]
    assert (plain["area"], plain["bbox"], plain["iscrowd"]) == (12, [2, 1, 4, 3], 0)
    assert (holed["area"], holed["bbox"]) == (25 - 4, [0, 0, 5, 5])
    assert holed["segmentation"]["size"] == [8, 10]
    # down the columns: 5 in, 3 out; 1 in, 2 of the hole, 2 in, 3 out; again; 5 in, 3 out; 5 in, the rest out
    wanted = [0, 5, 3, 1, 2, 2, 3, 1, 2, 2, 3, 5, 3, 5, 43]
    assert unpack_lengths(holed["segmentation"]["counts"]).tolist() == wanted
    assert content["images"] == [{"id": 1, "file_name": "a.png", "width": 10, "height": 8}]
    assert [(c["id"], c["name"], c["color"]) for c in content["categories"]] == [(1, "leaf", [10, 200, 30])]


def test_shapes_of_one_thing_are_one_annotation_while_nothing_lies_between(tmp_path) -> None:
    one, other = (Shape("leaf", (Polygon(BOX + move),), instance="7") for move in (0, 3))
    alone = Shape("leaf", (Polygon(OUTER),))
    coco([sheet(one, other), sheet(one, alone, other, name="b")], tmp_path, LEGEND)
    found = json.loads((tmp_path / "annotations" / "instances.json").read_text())["annotations"]
    assert [(a["image_id"], len(a["segmentation"])) for a in found] == [(1, 2), (2, 1), (2, 1), (2, 1)]
    assert [a["id"] for a in found] == [1, 2, 3, 4]


def test_labelme_has_x_before_y_groups_and_masks_with_both_corners_within(tmp_path) -> None:
    pair = (Polygon(BOX), Polygon(BOX + 3))
    labelme([sheet(*BOTH, Shape("leaf", pair), split="train")], tmp_path, LEGEND)
    content = json.loads((tmp_path / "train" / "a.json").read_text())
    kinds = [(shape["shape_type"], shape["group_id"]) for shape in content["shapes"]]
    assert kinds == [("polygon", None), ("mask", None), ("polygon", 1), ("polygon", 1)]
    assert content["shapes"][0]["points"][:2] == [[2, 1], [6, 1]]
    assert content["shapes"][1]["points"] == [[0, 0], [4, 4]]
    assert (content["imagePath"], content["imageHeight"], content["imageWidth"]) == ("a.png", 8, 10)


def test_cvat_has_subsets_colours_and_rows_of_runs(tmp_path) -> None:
    cvat([sheet(*BOTH, split="test")], tmp_path, LEGEND)
    root = ET.parse(tmp_path / "annotations.xml").getroot()
    image = root.find("image")
    told = {"id": "0", "name": "a.png", "subset": "test", "width": "10", "height": "8"}
    assert image is not None and image.attrib == told
    polygon, mask = image
    assert polygon.attrib["points"] == "2.0,1.0;6.0,1.0;6.0,4.0;2.0,4.0"
    assert mask.attrib["rle"] == "0, 6, 2, 3, 2, 12"
    assert [mask.attrib[key] for key in ("left", "top", "width", "height")] == ["0", "0", "5", "5"]
    assert [(e.findtext("name"), e.findtext("color")) for e in root.iter("label")] == [("leaf", "#0ac81e")]


def test_label_studio_has_percent_and_strokes_and_an_interface(tmp_path) -> None:
    label_studio([sheet(*BOTH)], tmp_path, LEGEND)
    (task,) = json.loads((tmp_path / "tasks.json").read_text())
    plain, holed = task["annotations"][0]["result"]
    assert plain["value"]["points"] == [[20, 12.5], [60, 12.5], [60, 50], [20, 50]]
    assert (plain["type"], plain["from_name"], holed["type"]) == ("polygonlabels", "polygon", "brushlabels")
    assert (plain["original_width"], plain["original_height"]) == (10, 8)
    interface = ET.parse(tmp_path / "config.xml").getroot()
    names = {control.attrib["name"] for control in interface}
    assert names == {"image", plain["from_name"], holed["from_name"]}


@pytest.mark.parametrize("write", [label_studio, yolo])
def test_an_outline_through_centres_of_pixels_keeps_them_though_it_is_rounded(write, tmp_path) -> None:
    from pixelwise.data.readers.label_studio import label_studio as read_label_studio
    from pixelwise.data.readers.yolo import yolo as read_yolo

    size = (49, 103)  # of which shares and percents are not exact
    lines = np.arange(0.5, 49)
    shapes = tuple(
        Shape("leaf", (Polygon(np.array([(y, y), (y, y + 30), (y + 0.5, y + 30), (y + 0.5, y)])),))
        for y in lines
    )
    made = Sheet("a", size, None, torch.zeros(3, *size), shapes=shapes)
    write([made], tmp_path, LEGEND)
    reader = {label_studio: read_label_studio, yolo: read_yolo}[write](tmp_path)
    wanted = torch.zeros(size, dtype=torch.int64)
    for row in range(49):
        wanted[row, row : row + 30] = 1  # the upper line is within, the left centre too, the right one not
    assert torch.equal(reader[0].labels, wanted)


def test_yolo_goes_to_the_hole_and_back(tmp_path) -> None:
    yolo([sheet(BOTH[1])], tmp_path, LEGEND)
    number, *shares = (tmp_path / "labels" / "a.txt").read_text().split()
    points = np.array(shares, float).reshape(-1, 2) * (10, 8)
    ring = [(0, 0), (5, 0), (5, 5), (0, 5), (0, 0)]
    assert points.round(9).tolist() == [
        list(p) for p in [*ring, (1, 1), (1, 3), (3, 3), (3, 1), (1, 1), (0, 0)]
    ]
    assert number == "0"
    assert yaml.safe_load((tmp_path / "data.yaml").read_text())["names"] == {0: "leaf"}


def test_voc_has_a_palette_lists_and_numbers_of_things(tmp_path) -> None:
    labels = np.zeros(SIZE, np.int64)
    labels[1:4, 2:6], labels[7] = 1, IGNORE_INDEX
    made = [
        sheet(name=name, split=split, labels=labels, things=(labels == 1) * np.int64(5))
        for name, split in (("a", "train"), ("b", "train"), ("c", "val"))
    ]
    voc(made, tmp_path, LEGEND)
    with Image.open(tmp_path / "SegmentationClass" / "a.png") as picture:
        assert picture.mode == "P" and np.array_equal(np.asarray(picture), labels)
        flat = picture.getpalette()
        assert flat[3:6] == [10, 200, 30] and tuple(flat[-3:]) == VOID_COLOUR
    with Image.open(tmp_path / "SegmentationObject" / "a.png") as picture:
        assert np.array_equal(np.asarray(picture), np.where(labels == 255, 255, 5 * labels))
        assert picture.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]  # as in VOC
    lists = tmp_path / "ImageSets" / "Segmentation"
    assert {p.name: p.read_text() for p in lists.iterdir()} == {"train.txt": "a\nb\n", "val.txt": "c\n"}
    assert (tmp_path / "labelmap.txt").read_text().splitlines()[1:] == [
        "background:0,0,0::",
        "leaf:10,200,30::",
    ]


def test_geotiff_masks_know_place_palette_and_no_data(tmp_path) -> None:
    labels = np.zeros(SIZE, np.int64)
    labels[0, 0] = IGNORE_INDEX
    place = Place("", (0.5, 0.0, 1000.0, 0.0, -0.5, 2000.0))
    geotiff([sheet(labels=labels, place=place)], tmp_path, LEGEND)
    raster = describe(tmp_path / "masks" / "a.tif")
    assert raster.place == place and raster.palette[1] == (10, 200, 30)
    assert read_mask_header(tmp_path / "masks" / "a.tif").nodata == 255


def test_image_files_are_the_same_bytes_with_what_lies_beside_them(tmp_path) -> None:
    source = tmp_path / "A.JPG"
    source.write_bytes(b"any bytes at all")
    (tmp_path / "A.JPG.aux.xml").write_text("<PAMDataset/>")
    path = carry(Sheet("b", SIZE, None, source), tmp_path / "images")
    assert path.name == "b.JPG" and path.read_bytes() == b"any bytes at all"
    assert (tmp_path / "images" / "b.JPG.aux.xml").read_text() == "<PAMDataset/>"


def test_where_no_link_can_be_made_files_are_copied(tmp_path, monkeypatch) -> None:
    def refused(*_) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    source = tmp_path / "a.png"
    source.write_bytes(b"bytes")
    path = carry(Sheet("a", SIZE, None, source), tmp_path / "images")
    assert path.read_bytes() == b"bytes" and not path.samefile(source)


@pytest.mark.parametrize(("values", "name"), [(255, "a.png"), (65535, "a.png"), (None, "a.npy")])
def test_pixels_without_a_file_are_kept_exactly(values, name, tmp_path) -> None:
    from pixelwise.data.images import read_image

    rng = torch.Generator().manual_seed(3)
    pixels = torch.randn(3, *SIZE, generator=rng)
    if values:
        pixels = torch.randint(values + 1, (3, *SIZE), generator=rng).float() / values
    path = carry(Sheet("a", SIZE, None, pixels), Path(tmp_path))
    assert path.name == name
    assert torch.equal(read_image(path), pixels)
