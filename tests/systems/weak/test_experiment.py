"""The whole experiment in little, and CamVid where it is at hand."""

import pytest

from pixelwise.core.catalog import Catalog
from pixelwise.core.comparison import Trial
from pixelwise.systems.weak import on_camvid, weak
from pixelwise.systems.weak.experiment import Bench, Size, margins
from pixelwise.systems.weak.variants import variants


def test_the_system_is_found_by_its_name() -> None:
    catalog = Catalog("pixelwise.systems", "system", folders=True)
    assert catalog["weak"] is weak
    assert catalog.module("weak").__doc__ == weak.__globals__["__doc__"]


def test_image_labels_with_adaptive_biases_find_things_where_fixed_ones_do_not() -> None:
    told: list[str] = []
    bench = Bench(0, Size(32, 16, 40, 25), told.append)
    found = {name: bench.trial(name, variants(0)[name]) for name in ("EM-Adapt", "EM-Fixed")}
    assert found["EM-Adapt"].scores["mean_iou"] > found["EM-Fixed"].scores["mean_iou"] + 0.1
    assert told == ["seed 0: EM-Adapt", "seed 0: EM-Fixed"]
    assert bench.picture(scenes=2).shape[2] == 3


def test_margins_speak_of_the_variants_that_were_run() -> None:
    names = ("masks", "Bbox-Rect", "Bbox-EM-Adapt", "EM-Fixed", "EM-Adapt", "EM-Adapt, true shares")
    names = (*names, "one mask", "one mask + EM-Adapt")
    values = (0.98, 0.8, 0.83, 0.1, 0.4, 0.6, 0.4, 0.55)
    trials = [Trial(name, 0, {"mean_iou": value}) for name, value in zip(names, values, strict=True)]
    found = margins(trials)
    assert len(found) == 9
    assert all(each.holds for each in found)
    assert [round(each.differences[0], 2) for each in found] == [
        0.3,
        0.2,
        0.7,
        0.4,
        0.2,
        0.03,
        0.18,
        0.15,
        0.15,
    ]


@pytest.mark.slow
def test_the_quick_experiment_reaches_its_margins() -> None:
    found = weak(seeds=[0], quick=True, tell=lambda _: None)
    assert [each.words for each in found.margins if not each.holds] == []


@pytest.mark.slow
@pytest.mark.real
def test_camvid_can_be_learned_from_less(real_data) -> None:
    found = on_camvid(real_data / "camvid", seconds=20, tell=lambda _: None)
    assert len(found.variants()) == 6
    assert found.scores_of("masks", "mean_iou")[0] > found.scores_of("best pixels (MIL)", "mean_iou")[0]
