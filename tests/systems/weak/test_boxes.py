"""Boxes of drawn labels, and what is made of them."""

import torch

from pixelwise.data.texture_scenes import TextureScenes
from pixelwise.systems.weak.boxes import Box, boxes_of, inside, outside_of, rectangles, segments

LABELS = torch.tensor(
    [
        [1, 1, 0, 0, 2],
        [1, 0, 0, 2, 2],
        [0, 0, 0, 0, 2],
        [1, 0, 0, 0, 0],
    ]
)


def test_each_connected_part_has_a_box_the_largest_first() -> None:
    assert boxes_of(LABELS, 3) == [
        Box(2, slice(0, 3), slice(3, 5)),
        Box(1, slice(0, 2), slice(0, 2)),
        Box(1, slice(3, 4), slice(0, 1)),
    ]
    assert [box.pixels for box in boxes_of(LABELS, 3, least=2)] == [6, 4]
    assert boxes_of(LABELS, 3, first=0)[0] == Box(0, slice(0, 4), slice(0, 5))


def test_the_smaller_of_two_boxes_lies_above() -> None:
    boxes = [Box(1, slice(0, 3), slice(0, 3)), Box(2, slice(1, 2), slice(1, 4))]
    assert rectangles(boxes, (3, 4)).tolist() == [[1, 1, 1, 0], [1, 2, 2, 2], [1, 1, 1, 0]]


def test_a_class_is_possible_in_its_boxes_and_the_background_anywhere() -> None:
    possible = inside([Box(2, slice(0, 1), slice(0, 2))], 3, (2, 2))
    assert possible.tolist() == [[[1, 1], [1, 1]], [[0, 0], [0, 0]], [[1, 1], [0, 0]]]


def test_without_a_background_what_is_in_no_box_does_not_count() -> None:
    possible = inside([Box(0, slice(0, 1), slice(0, 2))], 2, (2, 2), background=False)
    assert possible.tolist() == [[[1, 1], [-1, -1]], [[0, 0], [-1, -1]]]
    assert (outside_of(True), outside_of(False)) == (0, 255)


def test_a_segment_stays_in_its_box_and_is_nearer_to_the_truth_than_the_box() -> None:
    scenes = TextureScenes(12, 0, seed=3)
    wrong_boxes = wrong_segments = 0
    for number in range(12):
        sample = scenes[number]
        boxes = boxes_of(sample.labels, 4)
        rectangle = rectangles(boxes, (40, 40))
        segment = segments(sample.image, boxes)
        assert not ((segment > 0) & (rectangle == 0)).any()
        wrong_boxes += int((rectangle != sample.labels).sum())
        wrong_segments += int((segment != sample.labels).sum())
    assert wrong_segments < wrong_boxes / 2
