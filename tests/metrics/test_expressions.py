"""Scores of referring expressions, by hand."""

import math

import pytest
import torch

from pixelwise.metrics.expressions import expression_scores, expression_sums


def masks(*texts: str) -> torch.Tensor:
    return torch.tensor([[[letter == "x" for letter in text]] for text in texts])


TRUTH = masks("xxxx......", "xxxxxxxxxx", "..........", "x.........")
FOUND = masks("xx........", "xxxxxxxxx.", "..........", ".x........")  # 2/4, 9/10, nothing of nothing, 0/2


def test_by_hand() -> None:
    scores = expression_scores(expression_sums(FOUND, TRUTH))
    assert scores["overall_iou"] == 11 / 16
    assert scores["mean_iou"] == pytest.approx((0.5 + 0.9 + 1 + 0) / 4)
    # "above" is strict: neither 0.5 at 0.5 nor 0.9 at 0.9
    assert [scores[f"precision_at_{x}"] for x in (0.5, 0.6, 0.7, 0.8, 0.9)] == [0.5, 0.5, 0.5, 0.5, 0.25]


def test_batches_add_up() -> None:
    whole = expression_sums(FOUND, TRUTH)
    parts = expression_sums(FOUND[:1], TRUTH[:1]) + expression_sums(FOUND[1:], TRUTH[1:])
    assert parts.tolist() == whole.tolist()


def test_pixels_that_do_not_count_are_left_out() -> None:
    valid = torch.ones_like(TRUTH)
    valid[0, 0, 2:] = False
    assert expression_scores(expression_sums(FOUND[:1], TRUTH[:1], valid[:1]))["overall_iou"] == 1.0


def test_no_expressions_have_no_scores() -> None:
    assert all(
        math.isnan(score) for score in expression_scores(expression_sums(FOUND[:0], TRUTH[:0])).values()
    )
