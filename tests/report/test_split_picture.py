"""The picture of a split: every image is in it once, parts have their colours, bars their lengths."""

import re
from xml.etree import ElementTree as ET

from pixelwise.data.splits.places import Footprint
from pixelwise.report.split_picture import INNER, Shown, split_picture

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = {"road": {"train": 0.5, "test": 0.25}, "<car>": {"train": 0.0, "test": 0.0}}


def rectangles(text: str):
    return [one.attrib for one in ET.fromstring(text).iter(f"{SVG}rect")]


def test_every_image_is_a_square_on_the_map_of_its_part_and_north_is_up() -> None:
    prints = [
        Footprint("EPSG:2180", (y, x, y + 10, x + 10), pixel=1.0, metres=True, down=False)
        for y in (0.0, 10.0, 20.0)
        for x in (0.0, 10.0, 20.0, 30.0)
    ]
    parts = ["train"] * 8 + [None, None, "test", "test"]
    text = split_picture(Shown("t", "by place", parts, range(12), CLASSES, prints), ["train", "test"])
    drawn = [one.attrib for one in ET.fromstring(text).iter(f"{SVG}path")]
    squares = [re.findall(r"M([\d.]+) ([\d.]+)", one["d"]) for one in drawn]
    assert [len(one) for one in squares] == [8, 2, 2]
    assert [one.get("fill") for one in drawn] == ["#9aa0a6", "#c4540f", None]
    assert drawn[2]["class"] == "out"
    northmost = min(float(y) for _, y in squares[1])
    assert northmost < min(float(y) for _, y in squares[0])  # the last row of the grid lies in the north
    assert "30 × 40 m (rows × columns), 12 images" in text


def test_bars_tell_shares_of_images_and_classes() -> None:
    parts = ["train"] * 3 + ["test"]
    text = split_picture(Shown("a & b", "why", parts, [0, 0, 0, 1], CLASSES), ["train", "test"])
    bar = [one for one in rectangles(text) if one.get("height") == "14"]
    assert [float(one["width"]) for one in bar] == [0.75 * INNER - 1.5, 0.25 * INNER - 1.5]
    road = [float(one["width"]) for one in rectangles(text) if one.get("rx") == "1"]
    assert road[1] == road[0] / 2 > 0 == road[2] == road[3]
    assert "a &amp; b" in text and "&lt;car&gt;" in text and "train: 3 images (75%), 1 group<" in text
    assert "path" not in text


def test_only_the_largest_of_many_maps_are_drawn_and_the_others_counted() -> None:
    prints = [Footprint(f"m{n % 9}", (0.0, 0.0, 8.0, 8.0), 1.0) for n in range(20)]
    text = split_picture(Shown("t", "r", ["train", "val"] * 10, range(20), {}, prints), ["train", "val"])
    assert "… and 3 more maps with fewer images" in text and "m0: 8 × 8 px" in text and "m8:" not in text
