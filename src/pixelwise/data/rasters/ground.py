"""How much ground a pixel covers."""

from math import cos, radians, sqrt

from rasterio.crs import CRS
from rasterio.errors import CRSError

from pixelwise.core.place import Place

_METRES_A_DEGREE = 111_320.0  # of latitude; a degree of longitude is as long at the equator


def metres_a_pixel(place: Place) -> float | None:
    """Side in metres of a square as large as the ground of a pixel; None where the file names no system."""
    if not place.crs:
        return None
    try:
        system = CRS.from_wkt(place.crs)
    except CRSError:
        return None
    down, right = place.pixel_size()
    if system.is_geographic:
        shrink = max(0.01, cos(radians(max(-90.0, min(90.0, place.transform[5])))))
        return _METRES_A_DEGREE * sqrt(down * right * shrink)
    return float(system.linear_units_factor[1]) * sqrt(down * right)
