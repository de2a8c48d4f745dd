"""Labels as GeoJSON: one polygon for each part of a class that hangs together."""

from typing import Any

import numpy as np
from rasterio.crs import CRS
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.place import Place
from pixelwise.ops.polygons import Ring
from pixelwise.ops.tracing import trace

MOST_SIDES = 1_000_000  # sides of pixels between classes: beyond, polygons say nothing and fill the memory


def feature_collection(labels: Tensor, classes: Classes, place: Place | None) -> dict[str, Any] | None:
    """The polygons of all classes, exactly along their pixels; None where they would be too many.

    Points are (x, y): columns and rows with y down, or in the system of the image if it has a place.
    Outlines go anticlockwise in those numbers, holes the other way.

    Args:
        labels: `[h w]` of classes, or planes `[k h w]`; pixels of neither are left out.
        classes: Their names.
        place: Where the image lies.

    Reference:
        RFC 7946, "The GeoJSON Format", 2016; `crs` as in its predecessor of 2008, which programs for maps
        still read.
    """
    pixels = labels.numpy()
    planes = pixels > 0.5 if labels.ndim == 3 else None
    if _sides(pixels if planes is None else planes) > MOST_SIDES:
        return None
    features: list[dict[str, Any]] = []
    for index, name in enumerate(classes.names):
        mask = np.ascontiguousarray(pixels == index if planes is None else planes[index])
        features += [
            {
                "type": "Feature",
                "properties": {"class": name, "index": index},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [_points(ring, place) for ring in polygon.rings],
                },
            }
            for polygon in trace(mask)
        ]
    system = {"crs": _system(place.crs)} if place is not None and place.crs else {}
    return {"type": "FeatureCollection", **system, "features": features}


def _sides(values: np.ndarray) -> int:
    """Sides of pixels with something else on the other side."""
    down = np.count_nonzero(values[..., 1:, :] != values[..., :-1, :])
    return int(down + np.count_nonzero(values[..., 1:] != values[..., :-1]))


def _points(ring: Ring, place: Place | None) -> list[list[float]]:
    """The ring as (x, y), closed."""
    closed = np.concatenate([ring, ring[:1]])
    rows, columns = closed.T
    if place is None:
        return np.stack([columns, rows], axis=1).astype(np.int64).tolist()
    a, b, c, d, e, f = place.transform
    points = np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=1)
    return (points if a * e > b * d else points[::-1]).tolist()


def _system(crs: str) -> dict[str, Any]:
    """A system by its number in a register where it has one."""
    authority = CRS.from_wkt(crs).to_authority()
    name = crs if authority is None else f"urn:ogc:def:crs:{authority[0]}::{authority[1]}"
    return {"type": "name", "properties": {"name": name}}
