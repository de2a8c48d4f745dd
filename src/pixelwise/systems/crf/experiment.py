"""What a CRF makes of blurred scores, and what each part of DeepLab is worth to a small net."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from jaxtyping import UInt8

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.engine.crf_search import Grid, Judged, Setting, refined, scores_with, search
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, paint
from pixelwise.systems.crf.blurred import blurred
from pixelwise.systems.crf.learning import asked, taught
from pixelwise.systems.crf.network import ASPP, ATROUS, STRIDED
from pixelwise.systems.crf.shapes import CLASSES, shapes

SETTINGS = {
    "scores alone": None,
    "CRF 4, 67/3": Setting(4.0, 67.0, 3 / 255, 3.0, 1.0, 10),
    "CRF 10, 80/13": Setting(10.0, 80.0, 13 / 255, 3.0, 3.0, 5),
    "spatial kernel alone": Setting(0.0, 80.0, 13 / 255, 3.0, 3.0, 10),
}
_NETS = {"strided": STRIDED, "atrous": ATROUS, "atrous, ASPP": ASPP}
_GRID = Grid((2.0, 4.0, 8.0), (8.0, 16.0, 32.0), (8 / 255, 16 / 255, 32 / 255))
_START = Setting(spatial_sd=1.0, exact_pixels=0)
_TOLERANCE = 1.0  # pixels between outlines that are one


@dataclass(frozen=True, slots=True)
class Size:
    """How much is drawn, learnt and tried."""

    blurred: int = 12
    train: int = 400
    val: int = 12
    test: int = 60
    steps: int = 400
    nets: tuple[str, ...] = ("strided", "atrous", "atrous, ASPP")
    grid: Grid = _GRID


_QUICK = Size(4, 300, 4, 24, 300, ("strided", "atrous, ASPP"), Grid((4.0,), (16.0,), (8 / 255, 16 / 255)))


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Both parts, and a picture of the second."""
    size = _QUICK if quick else Size()
    trials: list[Trial] = []
    shown: list[tuple[str, Judged]] = []
    for seed in seeds:
        tell(f"blurred scores, seed {seed}")
        trials += _on_blurred(seed, size)
        found, views = _on_shapes(seed, size, tell)
        trials += found
        shown = shown or views
    order = list(dict.fromkeys(trial.variant for trial in trials))
    trials.sort(key=lambda trial: order.index(trial.variant))
    notes = [
        "every pixel hears every other: exactly on the blurred scores, by the lattice on the shapes",
        "the CRF's parameters are searched on val scenes with the scores of the net with ASPP",
    ]
    if quick:
        notes.append(
            f"reduced: {size.steps} steps, {size.test} test scenes, {size.blurred} blurred ones, two nets"
        )
    title = "a CRF on blurred scores, and a small DeepLab with its parts and without"
    return Comparison("crf", title, trials, _margins(trials, quick), notes, {"crf.png": picture(shown)})


def _on_blurred(seed: int, size: Size) -> list[Trial]:
    scenes = blurred(seed, size.blurred)
    return [_trial(f"blurred: {name}", seed, scenes, setting) for name, setting in SETTINGS.items()]


def _on_shapes(seed: int, size: Size, tell: Tell) -> tuple[list[Trial], list[tuple[str, Judged]]]:
    """The nets alone, and the first and the last of them before the CRF; what each says of some scenes."""
    samples = [
        shapes(3 * seed + part, number) for part, number in enumerate((size.train, size.val, size.test))
    ]
    trials: list[Trial] = []
    views: dict[str, list[Judged]] = {}
    setting = _START
    for name in size.nets:
        tell(f"{name}, seed {seed}")
        began = monotonic()
        model = taught(_NETS[name], samples[0], seed, size.steps)
        views[name] = asked(model, samples[2])
        trials.append(_trial(f"shapes: {name}", seed, views[name], None, monotonic() - began))
        if _NETS[name] is ASPP:
            tell(f"search, seed {seed}")
            setting, _ = search(asked(model, samples[1]), grid=size.grid, start=_START)
    for name in ("strided", "atrous, ASPP"):
        tell(f"{name}, CRF, seed {seed}")
        trials.append(_trial(f"shapes: {name}, CRF", seed, views[name], setting))
    return trials, _shown(views, setting)


def _trial(
    variant: str, seed: int, judged: Sequence[Judged], setting: Setting | None, before: float = 0.0
) -> Trial:
    began = monotonic()
    scores = scores_with(judged, setting, tolerance=_TOLERANCE)
    told = {"mean_iou": scores.mean_iou, "boundary_f": scores.boundary_f}
    return Trial(variant, seed, told, before + monotonic() - began)


def _margins(trials: Sequence[Trial], quick: bool) -> list[Margin]:
    alone, spatial = "blurred: scores alone", "blurred: spatial kernel alone"
    ours = "our calibration"
    margins: list[Margin] = []
    for name in ("blurred: CRF 4, 67/3", "blurred: CRF 10, 80/13"):
        margins.append(margin(trials, name, alone, 0.08, source=ours))
        margins.append(margin(trials, name, alone, 0.15, score="boundary_f", source=ours))
    moved = margin(trials, spatial, alone, 0.0).differences
    words = "blurred: the spatial kernel alone changes mean IoU by less than 0.03"
    margins.append(Margin(words, 0.0, tuple(0.03 - abs(apart) for apart in moved), ours))
    whole = "shapes: atrous, ASPP, CRF"
    margins.append(margin(trials, whole, "shapes: strided", 0.1, source=ours))
    margins.append(margin(trials, whole, "shapes: atrous, ASPP", 0.03, source=ours))
    margins.append(margin(trials, whole, "shapes: atrous, ASPP", 0.1, score="boundary_f", source=ours))
    if not quick:
        holes, strides = "shapes: atrous", "shapes: strided"
        margins.append(margin(trials, holes, strides, 0.03, score="boundary_f", source=ours))
        margins.append(margin(trials, "shapes: atrous, ASPP", holes, 0.02, source=ours))
    return margins


def _shown(views: dict[str, list[Judged]], setting: Setting) -> list[tuple[str, Judged]]:
    """Two scenes, as each net sees them, and the last one after the CRF."""
    chosen: list[tuple[str, Judged]] = []
    for number in (0, 1):
        chosen += [(name, judged[number]) for name, judged in views.items()]
        last = chosen[-1][1]
        chosen.append(("and the CRF", Judged(last.image, refined(last, setting), last.labels)))
    return chosen


def picture(shown: Sequence[tuple[str, Judged]]) -> UInt8[np.ndarray, "h w 3"]:
    """Each scene, its classes, and what every variant says of it, in a row."""
    named: list[tuple[str, UInt8[np.ndarray, "h w 3"]]] = []
    for name, judged in shown:
        if name == "strided":
            named += [("scene", as_rgb(judged.image)), ("classes", paint(judged.labels, CLASSES))]
        named.append((name, paint(judged.probs.argmax(0), CLASSES)))
    large = [(name, np.repeat(np.repeat(rgb, 4, 0), 4, 1)) for name, rgb in named]
    return np.asarray(panels(large, columns=len(named) // 2))
