"""Fusion of drawn scores, and the catalog."""

from pixelwise.core.catalog import Catalog
from pixelwise.systems.rgbd import experiment as of
from pixelwise.systems.rgbd import rgbd


def test_fusion_of_drawn_scores_holds_on_one_seed() -> None:
    found = {trial.variant: trial.scores["accuracy"] for trial in of._drawn_scores(0)}  # pyright: ignore[reportPrivateUsage]
    alone = found["drawn scores: alone"]
    assert found["drawn scores: bayesian"] > alone + 0.25
    assert found["drawn scores: average"] > alone + 0.25
    assert found["drawn scores: max"] > alone + 0.15
    assert found["drawn scores: bayesian"] > found["drawn scores: bayesian, occlusion ignored"]


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["rgbd"] is rgbd
