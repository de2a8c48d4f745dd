"""One head on three small encoders, and what they cost at their own width."""

from collections.abc import Sequence
from functools import partial
from time import monotonic

import numpy as np
import torch
from jaxtyping import UInt8
from torch import nn

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.data.loader import Stream
from pixelwise.data.store import Store
from pixelwise.engine.budget import Steps
from pixelwise.engine.predict import predict_logits
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.metrics.confusion import winners
from pixelwise.report.panels import panels
from pixelwise.report.pictures import Rgb, as_rgb, paint
from pixelwise.systems.jpu.cost import multiply_adds, seconds, share
from pixelwise.systems.jpu.network import KINDS, Kind, features, small, whole
from pixelwise.systems.jpu.scenes import CLASSES, FineScenes
from pixelwise.workflows.teach import CPU, fresh, score, teach

_TRAIN, _TEST, _BATCH, _STEPS, _LR = 240, 60, 8, 320, 1e-2
_QUICK_STEPS = 200
_TURNS = 3
_VOC_CLASSES = 21
_FEATURES, _WHOLE = "ResNet-50 stages at 512×512", "with the head"


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Accuracy of the small networks; work and time of the large ones, time only in the full experiment."""
    trials: list[Trial] = []
    nets: dict[Kind, nn.Module] = {}
    steps = _QUICK_STEPS if quick else _STEPS
    for kind in KINDS:
        for seed in seeds:
            tell(f"{kind}, seed {seed}")
            began = monotonic()
            train, test = stores(seed)
            net = taught(kind, train, steps=steps, seed=seed)
            nets.setdefault(kind, net)
            trials.append(Trial(kind, seed, {"mean_iou": score(net, test)}, monotonic() - began))
    tell("the cost at the width of ResNet-50")
    trials += costs(turns=0 if quick else _TURNS)
    notes = [
        "at the width of the small networks the pyramid saves no time",
        "a plain head costs the joined and the dilated features alike, which hides much of what is saved",
        *(["reduced: fewer steps, and time is not measured"] if quick else []),
    ]
    title = "a joint pyramid on stride 32 against stride 32 alone and against dilation"
    pictures = {"jpu.png": picture(nets, stores(seeds[0])[1])}
    return Comparison("jpu", title, trials, _margins(trials, timed=not quick), notes, pictures)


def stores(seed: int) -> tuple[Store, Store]:
    """Scenes to learn from and scenes to be judged on."""
    reader = FineScenes(_TRAIN, _TEST, seed=seed)
    return Store(reader, reader.splits["train"]), Store(reader, reader.splits["test"])


def taught(kind: Kind, store: Store, *, steps: int, seed: int) -> nn.Module:
    """A small network after its training."""
    net = fresh(partial(small, kind, len(CLASSES)), seed)
    flow = Stream(store, batch_size=_BATCH, seed=seed).batches()
    teach(net, cross_entropy, flow, Steps(steps), lr=_LR, schedule="cosine")  # pyright: ignore[reportArgumentType] no heads here
    return net.eval()


def costs(*, turns: int) -> list[Trial]:
    """Multiply-adds of the networks with ResNet-50, and seconds where turns are wanted; one trial a turn."""
    trials: list[Trial] = []
    for words, build in ((_FEATURES, features), (_WHOLE, partial(whole, num_classes=_VOC_CLASSES))):
        with torch.device("meta"):
            work = {kind: multiply_adds(build(kind)) for kind in KINDS}
        told = seconds({kind: build(kind) for kind in KINDS}, times=turns) if turns else {}
        for kind in KINDS:
            name = f"{words}, {kind}"
            facts = {"multiply_adds_billion": work[kind]}
            trials += [
                Trial(name, turn, facts | {"seconds": took}) for turn, took in enumerate(told.get(kind, ()))
            ]
            trials += [] if turns else [Trial(name, 0, facts)]
    return trials


def _margins(trials: Sequence[Trial], *, timed: bool) -> list[Margin]:
    ours, paper = "our calibration", "Wu et al. 2019, in kind"
    margins = [
        margin(trials, "joined", "stride 32", 0.15, source=ours),
        margin(trials, "joined", "dilated", -0.03, source=paper),
        _saved(trials, "multiply_adds_billion", paper),
    ]
    return [*margins, _saved(trials, "seconds", paper)] if timed else margins


def _saved(trials: Sequence[Trial], cost: str, source: str) -> Margin:
    """Joined stages cost less than 0.7 of dilated ones."""
    joined, dilated = (
        tuple(trial.scores[cost] for trial in trials if trial.variant == f"{_FEATURES}, {kind}")
        for kind in ("joined", "dilated")
    )
    saved = tuple(1 - share((ours,), (theirs,)) for ours, theirs in zip(joined, dilated, strict=True))
    return Margin(f"joined stages save at least 0.3 of the dilated ones' {cost}", 0.3, saved, source)


def picture(nets: dict[Kind, nn.Module], test: Store) -> UInt8[np.ndarray, "h w 3"]:
    """Two scenes, their classes, and what each network says."""
    named: list[tuple[str, Rgb]] = []
    for number in range(2):
        images, labels = test.gather([number])
        named += [("scene", as_rgb(images[0])), ("its classes", paint(labels[0], CLASSES))]
        named += [
            (kind, paint(winners(predict_logits(net, images, CPU, None))[0], CLASSES))
            for kind, net in nets.items()
        ]
    return np.asarray(panels(named, columns=5))
