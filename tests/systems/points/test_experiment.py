"""The whole experiment in little, and CamVid where it is at hand."""

import pytest
import torch

from pixelwise.core.catalog import Catalog
from pixelwise.data.store import Store
from pixelwise.data.texture_scenes import TextureScenes
from pixelwise.systems.points import on_camvid, points
from pixelwise.systems.points.experiment import labels_of, learned, picture, variants
from pixelwise.workflows.teach import score


def test_the_system_is_found_by_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["points"] is points


def test_points_and_objectness_teach_more_than_image_labels() -> None:
    scenes = TextureScenes(32, 16, seed=0)
    test = Store(scenes, scenes.splits["test"])
    chosen = ("image labels", "+ points + objectness")
    models = {name: learned(scenes, variants()[name], seed=0, steps=50) for name in chosen}
    image, both = (score(models[name], test) for name in chosen)
    assert both > image + 0.05
    assert picture(test, models, scenes=2).shape[2] == 3


def test_every_variant_sees_the_same_clicks_and_prior() -> None:
    sample = TextureScenes(1, 0, seed=0)[0]
    marked, again = (labels_of(sample, mark=variants()["+ points"].mark, seed=3) for _ in range(2))
    bare = labels_of(sample, mark=None, seed=3)
    assert torch.equal(marked, again)
    assert torch.equal(marked[-1], bare[-1])
    things = len(sample.labels.unique()) - 1
    assert int((marked[:-1].sum(0) == 1).sum()) == things  # one click a class
    assert not (bare[:-1].sum(0) == 1).any()
    full = labels_of(sample, mark=variants()["masks"].mark, seed=3)
    assert torch.equal(full[:-1].argmax(0), sample.labels)


@pytest.mark.slow
def test_the_quick_experiment_reaches_its_margins() -> None:
    found = points(seeds=[0], quick=True, tell=lambda _: None)
    assert [each.words for each in found.margins if not each.holds] == []


@pytest.mark.slow
@pytest.mark.real
def test_camvid_can_be_learned_from_clicks(real_data) -> None:
    found = on_camvid(real_data / "camvid", seconds=20, tell=lambda _: None)
    costs = [trial.scores["annotation_s"] for trial in found.trials]
    assert costs[0] > costs[-1] > costs[1]
    assert found.scores_of("clicks, 5 per class", "share")[0] > 0.4
