"""The experiment: do the words matter, are they put together, and do cells need to know where they lie?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.systems.language.answer import Answering, drawn
from pixelwise.systems.language.learning import judge, learn
from pixelwise.systems.language.network import Head, small
from pixelwise.systems.language.scenes import HELD_OUT, KINDS, SIZE, Expression, draw
from pixelwise.systems.language.words import Vocabulary, vocabulary

_COARSE = 0.3  # share of the steps that are on cells
_SHOWN = 6  # expressions in the picture

_FULL, _OTHER, _NONE, _UNNAMED = "all words", "words of others", "no words", "pairs never named"
_PLACED, _PLACELESS = "1×1 head, places", "1×1 head, no places"
_SCORE = "overall_iou"
_KEPT = (_SCORE, "mean_iou", "precision_at_0.5")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Steps of the whole network, and of each with a 1×1 head; scenes to learn from and to judge by."""

    steps: int
    pointwise_steps: int
    train: int = 3000
    test: int = 300


_QUICK_NOTE = "That 0.60 is reached is asked of the full run only: 500 steps gave 0.58 with seed 0."
_FULL_PLAN, _QUICK_PLAN = _Plan(900, 200), _Plan(500, 120)


def compare(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Train on drawn scenes for every seed, and judge on scenes that were never seen."""
    plan = _QUICK_PLAN if quick else _FULL_PLAN
    trials: list[Trial] = []
    shown: list[tuple[Answering, list[Expression]]] = []
    for seed in seeds:
        found, answering, test = _spoken(plan, seed, tell)
        trials += found
        trials += [
            _halves(name, places, plan, seed, tell) for name, places in ((_PLACED, True), (_PLACELESS, False))
        ]
        shown.append((answering, test))
    return Comparison(
        "language",
        "What drawn expressions mean, as masks (overall IoU: sum of intersections over sum of unions)",
        trials,
        _margins(trials)[quick:],  # its steps are too few for the first
        notes=[*_notes(plan), *([_QUICK_NOTE] if quick else [])],
        pictures={"language.png": picture(shown[0][0], shown[0][1][:_SHOWN])},
    )


def _spoken(plan: _Plan, seed: int, tell: Tell) -> tuple[list[Trial], Answering, list[Expression]]:
    """One network, judged with its own words, those of others, none, and pairs it never heard."""
    train, test = draw(plan.train, 1000 + seed), draw(plan.test, 9000 + seed)
    unnamed = draw(plan.test, 5000 + seed, kinds=("colour",), held_out=True)
    began = time.monotonic()
    answering = _learnt(_FULL, "wide", True, train, plan.steps, seed, tell)
    seconds = time.monotonic() - began
    texts = [sample.text for sample in test]
    order = np.random.default_rng(seed).permutation(len(texts))
    ask = partial(judge, answering.net)
    own = ask(test, answering.words)
    for kind in KINDS:
        own[kind] = ask([sample for sample in test if sample.kind == kind], answering.words)[_SCORE]
    trials = [
        Trial(_FULL, seed, {name: own[name] for name in (*_KEPT, *KINDS)}, seconds),
        Trial(_OTHER, seed, _few(ask(test, answering.words, texts=[texts[place] for place in order]))),
        Trial(_NONE, seed, _few(ask(test, answering.words, texts=[""] * len(test)))),
        Trial(_UNNAMED, seed, _few(ask(unnamed, answering.words))),
    ]
    return trials, answering, test


def _halves(name: str, places: bool, plan: _Plan, seed: int, tell: Tell) -> Trial:
    """The paper's head, which sees one cell at a time, where halves of the image tell shapes apart."""
    train, test = (
        draw(plan.train, 2000 + seed, kinds=("half",)),
        draw(plan.test, 8000 + seed, kinds=("half",)),
    )
    began = time.monotonic()
    answering = _learnt(name, "pointwise", places, train, plan.pointwise_steps, seed, tell)
    scores = _few(judge(answering.net, test, answering.words))
    return Trial(name, seed, scores, time.monotonic() - began)


def _learnt(
    name: str, head: Head, places: bool, train: Sequence[Expression], steps: int, seed: int, tell: Tell
) -> Answering:
    words: Vocabulary = vocabulary((sample.text for sample in train), length=5)
    torch.manual_seed(seed)
    net = small(3, len(words), head=head, places=places)
    coarse = int(_COARSE * steps)

    def say(what: str) -> None:
        tell(f"seed {seed}, {name}, {what}")

    learn(net, train, words, coarse_steps=coarse, fine_steps=steps - coarse, seed=seed, tell=say)
    return Answering(net, words, SIZE, options={"head": head, "places": places})


def _few(scores: dict[str, float]) -> dict[str, float]:
    return {name: scores[name] for name in _KEPT}


def _margins(trials: Sequence[Trial]) -> list[Margin]:
    ours = partial(margin, trials, score=_SCORE, source="our calibration")
    return [
        ours(_FULL, None, 0.60, words="expressions are understood: at least 0.60"),
        ours(_FULL, _OTHER, 0.35, words="words of others mislead"),
        ours(_FULL, _NONE, 0.35, words="without words little is found"),
        ours(_UNNAMED, None, 0.35, words="pairs never named are understood: at least 0.35"),
        ours(_PLACED, _PLACELESS, 0.10, words="a 1×1 head needs to know the places of its cells"),
    ]


def _notes(plan: _Plan) -> list[str]:
    pairs = " and ".join(sorted(" ".join(pair) for pair in HELD_OUT))
    return [
        f"{plan.train} drawn scenes of {SIZE}×{SIZE} to learn from and {plan.test} others to judge by; "
        f"{plan.steps} steps, {plan.pointwise_steps} for the 1×1 heads, on cells first and then on pixels.",
        f"{pairs} are drawn in training, but no expression there names them.",
        "Places are tested with the paper's 1×1 head and halves of the image: a head that looks around is "
        "told where it is by the zeros at the borders, and 'the left one' is a matter of neighbours.",
    ]


def picture(answering: Answering, samples: Sequence[Expression]) -> np.ndarray:
    """Expressions, each with what the network finds."""
    told = [drawn(sample.image, answering.mask(sample.image, sample.text), sample.text) for sample in samples]
    wide, high = told[0].size
    sheet = np.full((2 * high, -(-len(told) // 2) * wide, 3), 255, np.uint8)
    for number, shown in enumerate(told):
        row, column = divmod(number, sheet.shape[1] // wide)
        sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = np.asarray(shown)
    return sheet[::2, ::2]
