"""What a cut is worth beside the box that it began with."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from time import monotonic

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.comparison import Comparison, Margin, Tell, Trial, margin
from pixelwise.ops.components import components
from pixelwise.ops.distances import distance_to
from pixelwise.report.panels import panels
from pixelwise.report.pictures import overlay
from pixelwise.systems.grabcut.masks import grabcut_mask
from pixelwise.systems.grabcut.scenes import Mask, Thing, cars, drawn

CLASSES = Classes(("background", "object"))
VARIANTS = ("box", "cut", "cut, 1 stroke", "cut, 3 strokes")
_DRAWN, _CARS = 12, 4
_STROKES = 3  # that a person mends a mask with
_PANEL = 240  # pixels a side


def experiment(seeds: Sequence[int], *, quick: bool, tell: Tell) -> Comparison:
    """Drawn things, and the cars of CamVid where the folder that PIXELWISE_DATA names holds them."""
    root = Path(os.environ.get("PIXELWISE_DATA", "../shared/data")) / "camvid"
    some, few = (_DRAWN // 2, _CARS // 2) if quick else (_DRAWN, _CARS)
    trials: list[Trial] = []
    shown: list[tuple[Thing, list[Mask]]] = []
    for seed in seeds:
        things = {"drawn": drawn(seed, some), "cars": cars(root, seed, few) if root.is_dir() else []}
        for kind, each in things.items():
            tell(f"{kind}, seed {seed}")
            began = monotonic()
            masks = [cut_out(thing, seed) for thing in each]
            seconds = (monotonic() - began) / len(VARIANTS)
            trials += _trials(kind, seed, each, masks, seconds)
            shown += list(zip(each, masks, strict=True))[:2] if seed == seeds[0] else []
    order = list(dict.fromkeys(trial.variant for trial in trials))
    trials.sort(key=lambda trial: order.index(trial.variant))
    notes = ["strokes are drawn by a program that knows the truth, where the mask is most wrong"]
    if not root.is_dir():
        notes.append(f"no CamVid at {root}: cars are left out; PIXELWISE_DATA names the folder that holds it")
    title = "a filled box, what GrabCut cuts out of it, and the cut mended by strokes"
    pictures = {"grabcut.png": picture(shown)}
    return Comparison("grabcut", title, trials, _margins(trials), notes, pictures)


def cut_out(thing: Thing, seed: int) -> list[Mask]:
    """The mask of each variant: the filled box, the cut, and the cut after one stroke more each time."""
    found = grabcut_mask(thing.image, box=thing.box, seed=seed)
    marks = torch.full_like(found, IGNORE_INDEX, dtype=torch.long)
    masks = [filled(thing), found]
    for _ in range(_STROKES):
        wrong = (found != thing.mask) & thing.counted
        if wrong.any():
            marks = stroke(marks, wrong, thing.mask)
            found = grabcut_mask(thing.image, box=thing.box, marks=marks, seed=seed)
        masks.append(found)
    return [*masks[:3], masks[-1]]


def filled(thing: Thing) -> Mask:
    """Every pixel of the box."""
    top, left, bottom, right = thing.box
    mask = torch.zeros_like(thing.mask)
    mask[top:bottom, left:right] = True
    return mask


def stroke(marks: Int[Tensor, "h w"], wrong: Mask, truth: Mask) -> Int[Tensor, "h w"]:
    """The marks and a stroke more: the inner half of the largest wrong part, marked as what it is.

    Where the part is both object and not, the stroke is of the side of its innermost pixel.
    """
    parts = components(wrong)
    outside = parts != parts[wrong].bincount().argmax()
    depth = distance_to(F.pad(outside, (1, 1, 1, 1), value=True))[1:-1, 1:-1]
    side = truth.flatten()[depth.argmax()]
    return marks.masked_fill((depth > depth.max() / 2) & (truth == side), int(side))


def iou_of(found: Mask, thing: Thing) -> float:
    """Intersection over union with the object, where the class is known."""
    both, either = (found & thing.mask & thing.counted).sum(), ((found | thing.mask) & thing.counted).sum()
    return float(both / either)


def _trials(
    kind: str, seed: int, things: Sequence[Thing], masks: Sequence[Sequence[Mask]], seconds: float
) -> list[Trial]:
    if not things:
        return []
    ious = [[iou_of(mask, thing) for mask in each] for thing, each in zip(things, masks, strict=True)]
    return [
        Trial(f"{kind}: {variant}", seed, {"mean_iou": fmean(of), "worst_iou": min(of)}, seconds)
        for variant, *of in zip(VARIANTS, *ious, strict=True)
    ]


def _margins(trials: Sequence[Trial]) -> list[Margin]:
    ours = "our calibration"
    margins = [
        margin(trials, "drawn: cut", "drawn: box", 0.25, source=ours),
        margin(trials, "drawn: cut, 3 strokes", "drawn: cut", 0.0, source=ours),
        margin(trials, "drawn: cut, 3 strokes", None, 0.9, source=ours),
    ]
    if any(trial.variant == "cars: cut" for trial in trials):
        margins.append(margin(trials, "cars: cut, 3 strokes", "cars: box", 0.1, source=ours))
    return margins


def picture(shown: Sequence[tuple[Thing, Sequence[Mask]]]) -> UInt8[np.ndarray, "h w 3"]:
    """Each thing with its box, cut out, and mended."""
    named: list[tuple[str, UInt8[np.ndarray, "h w 3"]]] = []
    for thing, masks in shown:
        for number in (0, 1, 3):
            words = f"{VARIANTS[number]}: IoU {iou_of(masks[number], thing):.2f}"
            labels = _fitted(masks[number][None].float())[0].round().long()
            named.append((words, overlay(_fitted(thing.image), labels, CLASSES, 0.45)))
    return np.asarray(panels(named, columns=3))


def _fitted(image: Float[Tensor, "c h w"]) -> Float[Tensor, "c s s"]:
    """An image at the size of a panel, filled below or to the right: white, or no object."""
    scale = _PANEL / max(image.shape[1:])
    size = [round(scale * side) for side in image.shape[1:]]
    large = F.interpolate(image[None], size=size, mode="nearest")[0]
    below, right = (_PANEL - side for side in large.shape[1:])
    return F.pad(large, (0, right, 0, below), value=0.0 if image.shape[0] == 1 else 1.0)
