from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform

from pixelwise.core.errors import DataError
from pixelwise.data.readers.geojson import geojson
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    STONE,
    feature,
    geopackage,
    layer,
    on_earth,
    truth,
    write_json,
)
from tests.data.drawn import scene, write_tiff


def write(root: Path, *features: dict, crs: str | None = "EPSG:32633") -> None:
    write_tiff(root / "a.tif", scene(0, SIZE)[0], crs="EPSG:32633")
    write_json(root / "a.geojson", layer(list(features), crs))


def test_shapes_are_brought_to_the_system_of_the_image(tmp_path: Path) -> None:
    leaf = feature({"label": "leaf"}, LEAF)
    east, north = zip(*on_earth(LEAF), strict=True)
    moved = transform("EPSG:32633", "EPSG:4326", east, north)
    leaf["geometry"]["coordinates"] = [[list(point) for point in zip(*moved, strict=True)]]
    for named in (None, "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"):
        write(tmp_path, leaf, crs=named)
        labels = geojson(tmp_path)[0].labels
        assert labels.sum() == 200 and (labels[5:15, 10:30] == 1).all()


def test_the_place_goes_along(tmp_path: Path) -> None:
    write(tmp_path, feature({"label": "leaf"}, LEAF))
    place = geojson(tmp_path)[0].place
    assert place is not None and place.transform == (1.0, 0.0, 100.0, 0.0, -1.0, 200.0)


def test_holes_parts_and_collections(tmp_path: Path) -> None:
    holed = feature({"label": "leaf"}, LEAF, ((7, 12), (7, 16), (9, 16), (9, 12)))
    both = feature({"label": "stone"}, kind="GeometryCollection")
    ring = [on_earth(STONE)]
    both["geometry"] = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "MultiPolygon", "coordinates": [ring]},
            {"type": "Polygon", "coordinates": ring},
        ],
    }
    write(tmp_path, holed, both)
    labels = geojson(tmp_path)[0].labels
    assert not labels[7:9, 12:16].any() and (labels == 2).sum() == 150 and (labels == 1).sum() == 200 - 8 - 50


def test_lines_have_the_width_that_is_told(tmp_path: Path) -> None:
    road = feature({"label": "road"})
    road["geometry"] = {"type": "LineString", "coordinates": on_earth(((20, 5), (20, 50)))[:2]}
    write(tmp_path, road)
    with pytest.raises(DataError, match=r"features\[0\]: a LineString covers no pixels"):
        geojson(tmp_path)
    labels = geojson(tmp_path, line_width=4.0)[0].labels
    assert (labels[18:22, 5:50] == 1).all() and labels.sum() <= 4 * 45 + 16


def test_the_label_is_a_usual_property_or_the_one_told(tmp_path: Path) -> None:
    write(tmp_path, feature({"class": "leaf", "id": 3}, LEAF), feature({"class": "stone", "id": 4}, STONE))
    reader = geojson(tmp_path)
    assert reader.classes.names == ("background", "leaf", "stone")
    assert "the label of a shape is its property 'class'; choose with field=." in reader.notes
    assert geojson(tmp_path, field="id").classes.names == ("background", "3", "4")
    with pytest.raises(DataError, match=r"features\[0\]: 'kind' is missing. Found \['class', 'id'\]"):
        geojson(tmp_path, field="kind")
    write(tmp_path, feature({"area": 1}, LEAF))
    assert geojson(tmp_path).classes.names == ("background", "object")


def test_a_geopackage_says_the_same(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", scene(0, SIZE)[0], crs="EPSG:32633")
    geopackage(tmp_path / "land.gpkg", [feature({"label": "leaf"}, LEAF), feature({"label": "stone"}, STONE)])
    reader = geojson(tmp_path)
    assert np.array_equal(reader[0].labels, truth())
    (tmp_path / "land.gpkg").write_bytes((tmp_path / "land.gpkg").read_bytes()[:3000])
    with pytest.raises(DataError, match=r"land.gpkg is no GeoPackage"):
        geojson(tmp_path)


def test_one_layer_lies_over_all_images_that_know_their_place(tmp_path: Path) -> None:
    write(tmp_path / "images", feature({"label": "leaf"}, LEAF))
    (tmp_path / "images" / "a.geojson").rename(tmp_path / "land.geojson")
    write_tiff(tmp_path / "images" / "b.tif", scene(1, SIZE)[0], crs="EPSG:32633")
    (tmp_path / "images" / "c.tif").write_bytes(b"")
    Image.fromarray(scene(1, SIZE)[0]).save(tmp_path / "images" / "c.tif")
    reader = geojson(tmp_path)
    assert reader.names == ("a", "b") and reader[1].labels.sum() == 200
    assert "1 of 3 images do not say where they lie: left out." in reader.notes


def test_layers_without_their_image_are_named(tmp_path: Path) -> None:
    write(tmp_path, feature({"label": "leaf"}, LEAF))
    write_json(tmp_path / "b.geojson", layer([]))
    with pytest.raises(DataError, match=r"1 of 2 layers have no image of their name in .*: b.geojson"):
        geojson(tmp_path)


def test_unknown_systems_and_far_shapes_are_refused(tmp_path: Path) -> None:
    write(tmp_path, feature({"label": "leaf"}, LEAF), crs="EPSG:999999")
    with pytest.raises(DataError, match=r"lies in a system that is not understood. It is 'EPSG:999999'"):
        geojson(tmp_path)
    far = feature({"label": "leaf"}, LEAF)
    far["geometry"]["coordinates"] = [[[1e12, 1], [1e12, 2], [1e12 + 1, 2], [1e12, 1]]]
    write(tmp_path, far)
    with pytest.raises(DataError, match="has shapes that lie nowhere near the image"):
        geojson(tmp_path)


def test_what_was_assumed_is_said(tmp_path: Path) -> None:
    write(tmp_path, feature({"label": "leaf"}, LEAF), crs=None)  # 200 metres are no degrees
    reader = geojson(tmp_path)
    assert reader[0].labels.sum() == 200
    assert "a.geojson names no coordinate system: that of the image is taken." in reader.notes


@pytest.mark.real
def test_las_vegas_pixel_by_pixel(real_data: Path) -> None:
    folder = real_data / "geotiff" / "spacenet_vegas_img2144"
    mask = np.asarray(Image.open(folder / "masks" / "mask_tiff_3channel_uint8.png"))
    assert np.array_equal(geojson(folder)[0].labels, mask)


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_atlanta_pixel_by_pixel_and_roads_nearly(real_data: Path) -> None:
    atlanta, roads = (
        real_data / "geotiff" / "spacenet_atlanta_buildings",
        real_data / "geotiff" / "spacenet_roads",
    )
    with rasterio.open(atlanta / "sample_fp_mask_from_geojson.tif") as file:
        assert np.array_equal(geojson(atlanta)[0].labels, file.read(1) > 0)
    with rasterio.open(roads / "sample_road_raster_mask.tif") as file:
        theirs = file.read(1) > 0
    ours = geojson(roads, line_width=14.0)[0].labels.numpy() == 1
    assert (ours & theirs).sum() / (ours | theirs).sum() > 0.85


@pytest.mark.real
def test_a_system_of_its_own(real_data: Path) -> None:
    reader = geojson(real_data / "geotiff" / "nebraska_landsat_custom_crs", background=None)
    assert reader.classes.names == ("object",) and (reader[0].labels == 0).sum() == 7299
