"""Places, by hand."""

import pytest

from pixelwise.core.place import Place

NORTH_UP = Place("EPSG:2180", (0.25, 0.0, 500_000.0, 0.0, -0.25, 300_000.0))


def test_a_window_begins_where_its_corner_lies() -> None:
    assert NORTH_UP.window(8, 4).transform == (0.25, 0.0, 500_001.0, 0.0, -0.25, 299_998.0)
    assert NORTH_UP.window(0, 0) == NORTH_UP


def test_a_rotated_grid_moves_along_its_own_axes() -> None:
    turned = Place("", (0.0, 2.0, 10.0, 3.0, 0.0, 20.0))
    assert turned.window(1, 2).transform == (0.0, 2.0, 12.0, 3.0, 0.0, 26.0)
    assert turned.pixel_size() == (2.0, 3.0)


@pytest.mark.parametrize(("top", "left"), [(0, 0), (3, 5)])
def test_windows_of_windows_add_up(top, left) -> None:
    assert NORTH_UP.window(top, left).window(1, 2) == NORTH_UP.window(top + 1, left + 2)
