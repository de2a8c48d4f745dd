"""What links within a view and across views are worth, on a flat street and on a drawn one."""

from collections.abc import Sequence
from time import monotonic

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.report.panels import panels
from pixelwise.report.pictures import as_rgb, paint
from pixelwise.systems.multiview.cells import grid_cells, majority, means, touching
from pixelwise.systems.multiview.expansion import alpha_expansion
from pixelwise.systems.multiview.field import Field
from pixelwise.systems.multiview.icm import icm
from pixelwise.systems.multiview.labelling import label_views
from pixelwise.systems.multiview.links import Strength, disagreement, linked, tracks_of
from pixelwise.systems.multiview.street import FAR, Photograph, street
from pixelwise.systems.multiview.strip import CLASSES, Seen, noisy_costs, strip

_STRIP_TRACK = 2.0  # what a link across views weighs
_CELL = 4  # pixels a side
_STREET_TRACK = 1 / _CELL**2  # so that two cells that show the same weigh one
_SURENESS = 1.3  # score of the true class: about 65 % right
_PATCHES = 0.5  # share of the noise's variance
_POINTS = 300  # labelled, of one photograph
_VARIANTS = {"alone": (0, 0), "within": (1, 0), "across": (0, 1), "both": (1, 1)}


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Both worlds, and the labelling of four photographs by points of a fifth."""
    trials: list[Trial] = []
    for seed in seeds:
        tell(f"strip, seed {seed}")
        trials += _trials("strip", seed, strip(seed), _STRIP_TRACK)
        tell(f"street, seed {seed}")
        photographs = street(seed)
        trials += _trials("street", seed, seen_of(photographs, seed), _STREET_TRACK)
        trials.append(_labelled(photographs, seed))
    order = list(dict.fromkeys(trial.variant for trial in trials))
    trials.sort(key=lambda trial: order.index(trial.variant))
    notes = [
        "scores are drawn, not learnt; what is compared is what is made of them",
        "cameras and depth are exact; real ones are estimated from the photographs",
        *(["nothing is reduced but the number of seeds"] if quick else []),
    ]
    pictures = {"multiview.png": picture(seeds[0])}
    title = "noisy scores alone, smoothed within views, linked across views, and both"
    return Comparison("multiview", title, trials, _margins(trials), notes, pictures)


def seen_of(photographs: Sequence[Photograph], seed: int) -> Seen:
    """Cells of 4×4 pixels, with noisy scores drawn for each; what is solid makes a track for each pixel."""
    cells, labels, colours, neighbours = list[Tensor](), list[Tensor](), list[Tensor](), list[Tensor]()
    for number, photograph in enumerate(photographs):
        own = _grid(photograph)
        each = int(own.max()) + 1
        labels.append(majority(photograph.labels, own, len(CLASSES)))
        colours.append(means(photograph.view.image.flatten(1).T, own.flatten(), each))
        neighbours.append(touching(own) + number * each)
        cells.append(own.flatten() + number * each)
    tracks: list[Tensor] = []
    for number, photograph in enumerate(photographs):
        depth = photograph.view.depth
        if depth is None:
            continue
        points, solid = photograph.view.camera.lift(depth), depth.flatten() < FAR
        for other, into in zip(photographs[number + 1 :], cells[number + 1 :], strict=True):
            pixels, there = other.view.camera.pixels(points, other.view.depth)
            tracks.append(tracks_of([cells[number], into[pixels]], [solid, there]))
    true = torch.cat(labels)
    costs = noisy_costs(true, _SURENESS, _patchy(photographs, seed))
    return Seen(true, costs, torch.cat(colours), torch.cat(neighbours), torch.cat(tracks))


def _grid(photograph: Photograph) -> Int[Tensor, "h w"]:
    return grid_cells(photograph.view.camera.rows, photograph.view.camera.columns, _CELL)


def _patchy(photographs: Sequence[Photograph], seed: int) -> Float[Tensor, "n k"]:
    """Noise of deviation one, drawn anew for each view; half of its variance is shared by near cells.

    A classifier errs in patches. Noise that is new in every cell would be smoothed away within one view.
    """
    rows, columns = (side // _CELL for side in photographs[0].labels.shape)
    chance = torch.Generator().manual_seed(seed + 10_000)
    shape = (len(photographs), len(CLASSES), rows, columns)
    grain = torch.randn(*shape, generator=chance)
    patches = F.avg_pool2d(torch.randn(*shape[:2], rows + 2, columns + 2, generator=chance), 3, 1)
    noise = ((1 - _PATCHES) ** 0.5) * grain + _PATCHES**0.5 * patches / patches.std()
    return noise.permute(0, 2, 3, 1).flatten(0, 2)


def _trials(world: str, seed: int, seen: Seen, track: float) -> list[Trial]:
    """Every kind of link by alpha expansion, and all links by ICM."""
    trials: list[Trial] = []
    for name, (within, across) in _VARIANTS.items():
        field = _field(seen, Strength(within, track * across))
        solvers = {name: alpha_expansion} | ({f"{name}, ICM": icm} if name == "both" else {})
        for variant, solve in solvers.items():
            began = monotonic()
            labels = solve(field).labels
            scores = {
                "accuracy": float((labels == seen.labels).double().mean()),
                "disagreement": disagreement(labels, seen.tracks),
            }
            if name == "both":
                scores["energy"] = field.energy(labels)
            trials.append(Trial(f"{world}: {variant}", seed, scores, monotonic() - began))
    return trials


def _field(seen: Seen, strength: Strength) -> Field:
    return linked(seen.costs, seen.colours, seen.neighbours, seen.tracks, strength)


def _labelled(photographs: Sequence[Photograph], seed: int) -> Trial:
    """Points of the middle photograph labelled; how right the others are where it sees what they do."""
    began = monotonic()
    found = _carried(photographs, seed)
    middle = photographs[len(photographs) // 2]
    right: list[Tensor] = []
    for labels, photograph in zip(found, photographs, strict=True):
        if photograph is not middle:
            there = _shared(photograph, middle)
            right.append((labels == photograph.labels).flatten()[there])
    scores = {"accuracy": float(torch.cat(right).double().mean())}
    return Trial("street: one view labelled", seed, scores, monotonic() - began)


def _carried(photographs: Sequence[Photograph], seed: int) -> list[Int[Tensor, "h w"]]:
    """Classes of all photographs, told by some pixels of the middle one."""
    middle = photographs[len(photographs) // 2]
    depth = middle.view.depth
    chosen = torch.randperm(middle.labels.numel(), generator=torch.Generator().manual_seed(seed))[:_POINTS]
    points = middle.view.camera.lift(torch.full_like(middle.labels, 1.0) if depth is None else depth)
    views = [photograph.view for photograph in photographs]
    return label_views(views, points[chosen], middle.labels.flatten()[chosen], len(CLASSES), side=4)


def _shared(photograph: Photograph, middle: Photograph) -> Tensor:
    """The pixels of a photograph that show what the middle one shows too."""
    depth = photograph.view.depth
    if depth is None:
        return torch.zeros(photograph.labels.numel(), dtype=torch.bool)
    return middle.view.camera.pixels(photograph.view.camera.lift(depth), middle.view.depth)[1]


def _margins(trials: Sequence[Trial]) -> list[Margin]:
    ours, proposed = "our calibration", "our proposal"
    return [
        margin(trials, "strip: both", "strip: within", 0.04, score="accuracy", source=ours),
        _fallen(trials, "strip", 0.25, ours),
        _energy(trials, "strip", ours),
        margin(trials, "street: within", "street: alone", 0.05, score="accuracy", source=proposed),
        margin(trials, "street: both", "street: within", 0.05, score="accuracy", source=proposed),
        _fallen(trials, "street", 0.5, proposed),
        _energy(trials, "street", proposed),
        margin(trials, "street: one view labelled", None, 0.9, score="accuracy", source=proposed),
    ]


def _fallen(trials: Sequence[Trial], world: str, share: float, source: str) -> Margin:
    """Links across views leave at most a share of the disagreement between views."""
    within, both = (_each(trials, f"{world}: {variant}", "disagreement") for variant in ("within", "both"))
    words = f"{world}: links across views take {1 - share:.0%} of the views' disagreement, or more"
    apart = tuple(1 - left / before for left, before in zip(both, within, strict=True))
    return Margin(words, 1 - share, apart, source)


def _energy(trials: Sequence[Trial], world: str, source: str) -> Margin:
    found, other = (_each(trials, f"{world}: {variant}", "energy") for variant in ("both", "both, ICM"))
    apart = tuple(more - less for less, more in zip(found, other, strict=True))
    return Margin(f"{world}: alpha expansion's energy is not above ICM's", 0.0, apart, source)


def _each(trials: Sequence[Trial], variant: str, score: str) -> list[float]:
    return [trial.scores[score] for trial in trials if trial.variant == variant]


def picture(seed: int) -> UInt8[np.ndarray, "h w 3"]:
    """A photograph of the street, its classes, and what each kind of link makes of the scores."""
    photographs = street(seed)
    seen = seen_of(photographs, seed)
    last = photographs[-1]
    each = len(seen.labels) // len(photographs)
    cells = _grid(last) + each * (len(photographs) - 1)
    named = [("the fifth view", as_rgb(last.view.image)), ("its classes", paint(last.labels, CLASSES))]
    shown = {"alone": "noisy scores", "within": "linked within views", "both": "across views too"}
    for variant, words in shown.items():
        within, across = _VARIANTS[variant]
        labels = alpha_expansion(_field(seen, Strength(within, _STREET_TRACK * across))).labels
        right = float((labels == seen.labels)[cells.unique()].double().mean())
        named.append((f"{words}: {right:.0%} of cells right", paint(labels[cells], CLASSES)))
    carried = _carried(photographs, seed)[-1]
    named.append((f"{_POINTS} points of the third view, carried over", paint(carried, CLASSES)))
    return np.asarray(panels(named, columns=3))
