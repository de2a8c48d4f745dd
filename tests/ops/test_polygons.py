import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rasterio.features import rasterize, shapes
from scipy import ndimage

from pixelwise.ops import polygons as module
from pixelwise.ops.outlines import box, ellipse, line
from pixelwise.ops.polygons import Polygon, area, clip, fill, fill_part, outside
from pixelwise.ops.tracing import trace

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


def ring(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, np.float64)


def rectangle(top: float, left: float, bottom: float, right: float) -> np.ndarray:
    return ring((top, left), (top, right), (bottom, right), (bottom, left))


def test_a_pixel_is_covered_if_its_centre_is_inside() -> None:
    mask = fill([Polygon(rectangle(0.4, 1.6, 2.6, 3.4))], (4, 5))
    assert mask.astype(int).tolist() == [[0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]


def test_neighbours_share_no_pixel_and_leave_none_out() -> None:
    centre = (2.5, 2.5)  # on a pixel's centre: the worst that can happen
    corners = [(0.0, 0.0), (0.0, 5.0), (5.0, 5.0), (5.0, 0.0)]
    parts = [
        fill([Polygon(ring(a, b, centre))], (5, 5))
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    assert (np.sum(parts, axis=0) == 1).all()


def test_holes_are_holes_whichever_way_they_run() -> None:
    outer, hole = rectangle(0, 0, 6, 6), rectangle(2, 2, 4, 5)
    for inner in (hole, hole[::-1]):
        for rule in ("even-odd", "nonzero"):
            mask = fill([Polygon(outer, (inner,))], (6, 6), rule=rule)
            assert mask.sum() == 36 - 6 and not mask[2:4, 2:5].any()


def test_rules_differ_where_an_outline_covers_something_twice() -> None:
    twice = np.concatenate([rectangle(0, 0, 4, 4), rectangle(0, 0, 2, 2)])
    assert fill([Polygon(twice)], (4, 4), rule="nonzero").sum() == 16
    assert fill([Polygon(twice)], (4, 4), rule="even-odd").sum() == 12


def test_several_polygons_are_joined() -> None:
    both = [Polygon(rectangle(0, 0, 3, 3)), Polygon(rectangle(2, 2, 5, 5))]
    assert fill(both, (5, 5)).sum() == 9 + 9 - 1


def test_what_lies_beyond_the_image_changes_nothing_in_it() -> None:
    far = Polygon(ring((-1e6, -1e6), (-1e6, 1e6), (1e6, 1e6), (1e6, -1e6)))
    assert fill([far], (7, 9)).all()
    for away in (rectangle(-9, 0, -1, 9), rectangle(0, 20, 9, 30), rectangle(8, 0, 20, 9)):
        assert fill_part(Polygon(away), (7, 9)).mask.size == 0


def test_lines_without_area_cover_nothing() -> None:
    assert not fill([Polygon(ring((1, 1), (5, 5)))], (6, 6)).any()
    assert not fill([Polygon(ring((1, 1), (3, 3), (5, 5)))], (6, 6)).any()


@given(seed=st.integers(0, 2**16), number=st.integers(3, 12))
@settings(deadline=None)
def test_filling_agrees_with_gdal(seed: int, number: int) -> None:
    points = np.random.default_rng(seed).uniform(-10, 40, (number, 2))
    geometry = {"type": "Polygon", "coordinates": [[(x, y) for y, x in [*points, points[0]]]]}
    theirs = rasterize([geometry], out_shape=(30, 35)).astype(bool)
    assert np.array_equal(fill([Polygon(points)], (30, 35)), theirs)


def test_bands_and_portions_do_not_show(monkeypatch) -> None:
    points = np.random.default_rng(1).uniform(-5, 70, (300, 2))
    whole = fill([Polygon(points)], (64, 64))
    monkeypatch.setattr(module, "_CELLS", 200)
    monkeypatch.setattr(module, "_CROSSINGS", 7)
    assert np.array_equal(fill([Polygon(points)], (64, 64)), whole)


@given(MASKS)
@settings(deadline=None)
def test_tracing_and_filling_give_the_mask_back(mask: np.ndarray) -> None:
    traced = trace(mask)
    assert np.array_equal(fill(traced, mask.shape), mask)
    assert np.array_equal(fill(traced, mask.shape, rule="nonzero"), mask)
    assert sum(area(polygon) for polygon in traced) == mask.sum()
    assert len(traced) == ndimage.label(mask)[1]
    assert all(shapely.Polygon(polygon.outline, polygon.holes).is_valid for polygon in traced)


@given(MASKS)
@settings(deadline=None)
def test_tracing_agrees_with_gdal(mask: np.ndarray) -> None:
    found = [geometry["coordinates"] for geometry, _ in shapes(mask.astype(np.uint8), mask)]
    theirs = sorted((len(rings) - 1, _ring_area(rings[0])) for rings in found)
    ours = sorted((len(polygon.holes), area(Polygon(polygon.outline))) for polygon in trace(mask))
    assert ours == theirs


def test_a_traced_ring_by_hand() -> None:
    mask = np.zeros((4, 5), bool)
    mask[1:3, 1:4] = True
    (polygon,) = trace(mask)
    assert polygon.outline.tolist() == [[1, 1], [1, 4], [3, 4], [3, 1]] and polygon.holes == ()


def test_an_island_in_a_hole_belongs_to_nobody_else() -> None:
    mask = np.ones((7, 7), bool)
    mask[1:6, 1:6] = False
    mask[2:5, 2:5] = True
    mask[3, 3] = False
    frame, island = trace(mask)
    assert len(frame.holes) == len(island.holes) == 1
    assert area(frame) == 49 - 25 and area(island) == 9 - 1


def test_parts_that_touch_at_a_corner_are_separate() -> None:
    assert len(trace(np.eye(4, dtype=bool))) == 4
    assert trace(np.zeros((3, 3), bool)) == [] == trace(np.zeros((0, 3), bool))


def test_areas_by_hand() -> None:
    assert area(box(1.0, 2.0, 4.0, 8.0)) == 18
    assert area(box(1.0, 2.0, 4.0, 8.0, angle_deg=33.0)) == pytest.approx(18)
    assert area(Polygon(rectangle(0, 0, 6, 6), (rectangle(1, 1, 2, 3),))) == 36 - 2
    assert area(ellipse((5.0, 5.0), (50.0, 20.0), angle_deg=70.0)) == pytest.approx(math.pi * 1000, rel=1e-3)


def test_boxes_turn_clockwise_as_one_sees_it() -> None:
    turned = box(0.0, 0.0, 2.0, 10.0, angle_deg=90.0).outline  # the top left corner goes to the top right
    assert np.allclose(turned, [(-4, 6), (6, 6), (6, 4), (-4, 4)])


def test_an_ellipse_covers_what_its_formula_says() -> None:
    y, x = np.mgrid[:40, :60] + 0.5
    mask = fill([ellipse((20.2, 30.1), (15.0, 25.0))], (40, 60))
    wanted = ((y - 20.2) / 15) ** 2 + ((x - 30.1) / 25) ** 2
    assert mask[wanted < 0.99].all() and not mask[wanted > 1].any()


def test_lines_have_width_and_round_ends() -> None:
    (stroke,) = line(ring((10, 10), (10, 30)), 4.0)
    assert area(stroke) == pytest.approx(20 * 4 + math.pi * 4, rel=5e-3)
    mask = fill([stroke], (20, 40))
    assert mask[8:12, 10:30].all() and mask.sum() < 20 * 4 + 20
    (dot,) = line(ring((10, 10)), 6.0)
    assert area(dot) == pytest.approx(math.pi * 9, rel=5e-3)
    (loop,) = line(np.concatenate([rectangle(5, 5, 15, 15), ring((5, 5))]), 2.0)
    assert len(loop.holes) == 1


def test_clipping_and_what_lies_outside() -> None:
    half = box(2.0, 2.0, 20.0, 4.0)
    cut = clip(half, (11, 10))
    assert cut is not None and area(cut) == 18 and outside(half, (11, 10)) == 0.5
    assert outside(box(1.0, 1.0, 2.0, 2.0), (5, 5)) == 0 and outside(box(7.0, 7.0, 9.0, 9.0), (5, 5)) == 1
    assert (
        clip(box(7.0, 7.0, 9.0, 9.0), (5, 5)) is None and outside(Polygon(ring((1, 1), (2, 2))), (5, 5)) == 1
    )
    holed = Polygon(rectangle(0, -4, 4, 4), (rectangle(1, -2, 2, 2), rectangle(1, -4, 2, -3)))
    inside = clip(holed, (4, 4))
    assert inside is not None and len(inside.holes) == 1 and area(inside) == 16 - 2


@given(seed=st.integers(0, 2**16))
@settings(deadline=None)
def test_a_clipped_polygon_covers_the_same_pixels(seed: int) -> None:
    polygon = Polygon(np.random.default_rng(seed).uniform(-20, 50, (9, 2)))
    cut = clip(polygon, (24, 30))
    mask = fill([polygon], (24, 30))
    assert np.array_equal(fill([cut], (24, 30)) if cut else np.zeros((24, 30), bool), mask)


@pytest.mark.slow
def test_a_million_points_stay_small() -> None:
    import tracemalloc

    steps = np.random.default_rng(0).normal(size=(1_000_000, 2)).cumsum(0)
    outline = (steps - steps.min(0)) / (steps.max(0) - steps.min(0)) * 3000
    tracemalloc.start()
    fill_part(Polygon(outline), (3000, 3000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 3000 + 400 * 2**20


def _ring_area(points: list[tuple[float, float]]) -> float:
    return area(Polygon(np.array(points[:-1], np.float64)[:, ::-1]))
