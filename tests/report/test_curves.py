import pytest

from pixelwise.report.curves import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, best_row, panels, ticks

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.13, 0.94, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0, 1, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3, 12, [-5, 0, 5, 10, 15]),
        (0.0001, 0.001, [0.0, 0.0002, 0.0004, 0.0006, 0.0008, 0.001]),
    ],
)
def test_ticks_are_round_and_enclose(low, high, expected) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("value", [0.0, 0.7, -4.0, 1e9])
def test_a_constant_has_ticks_around_it(value) -> None:
    around = ticks(value, value)
    assert around[0] < value < around[-1]


def test_training_and_validation_share_a_panel_and_loss_comes_first() -> None:
    row = {"epoch": 1, "seconds": 3.0, "lr": 0.1, "val_mean_iou": 0.4, "train_loss": 1.0, "val_loss": 1.2}
    drawn = panels([row, {**row, "epoch": 2, "val_loss": 1.1}])
    assert [panel.name for panel in drawn] == ["loss", "mean_iou", "lr"]
    assert [line.label for line in drawn[0].series] == ["training", "validation"]
    assert drawn[0].clock == "epoch"


def test_a_line_runs_from_corner_to_corner() -> None:
    (panel,) = panels([{"epoch": 0, "train_loss": 0.0}, {"epoch": 10, "train_loss": 1.0}])
    assert panel.series[0].path == f"M{LEFT}.0 {HEIGHT - BOTTOM}.0 L{WIDTH - RIGHT}.0 {TOP}.0"
    assert [tick.text for tick in panel.rows] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_missing_numbers_are_left_out() -> None:
    history = [{"step": 1, "train_loss": 2.0}, {"step": 2, "val_loss": NAN}, {"step": 3, "train_loss": 1.0}]
    (panel,) = panels(history)
    assert [text for _, text, _ in panel.series[0].values] == ["1", "3"]
    assert len(panel.series) == 1


def test_one_row_is_a_dot() -> None:
    (panel,) = panels([{"epoch": 1, "val_loss": 0.5}])
    assert len(panel.series[0].dots) == 1


def test_nothing_to_draw() -> None:
    assert panels([]) == []
    assert panels([{"epoch": 1.0, "val_loss": NAN}]) == []


def test_best_is_the_highest_score_or_the_lowest_loss() -> None:
    scores = [{"val_loss": 1.0, "val_mean_iou": NAN}, {"val_loss": 2.0, "val_mean_iou": 0.5}]
    assert best_row(scores) == 1
    assert best_row([{"val_loss": row["val_loss"]} for row in scores]) == 0
    assert best_row([{"train_loss": 1.0}]) is None
