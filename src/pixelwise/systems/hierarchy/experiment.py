"""The experiment: what a region is worth, what valves are worth, and what an imperfect region costs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, overlay
from pixelwise.systems.hierarchy.answer import Chain
from pixelwise.systems.hierarchy.attention import Start, Way
from pixelwise.systems.hierarchy.learning import judge, learn
from pixelwise.systems.hierarchy.levels import DRAWN, VESSEL, outputs
from pixelwise.systems.hierarchy.network import Attentive, small
from pixelwise.systems.hierarchy.scenes import CLASSES, SIZE, Kind, Scene, draw

_SHOWN = 2  # scenes in the picture

_VALVE, _PRODUCT, _BAND, _NOTHING = "valve", "image × region", "region as a band", "image only"
_NEAR_ZERO = "valve from near 0"
_TRUE, _CHAIN = "one vessel, true region", "one vessel, found region"
_WAYS: dict[str, tuple[Way, Start]] = {
    _VALVE: ("valve", "open"),
    _PRODUCT: ("product", "open"),
    _BAND: ("band", "open"),
    _NEAR_ZERO: ("valve", "paper"),
    _NOTHING: ("nothing", "open"),
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is trained on which scenes, and how long."""

    steps: int
    tagged_steps: int
    plain: tuple[str, ...]
    tagged: tuple[str, ...]
    train: int = 400
    test: int = 100


_FULL = _Plan(200, 600, (_VALVE, _PRODUCT, _NOTHING), (_VALVE, _PRODUCT, _BAND, _NEAR_ZERO))
_QUICK = _Plan(150, 450, (_VALVE, _PRODUCT, _NOTHING), (_VALVE, _PRODUCT))


def compare(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Train every variant on drawn scenes for every seed, and judge each on scenes it never saw."""
    plan = _QUICK if quick else _FULL
    trials: list[Trial] = []
    chains: list[Chain] = []
    for seed in seeds:
        trials += _trained(plan, "plain", seed, tell)
        trials += _trained(plan, "tagged", seed, tell)
        ends, chain = _in_a_row(plan, seed, tell)
        trials += ends
        chains.append(chain)
    return Comparison(
        "hierarchy",
        "Contents of the vessel that is meant, by how the network is told which one that is (mean IoU)",
        trials,
        _margins(trials),
        notes=_notes(plan),
        pictures={"hierarchy.png": picture(chains[0], draw(_SHOWN, 9000 + seeds[0], kind="one"))},
    )


def _trained(plan: _Plan, kind: Kind, seed: int, tell: Tell) -> list[Trial]:
    names, steps = (plan.plain, plan.steps) if kind == "plain" else (plan.tagged, plan.tagged_steps)
    train, test = draw(plan.train, 1000 + seed, kind=kind), draw(plan.test, 9000 + seed, kind=kind)
    trials: list[Trial] = []
    for name in names:
        told = f"{kind}: {name}"
        _, trial = _trial(told, *_WAYS[name], train, test, steps, seed, tell)
        trials.append(trial)
    return trials


def _trial(
    name: str,
    way: Way,
    start: Start,
    train: Sequence[Scene],
    test: Sequence[Scene],
    steps: int,
    seed: int,
    tell: Tell,
) -> tuple[Attentive, Trial]:
    began = time.monotonic()
    torch.manual_seed(seed)
    net = small(3, outputs(DRAWN), way=way, start=start)
    learn(net, train, steps=steps, seed=seed, tell=partial(_say, tell, f"seed {seed}, {name}"))
    return net, Trial(name, seed, judge(net, test), time.monotonic() - began)


def _in_a_row(plan: _Plan, seed: int, tell: Tell) -> tuple[list[Trial], Chain]:
    """Both networks, trained apart; the second judged with the true and with the found vessel."""
    train, test = draw(plan.train, 1000 + seed, kind="one"), draw(plan.test, 9000 + seed, kind="one")
    second, true = _trial(_TRUE, "valve", "open", train, test, plan.steps, seed, tell)
    began = time.monotonic()
    torch.manual_seed(seed)
    first = small(3, outputs((VESSEL,)), way="nothing")
    learn(
        first,
        train,
        levels=(VESSEL,),
        steps=plan.steps,
        seed=seed,
        tell=partial(_say, tell, f"seed {seed}, first network"),
    )
    found = Trial(_CHAIN, seed, judge(second, test, first=first), time.monotonic() - began)
    return [true, found], Chain(first, second, DRAWN, (SIZE, SIZE))


def _say(tell: Tell, what: str, words: str) -> None:
    tell(f"{what}, {words}")


def _margins(trials: Sequence[Trial]) -> list[Margin]:
    plain, tagged = (partial("{}: {}".format, kind) for kind in ("plain", "tagged"))
    ours = "our calibration"
    return [
        margin(trials, plain(_VALVE), None, 0.90, words="valves, true region: at least 0.90", source=ours),
        margin(
            trials, plain(_VALVE), plain(_NOTHING), 0.30, words="valves beat the image alone", source=ours
        ),
        margin(
            trials,
            plain(_VALVE),
            plain(_PRODUCT),
            -0.02,
            words="valves do not lose to cutting out",
            source=ours,
        ),
        margin(
            trials,
            tagged(_VALVE),
            tagged(_PRODUCT),
            0.20,
            words="valves beat cutting out where what tells lies outside",
            source=ours,
        ),
        margin(trials, _CHAIN, _TRUE, -0.08, words="a found region costs at most 0.08", source=ours),
    ]


def _notes(plan: _Plan) -> list[str]:
    return [
        f"{plan.train} drawn scenes of {SIZE}×{SIZE} to learn from and {plan.test} others to judge by; "
        f"{plan.steps} steps, {plan.tagged_steps} where only a label above the vessel tells what it holds.",
        "On plain scenes valves and cutting out do equally well: such scenes show that a region is needed, "
        "not which way of giving it is best.",
        "Where the label tells, a region as one more band does as well as valves, and so do valves that "
        "start near 0 as the paper's do: batch norm, which the paper has not, makes up for tiny features.",
    ]


def picture(chain: Chain, scenes: Sequence[Scene]) -> np.ndarray:
    """Scenes of one vessel: image, vessel as found, contents as found, contents as they are."""
    told: list[tuple[str, np.ndarray]] = []
    for scene in scenes:
        found = chain.contents(scene.image)
        told += [
            ("image", as_rgb(scene.image)),
            ("1. vessel", overlay(scene.image, found.vessel.long(), CLASSES)),
            ("2. contents", overlay(scene.image, found.labels[DRAWN[-1].name], CLASSES)),
            ("truth", overlay(scene.image, scene.labels, CLASSES)),
        ]
    sheet = panels(told, columns=4)
    return np.asarray(sheet.resize((sheet.width // 2, sheet.height // 2)))
