"""Place: where on Earth the pixels of an image lie."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A pixel grid on Earth.

    Attributes:
        crs: The coordinate reference system as WKT; empty where the file has a grid and names no system.
        transform: `(a, b, c, d, e, f)`: the corner of the pixel in row `y`, column `x` lies at
            `(a x + b y + c, d x + e y + f)`, in the units of the system.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]

    def window(self, top: int, left: int) -> "Place":
        """The same grid, seen from the pixel in row `top`, column `left`."""
        a, b, c, d, e, f = self.transform
        return Place(self.crs, (a, b, a * left + b * top + c, d, e, d * left + e * top + f))

    def pixel_size(self) -> tuple[float, float]:
        """Length of a step of one row and of one column, in the units of the system."""
        a, b, _, d, e, _ = self.transform
        return (b**2 + e**2) ** 0.5, (a**2 + d**2) ** 0.5
