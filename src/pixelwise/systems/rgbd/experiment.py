"""What depth, several views and several scales are worth in drawn rooms; and fusion of drawn scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Generator, nn
from torch.nn import functional as F

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.engine.predict import predict_logits
from pixelwise.metrics.confusion import winners
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, paint
from pixelwise.systems.rgbd.fusion import WAYS, fused
from pixelwise.systems.rgbd.judging import fused_labels, judge
from pixelwise.systems.rgbd.learning import Lesson, bands, taught
from pixelwise.systems.rgbd.scenes import CLASSES, View, cards, rooms
from pixelwise.systems.rgbd.warping import from_keyframe, warped_scores
from pixelwise.workflows.teach import CPU

_TRAIN, _TEST, _STEPS = 60, 15, 300
_QUICK_STEPS = 150
_SURENESS = 1.2  # score of the true class, beside noise of deviation one
_HELD_OUT = 10_000  # added to the seed of the rooms that are judged


@dataclass(frozen=True, slots=True)
class _Variant:
    name: str
    lesson: Lesson = "single"
    depth: bool = True
    scales: bool = True


_COLOURS = _Variant("colours alone", depth=False)
_SINGLE = _Variant("single views")
_ONE_SCALE = _Variant("single views, one scale", scales=False)
_TOGETHER = _Variant("fused views", lesson="bayesian")


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Fusion of drawn scores, then networks; colours alone and single views only in quick."""
    trials = [trial for seed in seeds for trial in _drawn_scores(seed)]
    nets: dict[str, nn.Module] = {}
    variants = (_COLOURS, _SINGLE) if quick else (_COLOURS, _SINGLE, _ONE_SCALE, _TOGETHER)
    for variant in variants:
        for seed in seeds:
            tell(f"{variant.name}, seed {seed}")
            began = monotonic()
            net = taught(
                rooms(_TRAIN, seed),
                variant.lesson,
                steps=_QUICK_STEPS if quick else _STEPS,
                seed=seed,
                depth=variant.depth,
                scales=variant.scales,
            )
            nets.setdefault(variant.name, net)
            scores = judge(net, rooms(_TEST, seed + _HELD_OUT), depth=variant.depth)
            trials.append(Trial(variant.name, seed, scores, monotonic() - began))
    order = list(dict.fromkeys(trial.variant for trial in trials))
    trials.sort(key=lambda trial: order.index(trial.variant))
    notes = [
        "poses are exact, and so is the depth that views are warped by; what the network sees has holes",
        "bayesian, average and max are mean IoUs of views fused with their four nearest",
        *(["reduced: half the steps, and no network learns from fused views"] if quick else []),
    ]
    title = "colours with depth, and several views fused in one keyframe"
    pictures = {"rgbd.png": picture(nets[variants[-1].name], rooms(1, seeds[0] + _HELD_OUT)[0])}
    return Comparison("rgbd", title, trials, _margins(trials, quick=quick), notes, pictures)


def _drawn_scores(seed: int) -> list[Trial]:
    """Accuracy of noisy scores in the middle view of some cards, alone and fused with four other views."""
    began = monotonic()
    first, second, key, *rest = cards(seed)
    views = [key, first, second, *rest]
    labels = torch.stack([view.labels for view in views])
    noise = torch.randn(len(views), len(CLASSES), *key.labels.shape, generator=Generator().manual_seed(seed))
    scores = _SURENESS * F.one_hot(labels, len(CLASSES)).movedim(-1, 1) + noise
    found = {"drawn scores: alone": scores[0]}
    for occlusion in (True, False):
        seen = from_keyframe(key, views[1:], occlusion=occlusion)
        looked = warped_scores(scores, seen)
        blind = "" if occlusion else ", occlusion ignored"
        for way in WAYS if occlusion else WAYS[:1]:
            found[f"drawn scores: {way}{blind}"] = fused(looked, seen.valid[:, None], way)[0]
    took = (monotonic() - began) / len(found)
    return [
        Trial(name, seed, {"accuracy": float((winners(each) == key.labels).double().mean())}, took)
        for name, each in found.items()
    ]


def _margins(trials: Sequence[Trial], *, quick: bool) -> list[Margin]:
    ours, proposed = "our calibration", "our proposal"
    alone = "drawn scores: alone"

    def drawn(way: str, worse: str, least: float) -> Margin:
        return margin(trials, f"drawn scores: {way}", worse, least, score="accuracy", source=ours)

    margins = [
        drawn("bayesian", alone, 0.25),
        drawn("average", alone, 0.25),
        drawn("max", alone, 0.15),
        drawn("bayesian", "drawn scores: bayesian, occlusion ignored", 0.0),
        margin(trials, _SINGLE.name, _COLOURS.name, 0.05, source=proposed),
    ]
    if quick:
        return margins
    single = _each(trials, _SINGLE, "mean_iou")
    best = [max(pair) for pair in zip(*(_each(trials, _SINGLE, way) for way in WAYS[:2]), strict=True)]
    rising = _apart(_each(trials, _TOGETHER, "agreement_fused"), _each(trials, _SINGLE, "agreement"))
    return [
        *margins,
        Margin("single views: fusing five is worth 0.04 mean IoU", 0.04, _apart(best, single), proposed),
        margin(trials, _TOGETHER.name, _SINGLE.name, 0.0, score="bayesian", source="Ma et al. 2017, in kind"),
        Margin("views that learnt together and are fused agree more than single ones", 0.0, rising, proposed),
        margin(trials, _SINGLE.name, _ONE_SCALE.name, -0.01, source=proposed),
    ]


def _each(trials: Sequence[Trial], variant: _Variant, score: str) -> list[float]:
    return [trial.scores[score] for trial in trials if trial.variant == variant.name]


def _apart(better: Sequence[float], worse: Sequence[float]) -> tuple[float, ...]:
    return tuple(more - less for more, less in zip(better, worse, strict=True))


def picture(net: nn.Module, room: Sequence[View]) -> UInt8[np.ndarray, "h w 3"]:
    """A view of a room, what the network is given, what it says, and what it says with four views more."""
    logits = predict_logits(net, torch.stack([bands(view) for view in room]), CPU, None)
    together = fused_labels(logits, room)["bayesian"]
    middle = len(room) // 2
    named = [
        (words, shown)
        for number in (middle - 2, middle)
        for words, shown in (
            ("colours, disturbed", as_rgb(room[number].image)),
            ("depth, with holes", as_rgb(bands(room[number])[3:])),
            ("its classes", paint(room[number].labels, CLASSES)),
            ("said of this view alone", paint(winners(logits)[number], CLASSES)),
            ("with four views more", paint(together[number], CLASSES)),
        )
    ]
    return np.asarray(panels(named, columns=5))
