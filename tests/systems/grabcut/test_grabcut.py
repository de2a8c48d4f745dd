"""One object cut out: by a box, by strokes, and what is refused."""

import pytest
import torch

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import DataError
from pixelwise.systems.grabcut import grabcut, grabcut_mask
from pixelwise.systems.grabcut.experiment import iou_of, stroke
from pixelwise.systems.grabcut.scenes import Thing, box_of, cars, drawn


def disc() -> tuple[torch.Tensor, torch.Tensor]:
    """A red disc on blue, with a green dot beside it that is in the box too."""
    rows, columns = torch.meshgrid(torch.arange(40), torch.arange(48), indexing="ij")
    truth = (rows - 20) ** 2 + (columns - 24) ** 2 < 100
    dot = (rows - 20) ** 2 + (columns - 38) ** 2 < 9
    image = torch.tensor([0.1, 0.2, 0.8])[:, None, None].repeat(1, 40, 48)
    image[:, truth] = torch.tensor([0.9, 0.1, 0.1])[:, None]
    image[:, dot] = torch.tensor([0.1, 0.9, 0.1])[:, None]
    noise = 0.02 * torch.randn(3, 40, 48, generator=torch.Generator().manual_seed(0))
    return (image + noise).clamp(0, 1), truth


def test_a_box_is_enough_for_a_disc_but_takes_the_dot_along_until_a_stroke_says_no() -> None:
    image, truth = disc()
    box = (6, 10, 34, 44)
    by_box = grabcut_mask(image, box=box)
    assert by_box[20, 24] and by_box[20, 38] and not by_box[:6].any() and not by_box[0, 0]
    marks = torch.full(truth.shape, 255)
    marks[19:22, 37:40] = 0
    mended = grabcut_mask(image, box=box, marks=marks)
    assert not mended[20, 38] and (mended == truth).float().mean() > 0.99


def test_strokes_alone_are_enough() -> None:
    image, truth = disc()
    marks = torch.full(truth.shape, 255)
    marks[18:22, 18:30] = 1
    marks[2:4, 5:40] = 0
    marks[18:22, 36:40] = 0
    found = grabcut_mask(image, marks=marks)
    assert found[marks == 1].all() and not found[marks == 0].any()
    assert (found == truth).float().mean() > 0.97


def test_one_seed_gives_one_mask_and_the_marks_are_left_as_they_are() -> None:
    thing = drawn(3, 1)[0]
    marks = torch.full(thing.mask.shape, 255)
    marks[0, 0] = 0
    kept = marks.clone()
    first = grabcut_mask(thing.image, box=thing.box, marks=marks, seed=5)
    assert torch.equal(first, grabcut_mask(thing.image, box=thing.box, marks=marks, seed=5))
    assert torch.equal(marks, kept) and first.dtype == torch.bool


def test_one_band_and_four_are_cut_too() -> None:
    image, truth = disc()
    for bands in (image[:1], torch.cat([image, image[:1]])):
        assert grabcut_mask(bands, box=(6, 10, 34, 36))[truth].float().mean() > 0.9


def test_what_cannot_be_cut_out_is_told_all_at_once() -> None:
    image, _ = disc()
    with pytest.raises(DataError) as error:
        grabcut_mask(image, box=(5, 5, 99, 5), marks=torch.full((3, 3), 7))
    for words in ("(5, 5, 99, 5)", "marks are (3, 3), the image is (40, 48)", "marks hold [7]"):
        assert words in str(error.value)
    with pytest.raises(DataError, match="neither a box nor marks"):
        grabcut_mask(image)
    with pytest.raises(DataError, match="marked as the object"):
        grabcut_mask(image, marks=torch.zeros(40, 48, dtype=torch.long))
    with pytest.raises(DataError, match="nothing to tell apart"):
        grabcut_mask(image, box=(0, 0, 40, 48))


def test_a_stroke_runs_through_the_middle_of_the_largest_wrong_part() -> None:
    truth = torch.zeros(20, 20, dtype=torch.bool)
    truth[4:13, 4:13] = True
    wrong = truth.clone()  # nothing of it was found
    wrong[18, 18] = True  # and one pixel too many, which is smaller
    marks = stroke(torch.full((20, 20), 255), wrong, truth)
    assert marks[8, 8] == 1 and marks[4, 4] == 255 and marks[18, 18] == 255
    assert set(marks.unique().tolist()) == {1, 255}


def test_iou_by_hand_counts_known_pixels_only() -> None:
    truth = torch.tensor([[True, True, False, False]])
    found = torch.tensor([[True, False, True, True]])
    counted = torch.tensor([[True, True, True, False]])
    thing = Thing(torch.zeros(3, 1, 4), truth, counted, (0, 0, 1, 4), "by hand")
    assert iou_of(found, thing) == pytest.approx(1 / 3)


def test_a_box_holds_its_object_with_a_margin_inside_the_image() -> None:
    mask = torch.zeros(50, 60, dtype=torch.bool)
    mask[10:40, 0:20] = True
    assert box_of(mask, 0.1) == (7, 0, 43, 22)


def test_three_strokes_beat_the_box_on_drawings(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PIXELWISE_DATA", str(tmp_path))
    found = grabcut(seeds=[0], quick=True, tell=lambda words: None)
    assert [margin.words for margin in found.margins if not margin.holds] == []
    assert any("no CamVid at" in note for note in found.notes)
    assert found.variants() == ["drawn: box", "drawn: cut", "drawn: cut, 1 stroke", "drawn: cut, 3 strokes"]


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["grabcut"] is grabcut


@pytest.mark.real
def test_cars_are_cars_in_boxes_with_room_around(real_data) -> None:
    found = cars(real_data / "camvid", 0, 2)
    assert len(found) == 2
    for thing in found:
        top, left, bottom, right = thing.box
        assert thing.mask.sum() >= 1500 and thing.mask[top:bottom, left:right].sum() == thing.mask.sum()
        assert thing.counted[thing.mask].all() and thing.image.shape[1:] == thing.mask.shape
