"""Margins over seeds, by hand."""

import json

import pytest

from pixelwise.core.comparison import Comparison, Trial, interval, margin

TRIALS = [
    Trial("a", 0, {"mean_iou": 0.5}),
    Trial("a", 1, {"mean_iou": 0.7}),
    Trial("a", 2, {"mean_iou": 0.6}),
    Trial("b", 0, {"mean_iou": 0.4}),
    Trial("b", 1, {"mean_iou": 0.4}),
    Trial("b", 2, {"mean_iou": 0.4}),
]


def test_differences_are_taken_seed_by_seed_and_judged_by_their_median() -> None:
    found = margin(TRIALS, "a", "b", 0.2)
    assert found.differences == pytest.approx((0.1, 0.3, 0.2))
    assert margin(TRIALS, "a", "b", 0.19).holds
    assert not margin(TRIALS, "a", "b", 0.21).holds
    assert margin(TRIALS, "b", None, 0.4).holds


def test_the_interval_is_students() -> None:
    # mean 0.2, deviation 0.1, three values: 4.303 * 0.1 / sqrt(3)
    assert interval((0.1, 0.3, 0.2)) == pytest.approx((0.2 - 0.24844, 0.2 + 0.24844), abs=1e-4)
    assert interval((0.1,)) == (float("-inf"), float("inf"))


def test_a_comparison_tells_all_but_its_pictures() -> None:
    plain = json.loads(Comparison("toy", "a against b", TRIALS, [margin(TRIALS, "a", "b", 0.1)]).to_json())
    assert plain["margins"][0]["holds"]
    assert [trial["seed"] for trial in plain["trials"]] == [0, 1, 2, 0, 1, 2]
