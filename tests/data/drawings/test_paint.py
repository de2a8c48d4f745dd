from pathlib import Path

import numpy as np
import pytest

from pixelwise.data.drawings.paint import Order, Rules, instances, paint, paint_planes
from pixelwise.data.drawings.runs import runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.ops.outlines import box
from pixelwise.ops.polygons import Polygon

INDICES = {"wall": 1, "window": 2, "dust": 255}


def shape(label: str, top: float, left: float, bottom: float, right: float, **more) -> Shape:
    return Shape(label, (box(float(top), float(left), float(bottom), float(right)),), **more)


def drawing(*shapes: Shape, size: tuple[int, int] = (6, 8)) -> Drawing:
    return Drawing(None, size, shapes, Path("a.json"))


WALL = shape("wall", 0, 0, 6, 8, layer=5)
WINDOW = shape("window", 1, 1, 3, 3)


@pytest.mark.parametrize(("order", "window"), [("file", 1), ("layer", 1), ("area", 2)])
def test_the_order_decides_what_lies_on_top(order: Order, window: int) -> None:
    painted = paint(drawing(WINDOW, WALL), Rules(INDICES, order=order))
    assert (painted.labels[1:3, 1:3] == window).all() and painted.overlaps == 4


def test_layers_go_before_the_file_and_equal_ones_by_it() -> None:
    low, high = shape("wall", 0, 0, 2, 2, layer=0), shape("window", 0, 0, 2, 2, layer=0)
    assert (paint(drawing(low, high), Rules(INDICES, order="layer")).labels[:2, :2] == 2).all()
    assert (paint(drawing(high, low), Rules(INDICES, order="layer")).labels[:2, :2] == 1).all()


def test_crowds_are_below_everything_and_do_not_count_unless_told() -> None:
    crowd = shape("window", 0, 0, 2, 8, crowd=True)
    labels = paint(drawing(shape("wall", 0, 0, 1, 1), crowd), Rules(INDICES)).labels
    assert labels[0, 0] == 1 and (labels[0, 1:] == 255).all() and labels[3, 0] == 0
    told = paint(drawing(crowd), Rules(INDICES, crowds_count=True)).labels
    assert (told[:2] == 2).all()


def test_holes_show_what_is_below() -> None:
    holed = Polygon(box(0.0, 0.0, 6.0, 8.0).outline, (box(2.0, 2.0, 4.0, 4.0).outline,))
    labels = paint(drawing(WINDOW, Shape("wall", (holed,))), Rules(INDICES)).labels
    assert labels[2, 2] == 2 and labels[3, 3] == 0 and labels[1, 1] == 1


def test_one_shape_of_many_parts_does_not_overlap_itself() -> None:
    parts = (box(0.0, 0.0, 3.0, 3.0), box(2.0, 2.0, 5.0, 5.0))
    painted = paint(drawing(Shape("wall", parts), shape("wall", 0, 0, 2, 2)), Rules(INDICES))
    assert painted.overlaps == 0 and painted.covered == 17


def test_pixels_are_cut_at_the_border() -> None:
    mask = np.ones((4, 4), bool)
    labels = paint(drawing(Shape("wall", (), runs(mask, top=-2, left=6))), Rules(INDICES)).labels
    assert labels.sum() == 4 and (labels[:2, 6:] == 1).all()
    gone = paint(drawing(Shape("wall", (), runs(mask, top=9, left=9))), Rules(INDICES))
    assert gone.covered == 0 and gone.unseen == 1


def test_background_is_told() -> None:
    painted = paint(drawing(WINDOW), Rules(INDICES, background=255))
    assert painted.labels[0, 0] == 255 and painted.covered == 4 and painted.unseen == 0


def test_planes_keep_what_overlaps() -> None:
    planes = paint_planes(drawing(WINDOW, WALL), Rules(INDICES), 2)
    assert planes.dtype == np.float32 and (planes[0] == 1).all() and planes[1].sum() == 4


def test_planes_do_not_count_where_labels_are_ignored_or_crowds() -> None:
    dust, crowd = shape("dust", 0, 0, 1, 8), shape("wall", 4, 0, 6, 8, crowd=True)
    planes = paint_planes(drawing(crowd, dust, shape("window", 0, 0, 1, 2)), Rules(INDICES), 2)
    assert (planes[0, 0] == -1).all() and planes[1, 0].tolist() == [1, 1, -1, -1, -1, -1, -1, -1]
    assert (planes[0, 4:] == -1).all() and not planes[1, 1:].any()


def test_instances_are_numbered_in_the_order_of_the_file() -> None:
    first, second = shape("wall", 0, 0, 2, 2, instance="7"), shape("wall", 4, 4, 6, 6, instance="7")
    alone = shape("wall", 0, 4, 2, 6)
    things = instances(drawing(first, alone, second, shape("dust", 5, 0, 6, 1)), Rules(INDICES))
    assert things[0, 0] == things[5, 5] == 1 and things[0, 4] == 2 and things[5, 0] == 0
