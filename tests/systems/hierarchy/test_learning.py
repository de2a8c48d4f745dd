"""Drawn vessels, and networks that learn what is in the one that is meant."""

import pytest
import torch

from pixelwise.systems.hierarchy.learning import batches, judge, learn, said, vessels, with_region
from pixelwise.systems.hierarchy.levels import DRAWN, VESSEL, outputs
from pixelwise.systems.hierarchy.network import small
from pixelwise.systems.hierarchy.scenes import LIQUID, SOLID, draw


@pytest.mark.parametrize("kind", ["plain", "one", "tagged"])
def test_scenes_are_the_same_every_time_and_only_the_meant_vessel_is_labelled(kind) -> None:
    for scene, again in zip(draw(8, 2, kind=kind), draw(8, 2, kind=kind), strict=True):
        assert torch.equal(scene.image, again.image)
        assert torch.equal(scene.region, scene.labels > 0)
        held = set(scene.labels.unique().tolist())
        assert held in ({0, 1, LIQUID}, {0, 1, SOLID})


def test_only_the_label_above_tells_what_tagged_vessels_hold() -> None:
    means = {LIQUID: [], SOLID: []}
    tags = {LIQUID: [], SOLID: []}
    for scene in draw(120, 4, kind="tagged"):
        holds = int(scene.labels.max())
        contents = scene.image[:, scene.labels == holds].mean(1)
        top, left = scene.region.nonzero().min(0).values.tolist()
        tag = scene.image[:, top - 6 : top, left : left + 12].mean((1, 2))
        means[holds].append(contents[2] - contents[0])
        tags[holds].append(tag[2] - tag[0])
    assert abs(torch.stack(means[LIQUID]).mean() - torch.stack(means[SOLID]).mean()) < 0.01  # blue less red
    assert min(tags[LIQUID]) > max(tags[SOLID])


def test_the_region_is_the_last_band() -> None:
    scenes = draw(4, 0)
    batch = next(batches(scenes, batch_size=4, seed=0))
    by_name = {scene.name: scene for scene in scenes}
    assert sorted(batch.names) == sorted(by_name)
    for image, labels, name in zip(batch.images, batch.labels, batch.names, strict=True):
        assert torch.equal(image[-1] > 0, by_name[name].region) and torch.equal(labels, by_name[name].labels)


def test_the_first_network_sees_no_region() -> None:
    net, images = small(3, 2).eval(), torch.rand(2, 3, 16, 16)
    torch.nn.init.normal_(net.first.relevance.weight)
    found = vessels(net, images)
    nowhere = said(net, with_region(images, torch.zeros(2, 16, 16)), (VESSEL,))[0]
    assert found.dtype == torch.bool and torch.equal(found, nowhere == 1)


def test_it_learns_what_is_in_the_vessel_that_is_meant() -> None:
    train, test = draw(60, 1), draw(20, 2)
    torch.manual_seed(0)
    net = small(3, outputs(DRAWN), width=8)
    learn(net, train, steps=60, seed=0, batch_size=8, lr=1e-2)
    scores = judge(net, test)
    elsewhere = [type(s)(s.image, s.region.roll(24, 1), s.labels, s.name) for s in test]
    assert scores["mean_iou_vessel"] > 0.9 and scores["mean_iou_phase"] == scores["mean_iou"] > 0.3
    assert judge(net, elsewhere)["mean_iou_vessel"] < 0.6  # it heeds the region, wherever that is
