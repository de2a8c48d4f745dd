"""One small data set as every labelling tool writes it: two images, a leaf and a stone that lies on it."""

import base64
import io
import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image

from tests.data.drawn import Array, scene, write_image, write_tiff

SIZE = (40, 56)
LEAF = ((5, 10), (5, 30), (15, 30), (15, 10))  # (y, x); covers rows 5 to 14, columns 10 to 29
STONE = ((10, 20), (10, 35), (20, 35), (20, 20))  # the smaller one, and later in all files but CVAT's
NAMES = ("scene_0", "scene_1")


def truth() -> Array:
    """The labels of the first image: 1 leaf, 2 stone. The second one is empty."""
    labels = np.zeros(SIZE, np.int64)
    labels[5:15, 10:30] = 1
    labels[10:20, 20:35] = 2
    return labels


def xy(points: Any) -> list[list[float]]:
    return [[float(x), float(y)] for y, x in points]


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def png_text(mask: Array, packed: bool = False) -> str:
    """A mask as base64 text of a PNG, or of a zipped one."""
    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "PNG")
    data = buffer.getvalue()
    return base64.b64encode(zlib.compress(data) if packed else data).decode()


def draw_images(root: Path, folder: str = "") -> None:
    for number, name in enumerate(NAMES):
        write_image(root / folder / f"{name}.png", scene(number, SIZE)[0])


def labelme_shape(label: str, points: Any, kind: str = "polygon", **more: Any) -> dict[str, Any]:
    return {"label": label, "points": xy(points), "shape_type": kind, "group_id": None, "flags": {}} | more


def labelme_file(name: str, shapes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    known = {"version": "5.2.1", "flags": {}, "shapes": shapes, "imagePath": f"{name}.png", "imageData": None}
    return known | {"imageHeight": SIZE[0], "imageWidth": SIZE[1]} | more


def labelme(root: Path) -> None:
    draw_images(root)
    both = [labelme_shape("leaf", LEAF), labelme_shape("stone", (STONE[0], STONE[2]), "rectangle")]
    for name, shapes in zip(NAMES, (both, []), strict=True):
        write_json(root / f"{name}.json", labelme_file(name, shapes))


def labelme_xml(root: Path) -> None:
    draw_images(root)
    points = "".join(f"<pt><x>{x}</x><y>{y}</y></pt>" for x, y in xy(LEAF))
    mask = np.zeros(SIZE, np.uint8)
    mask[10:20, 20:35] = 255
    write_image(root / "Masks" / "scene_0_mask_1.png", mask)
    objects = (
        f"<object><name>leaf</name><deleted>0</deleted><polygon>{points}</polygon></object>"
        "<object><name>leaf</name><deleted>1</deleted></object>"
        "<object><name>stone</name><segm><mask>scene_0_mask_1.png</mask></segm></object>"
    )
    for name, inner in zip(NAMES, (objects, ""), strict=True):
        size = f"<imagesize><nrows>{SIZE[0]}</nrows><ncols>{SIZE[1]}</ncols></imagesize>"
        text = f"<annotation><filename>{name}.png</filename><folder/>{size}{inner}</annotation>"
        (root / f"{name}.xml").write_text(text)


def via_region(label: Any, shape: dict[str, Any]) -> dict[str, Any]:
    return {"shape_attributes": shape, "region_attributes": {"kind": label}}


def via_polygon(points: Any) -> dict[str, Any]:
    return {"name": "polygon", "all_points_x": [x for _, x in points], "all_points_y": [y for y, _ in points]}


def via_file(regions: Any) -> dict[str, Any]:
    first = {"filename": "scene_0.png", "size": 12, "regions": regions, "file_attributes": {}}
    return {"scene_0.png12": first, "scene_1.png9": first | {"filename": "scene_1.png", "regions": []}}


def via(root: Path) -> None:
    draw_images(root)
    stone = {"name": "rect", "x": 20, "y": 10, "width": 15, "height": 10}
    regions = [via_region("leaf", via_polygon(LEAF)), via_region("stone", stone)]
    project = {"_via_settings": {}, "_via_img_metadata": via_file(regions), "_via_attributes": {}}
    write_json(root / "via_project.json", project)


def cvat_file(shapes: str, labels: tuple[str, ...] = ("leaf", "stone")) -> str:
    said = "".join(
        f"<label><name>{name}</name><color>#{n + 1:06x}</color></label>" for n, name in enumerate(labels)
    )
    size = f'width="{SIZE[1]}" height="{SIZE[0]}"'
    return (
        f"<annotations><version>1.1</version><meta><task><labels>{said}</labels></task></meta>"
        f'<image id="0" name="scene_0.png" {size}>{shapes}</image>'
        f'<image id="1" name="scene_1.png" {size}/></annotations>'
    )


def cvat(root: Path) -> None:
    draw_images(root, "images")
    points = ";".join(f"{x},{y}" for x, y in xy(LEAF))
    stone = '<box label="stone" xtl="20" ytl="10" xbr="35" ybr="20" z_order="1"/>'
    text = cvat_file(f'{stone}<polygon label="leaf" points="{points}" z_order="0"/>')
    (root / "annotations.xml").write_text(text)


def studio_result(kind: str, label: str, value: dict[str, Any]) -> dict[str, Any]:
    told = {"type": kind, "value": value | {kind: [label]}, "image_rotation": 0}
    return told | {"original_width": SIZE[1], "original_height": SIZE[0]}


def percent(points: Any) -> list[list[float]]:
    return [[x / SIZE[1] * 100, y / SIZE[0] * 100] for y, x in points]


def studio_file(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"data": {"image": "/data/upload/1/0a1b2c3d-scene_0.png"}, "annotations": [{"result": results}]},
        {"data": {"image": "s3://bucket/scene_1.png"}, "annotations": [{"result": []}]},
    ]


def label_studio(root: Path) -> None:
    draw_images(root)
    (x, y), (right, bottom) = percent((STONE[0], STONE[2]))
    stone = {"x": x, "y": y, "width": right - x, "height": bottom - y, "rotation": 0}
    leaf = studio_result("polygonlabels", "leaf", {"points": percent(LEAF)})
    results = [leaf, studio_result("rectanglelabels", "stone", stone)]
    write_json(
        root / "project.json", studio_file([*results, {"type": "choices", "value": {"choices": ["x"]}}])
    )


def supervisely_object(label: str, kind: str, exterior: Any, interior: Any = ()) -> dict[str, Any]:
    points = {"exterior": xy(exterior), "interior": [xy(hole) for hole in interior]}
    return {"classTitle": label, "geometryType": kind, "points": points}


def supervisely_file(objects: list[dict[str, Any]]) -> dict[str, Any]:
    return {"size": {"height": SIZE[0], "width": SIZE[1]}, "objects": objects, "tags": []}


def supervisely(root: Path) -> None:
    draw_images(root, "ds/img")
    classes = [{"title": "leaf", "color": "#00FF00"}, {"title": "stone", "color": "#808080"}]
    write_json(root / "meta.json", {"classes": classes})
    inner = supervisely_object("stone", "rectangle", ((10, 20), (19, 34)))
    objects = [supervisely_object("leaf", "polygon", LEAF), inner]
    for name, here in zip(NAMES, (objects, []), strict=True):
        write_json(root / "ds" / "ann" / f"{name}.png.json", supervisely_file(here))


def voc_file(name: str, objects: str) -> str:
    size = f"<size><width>{SIZE[1]}</width><height>{SIZE[0]}</height><depth>3</depth></size>"
    return f"<annotation><filename>{name}.png</filename>{size}{objects}</annotation>"


def voc_object(label: str, top: float, left: float, bottom: float, right: float) -> str:
    corners = f"<xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>"
    return f"<object><name>{label}</name><bndbox>{corners}</bndbox></object>"


def voc_xml(root: Path) -> None:
    draw_images(root)
    objects = voc_object("stone", 11, 21, 20, 35) + voc_object("leaf", 6, 11, 15, 30)
    (root / "scene_0.xml").write_text(voc_file("scene_0", objects))
    (root / "scene_1.xml").write_text(voc_file("scene_1", ""))


def coco_file(annotations: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    images = [
        {"id": 7 + n, "file_name": f"{name}.png", "height": SIZE[0], "width": SIZE[1]}
        for n, name in enumerate(NAMES)
    ]
    categories = [{"id": 3, "name": "leaf"}, {"id": 90, "name": "stone"}]
    return {"images": images, "categories": categories, "annotations": annotations} | more


def coco_annotation(number: int, category: int, segmentation: Any, **more: Any) -> dict[str, Any]:
    told = {"id": number, "image_id": 7, "category_id": category, "segmentation": segmentation, "iscrowd": 0}
    return told | {"bbox": [0, 0, 1, 1]} | more


def flat(points: Any) -> list[float]:
    return [number for pair in xy(points) for number in pair]


def coco(root: Path) -> None:
    draw_images(root)
    counts = [20 * 40 + 10, *[10, 30] * 14, 10, 20 + 21 * 40]
    stone = coco_annotation(1, 90, {"size": list(SIZE), "counts": counts})
    leaf = coco_annotation(2, 3, [flat(LEAF)])
    write_json(root / "_annotations.coco.json", coco_file([leaf, stone]))


def coco_panoptic(root: Path) -> None:
    for number, name in enumerate(NAMES):
        write_image(root / "val" / f"{name}.jpg", scene(number, SIZE)[0])
    numbers = np.array([1 + 2 * 256, 300, 70000])[truth()]
    colours = np.stack([numbers % 256, numbers // 256 % 256, numbers // 65536], axis=-1).astype(np.uint8)
    write_image(root / "panoptic_val" / "scene_0.png", colours)
    write_image(root / "panoptic_val" / "scene_1.png", np.zeros((*SIZE, 3), np.uint8) + np.uint8([1, 2, 0]))
    known = ((1, "background", 513), (3, "leaf", 300), (90, "stone", 70000))
    segments = [{"id": number, "category_id": category, "iscrowd": 0} for category, _, number in known]
    categories = [{"id": category, "name": name, "isthing": 1} for category, name, _ in known]
    annotations = [
        {"image_id": 7 + n, "file_name": f"{name}.png", "segments_info": segments if not n else segments[:1]}
        for n, name in enumerate(NAMES)
    ]
    content = coco_file(annotations, categories=categories)
    for entry in content["images"]:
        entry["file_name"] = entry["file_name"].replace(".png", ".jpg")
    write_json(root / "panoptic_val.json", content)


def yolo(root: Path) -> None:
    draw_images(root, "images")
    (root / "labels").mkdir()
    (root / "data.yaml").write_text("nc: 2\nnames: [leaf, stone]\n")
    outline = " ".join(f"{x / SIZE[1]:.9f} {y / SIZE[0]:.9f}" for x, y in xy(LEAF))
    stone = f"1 {27.5 / 56:.9f} {15 / 40:.9f} {15 / 56:.9f} {10 / 40:.9f}"
    (root / "labels" / "scene_0.txt").write_text(f"0 {outline}\n\n{stone}\n")
    (root / "labels" / "scene_1.txt").write_text("")


def on_earth(points: Any) -> list[list[float]]:
    """Where pixels of `write_tiff` lie: one metre each, the corner at (100, 200)."""
    return [[100.0 + x, 200.0 - y] for y, x in [*points, points[0]]]


def feature(told: dict[str, Any], *rings: Any, kind: str = "Polygon") -> dict[str, Any]:
    coordinates: Any = [on_earth(ring) for ring in rings]
    return {"type": "Feature", "properties": told, "geometry": {"type": kind, "coordinates": coordinates}}


def layer(features: list[dict[str, Any]], crs: str | None = "EPSG:32633") -> dict[str, Any]:
    named = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return {"type": "FeatureCollection", "features": features} | named


def geojson(root: Path) -> None:
    for number, name in enumerate(NAMES):
        write_tiff(root / "images" / f"{name}.tif", scene(number, SIZE)[0], crs="EPSG:32633")
    features = [feature({"label": "leaf"}, LEAF), feature({"label": "stone"}, STONE)]
    write_json(root / "layers" / "scene_0.geojson", layer(features))
    write_json(root / "layers" / "scene_1.geojson", layer([]))


def geopackage(path: Path, features: list[dict[str, Any]], epsg: int = 32633) -> None:
    """Write features as the table `land` of a GeoPackage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT,"
        " organization_coordsys_id INTEGER, definition TEXT);"
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);"
        "CREATE TABLE land (fid INTEGER PRIMARY KEY, geom BLOB, label TEXT);"
    )
    base.execute("INSERT INTO gpkg_spatial_ref_sys VALUES (?, 'EPSG', ?, 'PROJCS[...]')", (epsg, epsg))
    base.execute("INSERT INTO gpkg_geometry_columns VALUES ('land', 'geom', ?)", (epsg,))
    for entry in features:
        shape = shapely.from_geojson(json.dumps(entry["geometry"]))
        header = b"GP\0\x03" + epsg.to_bytes(4, "little") + np.array(shape.bounds)[[0, 2, 1, 3]].tobytes()
        blob = header + shapely.to_wkb(shape)
        base.execute("INSERT INTO land (geom, label) VALUES (?, ?)", (blob, entry["properties"]["label"]))
    base.commit()
    base.close()


TOOLS: dict[str, Callable[[Path], None]] = {
    "labelme": labelme,
    "labelme_xml": labelme_xml,
    "via": via,
    "cvat": cvat,
    "label_studio": label_studio,
    "supervisely": supervisely,
    "voc_xml": voc_xml,
    "coco": coco,
    "coco_panoptic": coco_panoptic,
    "yolo": yolo,
    "geojson": geojson,
}
