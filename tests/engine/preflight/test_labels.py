"""What becomes of labels between the file and the model, counted by hand."""

import torch

from pixelwise.engine.preflight.labels import label_counts, labels_kept

NAMES = ("ground", "road", "pole")


def counts(*numbers: int) -> torch.Tensor:
    return torch.tensor(numbers)


def test_counted_by_hand() -> None:
    labels = torch.tensor([[0, 0, 1], [2, 7, 255]])
    assert label_counts([labels, labels[None]], 3).tolist() == [4, 2, 2, 2, 2]


def test_planes_are_counted_each_by_itself() -> None:
    planes = torch.tensor([[[1.0, 0.0]], [[0.6, -1.0]]])
    assert label_counts([planes, planes[None]], 2).tolist() == [2, 2, 0, 2]


def test_the_same_shares_are_fine() -> None:
    (found,) = labels_kept(counts(80, 15, 5, 0, 0), counts(41, 7, 2, 0, 0), NAMES, 50)
    assert found.severity == "fine" and "pole 4.0%" in found.saying


def test_a_label_that_is_no_class_is_a_fault() -> None:
    found = labels_kept(counts(80, 15, 5, 3, 0), counts(80, 15, 5, 0, 0), NAMES, 100)
    assert [each.severity for each in found] == ["fault"] and found[0].saying.startswith("3 pixels")


def test_a_class_that_is_nowhere_and_one_that_is_cropped_away_are_told() -> None:
    found = labels_kept(counts(90, 0, 10, 0, 0), counts(100, 0, 0, 0, 0), NAMES, 100)
    assert [each.severity for each in found] == ["warning", "warning"]
    assert "no pixel of road" in found[0].saying and "pole was in the images and not" in found[1].saying


def test_a_share_that_moves_far_is_told() -> None:
    (found,) = labels_kept(counts(50, 40, 10, 0, 0), counts(90, 9, 1, 0, 0), NAMES, 100)
    assert "road from 40.00% to 9.00%, pole from 10.00% to 1.00%" in found.saying


def test_windows_of_which_most_does_not_count_are_told() -> None:
    (found,) = labels_kept(counts(50, 40, 10, 0, 0), counts(20, 16, 4, 0, 60), NAMES, 100)
    assert found.severity == "warning" and found.saying.startswith("60% of the pixels")
