"""Small, sound data sets, one or more for every reader: what tests read, mutate and damage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.data.drawings.written import LEAF, STONE, TOOLS, draw_images, feature, geopackage
from tests.data.drawn import classes_yaml, draw_folders, draw_pairs
from tests.data.readers import (
    test_ade20k,
    test_camvid,
    test_cityscapes,
    test_digits_files,
    test_mapillary,
    test_oxford_pet,
    test_voc,
    test_waymo,
)

LITTLE = (20, 24)


@dataclass(frozen=True)
class Small:
    """A data set that a reader reads.

    Attributes:
        reader: Its name.
        draw: Draws the files into an empty folder.
        form: What tells this data set from others of the same reader.
        options: To read it with.
    """

    reader: str
    draw: Callable[[Path], None]
    form: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.reader} {self.form}".strip()


def _ade20k_full(root: Path) -> None:
    seen = test_ade20k.seg([[401, 401, 401], [1831, 1831, 774]])
    home = test_ade20k.draw_full(root, "training", "ADE_train_1", seen)
    test_ade20k.draw_full(root, "validation", "ADE_val_1", seen)
    (home / "ADE_train_1.json").write_text(
        '{"annotation": {"object": [{"name": "car, auto", "name_ndx": 401}]}}'
    )


def _ade20k_challenge(root: Path) -> None:
    test_ade20k.draw_challenge(root, test_ade20k.PHOTO[..., 0] + 3)


def _bsds500(root: Path) -> None:
    pytest.importorskip("scipy", reason="it writes the files of MATLAB")
    from tests.data.readers import test_bsds500

    test_bsds500.draw(root)


def _camvid(root: Path) -> None:
    test_camvid.draw_colours(root)
    (root / "label_colors.txt").write_text(
        "128 128 128\tSky\n64 0 64\tTruck\n192 0 192\tLane\n192 128 64\tChild\n64 192 0\tWall\n"
        "192 128 192\tTruck_Bus\n128 0 192\tLaneMkgsDriv\n0 0 0\tVoid\n"
    )


def _cityscapes(root: Path) -> None:
    test_cityscapes.draw(root, "labelIds", test_cityscapes.LABELS)


def _cityscapes_polygons(root: Path) -> None:
    test_cityscapes.draw(root, "color", test_cityscapes.LABELS, splits=("train",))
    corners = [[0, 0], [2, 0], [2, 1], [0, 1]]
    test_cityscapes.write_polygons(root, [{"label": "road", "polygon": corners, "deleted": 0}])


def _geopackage(root: Path) -> None:
    TOOLS["geojson"](root)
    for layer in (root / "layers").iterdir():
        layer.unlink()
    drawn = [feature({"label": "leaf"}, LEAF), feature({"label": "stone"}, STONE)]
    geopackage(root / "layers" / "scene_0.gpkg", drawn)
    geopackage(root / "layers" / "scene_1.gpkg", drawn[:1])


def _ade20k_old(root: Path) -> None:
    """Names of objects in text, as older releases have them."""
    _ade20k_full(root)
    told = next(root.rglob("*.json"))
    told.with_name(f"{told.stem}_atr.txt").write_text(
        '1 # 0 # 0 # car # auto # ""\n2 # 0 # 1 # person # # ""\n'
    )
    told.unlink()


def _via_table(root: Path) -> None:
    draw_images(root)
    outline = '"{""name"":""polygon"",""all_points_x"":[1,9,9],""all_points_y"":[2,2,8]}"'
    (root / "via.csv").write_text(
        "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
        f'scene_0.png,12,"{{}}",1,0,{outline},"{{""kind"":""leaf""}}"\nscene_1.png,9,"{{}}",0,0,"{{}}","{{}}"\n'
    )


def _pairs_with_lists(root: Path) -> None:
    draw_pairs(root, number=3, layout="lists", size=LITTLE)
    (root / "classes.yaml").write_text(classes_yaml())


def _pairs_of_colours(root: Path) -> None:
    draw_pairs(root, number=2, encoding="colour", image_suffix=".jpg", size=LITTLE)
    (root / "classes.csv").write_text("name,r,g,b\nground,0,0,0\ndisc,255,120,80\nsquare,60,40,222\n")


def _pairs_on_earth(root: Path) -> None:
    draw_pairs(root, number=2, encoding="tiff", image_suffix=".tif", layout="suffix", size=LITTLE)


def _pairs_of_arrays(root: Path) -> None:
    draw_pairs(root, number=2, encoding="npy", image_suffix=".npy", size=LITTLE)


def _polygons_text(root: Path) -> None:
    draw_images(root)
    (root / "scene_0.txt").write_text("[[10, 5], [30, 5], [30, 15], [10, 5], [20, 10], [35, 10], [35, 20]]")
    (root / "scene_1.txt").write_text("[(1, 2), (3.5, 4), (5, 1), (1, 2)]")


SMALL = (
    Small("ade20k", _ade20k_challenge, "challenge"),
    Small("ade20k", _ade20k_full, "full", {"most": 2}),
    Small("ade20k", _ade20k_old, "old", {"most": 2}),
    Small("bsds500", _bsds500),
    Small("camvid", _camvid),
    Small("cityscapes", _cityscapes),
    Small("cityscapes", _cityscapes_polygons, "polygons"),
    Small("digits", test_digits_files.write, "files", {"train": 2, "test": 1, "num_classes": 10}),
    Small("folders", lambda root: draw_folders(root, number=3, size=LITTLE)),
    Small("geojson", _geopackage, "geopackage"),
    Small("mapillary", test_mapillary.draw),
    Small("oxford_pet", lambda root: test_oxford_pet.draw(root, ["Abyssinian_1"], ["beagle_1"])),
    Small("pairs", _pairs_with_lists, "lists"),
    Small("pairs", _pairs_of_colours, "colours"),
    Small("pairs", _pairs_on_earth, "on earth"),
    Small("pairs", _pairs_of_arrays, "arrays"),
    Small("polygons_text", _polygons_text),
    Small("voc", lambda root: test_voc.draw(root, {"train": ["a"], "val": ["b"]})),
    Small("via", _via_table, "table"),
    Small("waymo", test_waymo.draw),
    *(Small(tool, draw) for tool, draw in TOOLS.items()),
)
