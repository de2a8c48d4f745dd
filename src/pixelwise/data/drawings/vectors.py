"""Layers of shapes on Earth: GeoJSON and GeoPackage, with their coordinate systems."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from jaxtyping import Float64
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.transform import Affine
from rasterio.warp import transform as between_systems

from pixelwise.core.errors import DataError
from pixelwise.core.place import Place
from pixelwise.data.drawings.plain import FARTHEST, Plain, read_json

_LONGITUDE_LATITUDE = "OGC:CRS84"  # what GeoJSON means where it says nothing: RFC 7946, section 4
_MAGIC = b"GP"  # begins every geometry of a GeoPackage
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # bytes, by the kind that the header names


@dataclass(frozen=True, slots=True)
class Feature:
    """A shape on Earth.

    Attributes:
        shape: In the coordinates of its layer, east before north.
        told: What is said of it, by name.
    """

    shape: shapely.Geometry
    told: Plain


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes of one file.

    Attributes:
        file: The file.
        features: Those that have a shape.
        crs: Their coordinate system, as the file names it; None where it does not.
    """

    file: Path
    features: tuple[Feature, ...]
    crs: str | None


def read_layer(file: Path) -> Layer:
    """The shapes of a GeoJSON file, or of all tables of a GeoPackage.

    Raises:
        DataError: If it is damaged, or no such file.
    """
    return _geopackage(file) if file.suffix.lower() == ".gpkg" else _geojson(file)


def in_pixels(
    layer: Layer, place: Place, crs: str | None = None
) -> tuple[list[shapely.Geometry], str | None]:
    """The shapes as (y, x) of an image that lies there, and what was assumed of their system.

    Corners are brought to the system of the image; the lines between them are taken as straight in it.

    Args:
        layer: The shapes.
        place: Where the image lies.
        crs: System of the shapes, where the file does not name it.

    Raises:
        DataError: If a system is unknown, or the shapes cannot be brought to that of the image.
    """
    shapes = np.array([feature.shape for feature in layer.features], object)
    points: Float64[np.ndarray, "_ 2"] = shapely.get_coordinates(shapes)
    source, assumed = _system(layer, points, crs)
    a, b, c, d, e, f = place.transform
    east, north = points.T
    if source and place.crs:
        east, north = _moved(layer, source, place.crs, east, north)
    back = ~Affine(a, b, c, d, e, f)
    rows, columns = back.d * east + back.e * north + back.f, back.a * east + back.b * north + back.c
    moved = np.stack([rows, columns], axis=1)
    if not (np.abs(moved) <= FARTHEST).all():
        raise DataError(
            f"{layer.file} has shapes that lie nowhere near the image. Is its coordinate system right? "
            "Tell it with crs=."
        )
    return list(shapely.set_coordinates(shapely.force_2d(shapes), moved)), assumed


def _system(
    layer: Layer, points: Float64[np.ndarray, "_ 2"], crs: str | None
) -> tuple[str | None, str | None]:
    """The system of a layer; None for that of the image; and a note where it was assumed."""
    named = crs or layer.crs
    if named:
        return named, None
    if (np.abs(points) <= (180.0, 90.0)).all():
        return _LONGITUDE_LATITUDE, None
    return None, f"{layer.file.name} names no coordinate system: that of the image is taken."


def _moved(
    layer: Layer, source: str, target: str, east: np.ndarray, north: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    try:
        one, other = CRS.from_user_input(source), CRS.from_user_input(target)
        if one == other:
            return east, north
        x, y = cast("Any", between_systems)(one, other, east, north)
    except (CRSError, ValueError) as error:
        raise DataError(
            f"{layer.file} lies in a system that is not understood. It is {source[:60]!r} ({error}). "
            "Tell it with crs=, like EPSG:4326."
        ) from error
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _geojson(file: Path) -> Layer:
    content = read_json(file)
    if content.get("type", "").value != "FeatureCollection":
        raise DataError(
            f"{file} is no GeoJSON of features. It has no type 'FeatureCollection'. Export it again."
        )
    features = [
        Feature(_shape(entry["geometry"]), Plain(entry.get("properties", {}).value or {}, file, entry.place))
        for entry in content["features"].items()
        if entry.has("geometry")
    ]
    crs = content.get("crs", {})
    named = crs["properties"]["name"].text() if crs.has("properties") else None
    return Layer(file, tuple(features), named)


def _shape(geometry: Plain) -> shapely.Geometry:
    try:
        return shapely.from_geojson(json.dumps(geometry.value, allow_nan=False))
    except (shapely.GEOSException, ValueError, TypeError) as error:
        raise geometry.fault(f"this is no geometry ({error}). Draw it again.") from error


def _geopackage(file: Path) -> Layer:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as base:
            base.row_factory = sqlite3.Row
            tables = base.execute(
                "SELECT table_name, column_name, organization, organization_coordsys_id, definition "
                "FROM gpkg_geometry_columns JOIN gpkg_spatial_ref_sys USING (srs_id) ORDER BY table_name"
            ).fetchall()
            features = [feature for table in tables for feature in _rows(base, file, table)]
    except sqlite3.Error as error:
        raise DataError(
            f"{file} is no GeoPackage. {error}: damaged, or of another kind. Export it again."
        ) from error
    systems = {_named(table) for table in tables}
    if len(systems) > 1:
        raise DataError(f"{file} has layers in {len(systems)} coordinate systems. Export one layer.")
    return Layer(file, tuple(features), next(iter(systems), None))


def _named(table: sqlite3.Row) -> str | None:
    if str(table["definition"]).lower() in {"", "undefined"}:
        return None
    if str(table["organization"]).upper() == "EPSG":
        return f"EPSG:{table['organization_coordsys_id']}"
    return str(table["definition"])


def _rows(base: sqlite3.Connection, file: Path, table: sqlite3.Row) -> list[Feature]:
    name, column = str(table["table_name"]), str(table["column_name"])
    quoted = name.replace('"', '""')
    rows: Sequence[sqlite3.Row] = base.execute(f'SELECT * FROM "{quoted}"').fetchall()
    found: list[Feature] = []
    for number, row in enumerate(rows):
        told = dict(zip(row.keys(), row, strict=True))
        shape, place = told.pop(column), Plain(told, file, f"{name}[{number}]")
        if shape is not None:
            found.append(Feature(_from_blob(shape, place), place))
    return found


def _from_blob(blob: Any, place: Plain) -> shapely.Geometry:
    """A geometry of a GeoPackage: a header with flags and envelope, then well-known binary."""
    if not isinstance(blob, bytes) or blob[:2] != _MAGIC or len(blob) < 8:
        raise place.fault("its shape is no geometry of a GeoPackage. Export it again.")
    begin = 8 + _ENVELOPES.get(blob[3] >> 1 & 7, 0)
    try:
        return shapely.from_wkb(blob[begin:])
    except (shapely.GEOSException, ValueError, TypeError) as error:
        raise place.fault(f"its shape cannot be read ({error}). Export it again.") from error
