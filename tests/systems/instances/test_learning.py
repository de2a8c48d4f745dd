"""A short training finds digits it has not seen."""

import pytest

from pixelwise.systems.instances import instances
from pixelwise.systems.instances.experiment import taught
from pixelwise.systems.instances.judging import judge
from pixelwise.systems.instances.scenes import digit_scenes


def test_forty_steps_find_more_than_none() -> None:
    scenes = digit_scenes(60, 0)
    held_out = digit_scenes(10, 0, held_out=True)
    truth = [scene.things for scene in held_out]
    scores = []
    for steps in (1, 40):
        detector = taught(scenes, steps=steps, seed=0)
        found = [detector.detect(scene.image, least_score=0.2) for scene in held_out]
        scores.append(judge(found, truth)["recall"])
    assert scores[1] > scores[0] + 0.1


@pytest.mark.slow
def test_what_must_hold_holds_on_one_seed() -> None:
    found = instances(seeds=[0], quick=True, tell=lambda words: None)
    assert [margin.words for margin in found.margins if not margin.holds] == []
    assert found.pictures["instances.png"].shape[2] == 3
