import pytest

from pixelwise.report.words import meaning, number, percent, title


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.71249, "0.712"), (0.0, "0.000"), (1.0, "1.000"), (0.0001, "< 0.001"), (12.34, "12.3"),
        (1234567.0, "1,234,567"), (float("nan"), "–"), (float("inf"), "–"),
    ],
)  # fmt: skip
def test_numbers(value, said) -> None:
    assert number(value) == said


def test_percent() -> None:
    assert [percent(share) for share in (0.0, 0.0001, 0.123, 1.0)] == [
        "0.0 %",
        "< 0.1 %",
        "12.3 %",
        "100.0 %",
    ]
    assert percent(float("nan")) == "–"


def test_unknown_scores_keep_their_name() -> None:
    assert title("mean_iou") == "Mean IoU"
    assert title("surface_distance_m") == "Surface distance m"
    assert title("boundary_iou") == "Boundary IoU"
    assert meaning("surface_distance_m") == ""
