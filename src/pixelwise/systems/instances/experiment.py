"""Digits told apart one by one, with one mask for each class and with one for all."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from time import monotonic

import numpy as np
from jaxtyping import UInt8

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.report.panels import panels
from pixelwise.report.pictures import Rgb
from pixelwise.systems.instances.detector import Detector
from pixelwise.systems.instances.found import Instances
from pixelwise.systems.instances.judging import average_precision, judge
from pixelwise.systems.instances.learning import learn
from pixelwise.systems.instances.network import small
from pixelwise.systems.instances.picture import drawn
from pixelwise.systems.instances.scenes import DIGITS, Scene, digit_scenes
from pixelwise.workflows.teach import fresh

_SPECIFIC, _AGNOSTIC = "a mask for each class", "one mask for all"
_LEARNT, _HELD_OUT, _STEPS = 600, 100, 400
_QUICK_STEPS = 200
_SURE, _HARDLY = 0.5, 0.05  # scores that count, and that the average precision looks at
_WEIGHTS = 599_413


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Both ways to say masks, or the first alone in quick."""
    trials: list[Trial] = []
    pictures: dict[str, UInt8[np.ndarray, "h w 3"]] = {}
    steps, held_out = (_QUICK_STEPS, _HELD_OUT // 2) if quick else (_STEPS, _HELD_OUT)
    for variant, agnostic in ((_SPECIFIC, False), (_AGNOSTIC, True))[: 1 if quick else 2]:
        for seed in seeds:
            tell(f"{variant}, seed {seed}")
            began = monotonic()
            detector = taught(digit_scenes(_LEARNT, seed), steps=steps, seed=seed, agnostic=agnostic)
            scenes = digit_scenes(held_out, seed, held_out=True)
            found = [detector.detect(scene.image, least_score=_HARDLY) for scene in scenes]
            scores = _scores(found, [scene.things for scene in scenes])
            trials.append(Trial(variant, seed, scores, monotonic() - began))
            if not pictures:
                pictures["instances.png"] = picture(scenes[:6], found)
    notes = [
        "thin strokes on masks of 28×28 limit their IoU",
        *(["reduced: half the steps, one way to say masks"] if quick else []),
        *([] if find_spec("pycocotools") else ["pycocotools is not installed: no average precision"]),
    ]
    title = f"Mask R-CNN of {_WEIGHTS:,} weights on digits it has not seen"
    return Comparison("instances", title, trials, _margins(trials), notes, pictures)


def taught(scenes: Sequence[Scene], *, steps: int, seed: int, agnostic: bool = False) -> Detector:
    """The small detector after its training on digits."""
    network = fresh(partial(small, len(DIGITS), agnostic=agnostic), seed)
    learn(network, scenes, steps=steps, seed=seed)
    return Detector(network, DIGITS)


def sure(found: Instances, least_score: float = _SURE) -> Instances:
    """What was found with at least this score."""
    kept = found.scores >= least_score
    names = tuple(name for name, keep in zip(found.names, kept.tolist(), strict=True) if keep)
    return Instances(found.boxes[kept], found.masks[kept], found.labels[kept], names, found.scores[kept])


def _scores(found: Sequence[Instances], true: Sequence[Instances]) -> dict[str, float]:
    scores = judge([sure(each) for each in found], true)
    return scores | (average_precision(found, true) if find_spec("pycocotools") else {})


def _margins(trials: Sequence[Trial]) -> list[Margin]:
    source = "our calibration"
    margins = [
        margin(trials, _SPECIFIC, None, 0.90, score="recall", source=source),
        margin(trials, _SPECIFIC, None, 0.90, score="precision", source=source),
        margin(trials, _SPECIFIC, None, 0.60, score="mask_iou", source=source),
    ]
    if any(trial.variant == _AGNOSTIC for trial in trials):
        margins.append(margin(trials, _SPECIFIC, _AGNOSTIC, -0.02, score="mask_iou", source="our proposal"))
    return margins


def picture(scenes: Sequence[Scene], found: Sequence[Instances]) -> UInt8[np.ndarray, "h w 3"]:
    """What is there in some scenes, and below it what was found."""
    named: list[tuple[str, Rgb]] = []
    for begin in range(0, len(scenes), 3):
        part = scenes[begin : begin + 3]
        for scene in part:
            names = tuple(DIGITS[label] for label in scene.things.labels.tolist())
            named.append(("what is there", drawn(scene.image, replace(scene.things, names=names), times=4)))
        for scene, things in zip(part, found[begin:], strict=False):
            named.append(("what was found", drawn(scene.image, sure(things), times=4)))
    return np.asarray(panels(named, columns=3))
