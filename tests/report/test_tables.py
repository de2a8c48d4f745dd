"""The table of scores: which come first, and what has no bar."""

import math

from pixelwise.core.classes import Classes
from pixelwise.core.scores import Report
from pixelwise.report.tables import class_table, headline

TWO = Classes(("background", "leaf"))
COUNTS = [[60, 10], [5, 25]]


def test_the_interval_and_the_spread_are_told_with_the_mean_iou() -> None:
    scores = {"pixel_accuracy": 0.85, "mean_iou": 0.71, "mean_iou_low": 0.6, "mean_iou_high": 0.8}
    spread = {"mean": 0.7, "lower_quartile": 0.5, "median": 0.72, "upper_quartile": 0.9}
    report = Report("test", 9, TWO, COUNTS, scores, {}, per_image={"iou": spread})
    assert headline(report)[0] == ("mean_iou", 0.71)
    assert dict(headline(report)) == scores | {"median_image_iou": 0.72, "lower_quartile_image_iou": 0.5}


def test_lengths_have_no_bar_and_scores_have_one() -> None:
    per_class = {"boundary_f": (0.5, math.nan), "hausdorff_95": (12.0, 0.5), "surface_distance": (0.25, 3.0)}
    columns, rows = class_table(Report("test", 9, TWO, COUNTS, {}, per_class))
    assert columns == ["boundary_f", "hausdorff_95", "surface_distance", "share"]
    assert [cell.share for cell in rows[0].cells[:3]] == [0.5, 0.0, 0.0]
    assert [cell.text for cell in rows[0].cells[:3]] == ["0.500", "12", "0.250"]
    assert rows[1].cells[0].said == "no outline"
