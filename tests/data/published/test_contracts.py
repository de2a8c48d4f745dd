"""The tables of classes, by what they must obey."""

import pytest

from pixelwise.data.published.ade20k_names import CHALLENGE
from pixelwise.data.published.objects import VOC, VOC_VOID, voc_palette
from pixelwise.data.published.streets import (
    CAMVID,
    CAMVID_11,
    CAMVID_GROUPS,
    CITYSCAPES_LABELS,
    WAYMO,
    cityscapes_classes,
)


def test_the_palette_of_voc_by_hand() -> None:
    colours = voc_palette(256)
    assert colours[:4] == ((0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0))
    assert colours[8] == (64, 0, 0)  # the fourth bit is the second of red
    assert colours[20] == (0, 64, 128)  # 16 + 4: second bit of green, first of blue
    assert colours[255] == VOC_VOID
    assert len(set(colours)) == 256


def test_voc_has_20_classes_and_background() -> None:
    assert len(VOC.classes) == 21
    assert dict(zip(VOC.classes.values, VOC.classes.names, strict=True))[15] == "person"
    assert VOC.classes.ignored == (255,)


def test_cityscapes_evaluates_19_of_34_labels() -> None:
    by_label, by_train = cityscapes_classes(by_train=False), cityscapes_classes(by_train=True)
    assert by_label.names == by_train.names
    assert by_train.values == tuple(range(19))
    assert [label.number for label in CITYSCAPES_LABELS] == list(range(34))
    assert dict(zip(by_label.names, by_label.values, strict=True))["bicycle"] == 33
    assert {*by_label.values, *by_label.ignored} == {*range(34), 255}


def test_the_32_colours_of_camvid_differ_and_fall_into_11_groups() -> None:
    colours = {*CAMVID.classes.colours, *CAMVID.ignored_colours}
    assert len(colours) == 32
    grouped = [name for names in CAMVID_GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(CAMVID.classes.names)
    assert CAMVID_11.names == tuple(CAMVID_GROUPS)
    assert CAMVID_11.ignored == (11,)


@pytest.mark.parametrize(("classes", "number"), [(WAYMO, 28), (CHALLENGE, 150)])
def test_numbers_begin_at_1_and_0_does_not_count(classes, number) -> None:
    assert classes.values == tuple(range(1, number + 1))
    assert classes.ignored == (0,)


def test_some_numbers_of_waymo_and_ade20k() -> None:
    waymo = dict(zip(WAYMO.names, WAYMO.values, strict=True))
    assert (waymo["car"], waymo["pedestrian"], waymo["road"], waymo["sky"], waymo["static"]) == (
        2,
        9,
        20,
        25,
        28,
    )
    ade = dict(zip(CHALLENGE.names, CHALLENGE.values, strict=True))
    assert (ade["wall"], ade["person"], ade["car"], ade["screen"], ade["flag"]) == (1, 13, 21, 131, 150)
