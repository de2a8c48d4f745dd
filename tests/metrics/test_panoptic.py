"""Panoptic quality: by hand, against a loop over segments, and against torchmetrics."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.metrics.panoptic import panoptic_counts, quality


def rows(*texts: str) -> torch.Tensor:
    return torch.tensor([[int(letter) for letter in text] for text in texts])


def close(values, wanted) -> None:
    np.testing.assert_allclose(np.asarray(values, float), wanted, atol=1e-9)


def test_by_hand() -> None:
    labels, instances = rows("00001111", "00001111"), rows("00001122", "00001122")
    predicted, numbers = rows("00001111", "00011111"), rows("00001122", "00011133")
    counts = panoptic_counts(predicted, numbers, labels, instances, 3)
    # Stuff: 7 of 8 pixels. The first thing: 4 of 5. The second is torn in two halves, each of one half only.
    close(counts, [[7 / 8, 1, 0, 0], [4 / 5, 1, 2, 1], [0, 0, 0, 0]])
    found = quality(counts)
    close(found.panoptic, [7 / 8, 0.8 / 2.5, np.nan])
    close(found.segmentation, [7 / 8, 0.8, np.nan])
    close(found.recognition, [1, 1 / 2.5, np.nan])
    close(found.panoptic.nanmean(), (7 / 8 + 0.8 / 2.5) / 2)


def test_a_class_without_a_match_has_no_quality_but_counts() -> None:
    found = quality(torch.tensor([[0.0, 0.0, 2.0, 0.0]]))
    assert [found.panoptic.item(), found.segmentation.item(), found.recognition.item()] == [0.0, 0.0, 0.0]


def test_an_iou_of_exactly_one_half_is_no_match() -> None:
    counts = panoptic_counts(rows("1122"), rows("0000"), rows("1111"), rows("0000"), 3)
    close(counts[1], [0, 0, 1, 1])


def test_void_is_left_out_of_the_union_and_excuses_what_lies_in_it() -> None:
    zeros = rows("00000000")
    labels = torch.tensor([[1, 1, 1, 255, 255, 255, 255, 255]])
    close(panoptic_counts(rows("11111111"), zeros, labels, zeros, 2)[1], [1, 1, 0, 0])
    close(
        panoptic_counts(rows("00022222"), zeros, labels, zeros, 3), [[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    )


def test_void_that_is_predicted_is_no_segment() -> None:
    counts = panoptic_counts(torch.full((1, 4), 255), rows("0123"), rows("1111"), rows("0000"), 2)
    close(counts, [[0, 0, 0, 0], [0, 0, 0, 1]])


def test_crowds_match_nothing_are_not_missed_and_excuse() -> None:
    labels, instances = rows("11111100"), rows("11122200")
    crowd = instances == 2
    predicted, numbers = rows("11111100"), rows("11122300")
    close(panoptic_counts(predicted, numbers, labels, instances, 2, crowd=crowd)[1], [1, 1, 0, 0])
    other = rows("11100000")  # of another class, so the crowd is no excuse: 2 of 5 pixels are right
    close(panoptic_counts(other, rows("11100000"), labels, instances, 2, crowd=crowd)[0], [0, 0, 1, 1])


def test_two_crowds_of_a_class_excuse_alike() -> None:
    labels, instances = rows("11110000"), rows("11220000")
    counts = panoptic_counts(labels, instances, labels, instances, 2, crowd=labels == 1)
    close(counts[1], [0, 0, 0, 0])


@given(seed=st.integers(0, 2**16))
def test_a_loop_over_segments_counts_the_same(seed) -> None:
    rng = torch.Generator().manual_seed(seed)
    draw = lambda most: torch.randint(most, (3, 4), generator=rng).repeat_interleave(3, 1)  # noqa: E731
    predicted, numbers, labels, instances = draw(4), draw(2), draw(4), draw(2)
    labels[labels == 3] = 255
    predicted[:2] = labels[:2]
    predicted[predicted == 3] = 255
    crowd = (labels == 1) & (instances == 1)
    wanted = by_segments(predicted, numbers, labels, instances, 3, crowd)
    close(panoptic_counts(predicted, numbers, labels, instances, 3, crowd=crowd), wanted)


def by_segments(predicted, numbers, labels, instances, k, crowd):
    """The definition, word by word."""
    void = labels == 255
    counts = np.zeros((k, 4))
    for c in range(k):
        mine = [(predicted == c) & (numbers == i) for i in numbers.unique()]
        true = [(labels == c) & (instances == i) & ~crowd for i in instances.unique()]
        mine, true = [m for m in mine if m.any()], [t for t in true if t.any()]
        pairs = [(m, t, float((m & t).sum() / ((m | t) & ~(m & void)).sum())) for m in mine for t in true]
        matched = [(m, t, iou) for m, t, iou in pairs if iou > 0.5]
        lost = [m for m in mine if not any(m is one for one, _, _ in matched)]
        excuse = void | (crowd & (labels == c))
        invented = [m for m in lost if (m & excuse).sum() <= 0.5 * m.sum()]
        counts[c] = sum(iou for *_, iou in matched), len(matched), len(invented), len(true) - len(matched)
    return counts


@pytest.mark.oracle
def test_torchmetrics_agrees_where_nothing_is_predicted_void() -> None:
    """With void in the prediction it takes that out of the union too, which the definition does not."""
    from torchmetrics.detection import PanopticQuality

    oracle = PanopticQuality(things={1, 2}, stuffs={0}, return_per_class=True, return_sq_and_rq=True)
    oracle.set_dtype(torch.float64)
    rng, total = torch.Generator().manual_seed(3), torch.zeros(3, 4, dtype=torch.float64)
    for _ in range(4):
        draw = lambda most: torch.randint(most, (5, 4), generator=rng).repeat_interleave(4, 1)  # noqa: E731
        labels, instances = draw(3), draw(2)
        predicted, numbers = labels.clone(), instances.clone()
        predicted[:2, 5:], numbers[2:3, :7] = 1, 1
        instances, numbers = (
            torch.where(c == 0, 0, i) for c, i in ((labels, instances), (predicted, numbers))
        )
        void = torch.rand(5, 16, generator=rng) < 0.1
        their_labels = torch.stack([labels, instances], -1)
        their_labels[void] = torch.tensor([9, 0])  # torchmetrics takes unknown classes for void, if told
        oracle_labels = their_labels
        update(oracle, torch.stack([predicted, numbers], -1), oracle_labels)
        total += panoptic_counts(predicted, numbers, labels.where(~void, 255), instances, 3)
    found = quality(total)
    mine = torch.stack([found.panoptic, found.segmentation, found.recognition], 1)
    order = [list(oracle.things).index(c) if c in oracle.things else 2 for c in (1, 2, 0)]
    close(mine[[1, 2, 0]], oracle.compute().squeeze(0)[order])


def update(oracle, predicted, labels) -> None:
    import warnings

    oracle.allow_unknown_preds_category = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle.update(predicted[None], labels[None])
