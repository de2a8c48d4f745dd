"""Outlines of what labelling tools draw: boxes, turned boxes, ellipses, lines of some width."""

import math

import numpy as np
import shapely

from pixelwise.ops.polygons import Polygon, Ring

_SAG = 0.01  # pixels by which a side of a many-sided figure may miss the curve
_MOST_SIDES = 4096


def box(top: float, left: float, bottom: float, right: float, *, angle_deg: float = 0.0) -> Polygon:
    """A box, turned clockwise as one sees it about its centre."""
    corners = np.array([(top, left), (top, right), (bottom, right), (bottom, left)], np.float64)
    return Polygon(turned(corners, ((top + bottom) / 2, (left + right) / 2), angle_deg))


def ellipse(centre: tuple[float, float], radii: tuple[float, float], *, angle_deg: float = 0.0) -> Polygon:
    """An ellipse, or a circle, as a figure of so many sides that none misses it by a hundredth of a pixel.

    Args:
        centre: (y, x).
        radii: Half the height and half the width, before it is turned.
        angle_deg: Clockwise as one sees it, about the centre.
    """
    sides = _sides(max(radii))
    angles = np.arange(sides) * (2 * math.pi / sides)
    points = np.stack([np.sin(angles) * radii[0], np.cos(angles) * radii[1]], axis=1) + np.array(centre)
    return Polygon(turned(points, centre, angle_deg))


def line(points: Ring, width: float) -> list[Polygon]:
    """What a pen of that width covers that follows the points; round at its ends and corners.

    One point gives a disc. Several polygons only where nothing joins them, holes where the line closes.
    """
    path = shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0])
    grown = path.buffer(width / 2, quad_segs=math.ceil(_sides(width / 2) / 4))
    return from_shapely(grown)


def turned(points: Ring, centre: tuple[float, float], angle_deg: float) -> Ring:
    """The points, turned clockwise as one sees it about a centre."""
    if not angle_deg:
        return points
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    y, x = (points - np.array(centre)).T
    return np.stack([x * sin + y * cos, x * cos - y * sin], axis=1) + np.array(centre)


def from_shapely(shape: shapely.Geometry) -> list[Polygon]:
    """The polygons of a shape of shapely, whose points are taken as (y, x)."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return [
        Polygon(_ring(part.exterior), tuple(_ring(inner) for inner in part.interiors))
        for part in parts
        if not part.is_empty
    ]


def _sides(radius: float) -> int:
    return min(max(8, math.ceil(math.pi / math.acos(1 - _SAG / max(radius, 2 * _SAG)))), _MOST_SIDES)


def _ring(ring: shapely.LinearRing) -> Ring:
    return np.ascontiguousarray(shapely.get_coordinates(ring)[:-1], np.float64)
