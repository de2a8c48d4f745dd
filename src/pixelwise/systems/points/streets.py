"""Real frames: CamVid with one to five clicks per class and frame, and what that costs to make."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from zlib import crc32

from torch import Generator, Tensor

from pixelwise.core.comparison import Comparison, Tell, Trial
from pixelwise.core.sample import Sample
from pixelwise.data.loader import mixed
from pixelwise.engine.budget import Seconds
from pixelwise.systems.points.marks import clicks, labels_in, outline_seconds, seconds_of, told
from pixelwise.systems.points.objective import Terms, supervised
from pixelwise.workflows.streets import open_streets
from pixelwise.workflows.teach import MASKS

_CLICKS = (1, 2, 3, 5)
_NOTES = (
    "nothing here is pretrained, and frames are 120x160: the numbers are far below those of CamVid's tables.",
    "no objectness: CamVid has no background, so everything is a thing.",
    "seconds are the paper's for PASCAL (1 a class that is absent, 2.4 for a first click, 0.9 for a further "
    "one, 79 an outline), counted on CamVid's masks at the reduced size; nobody was timed.",
)


def compare(folder: Path, *, seconds: float, tell: Tell, numbers: Sequence[int] = _CLICKS) -> Comparison:
    """Train with masks and with clicks for so many seconds each, and judge on the test frames.

    Args:
        folder: Of CamVid.
        seconds: To train each variant.
        tell: Told what goes on.
        numbers: Clicks per class and frame.
    """
    streets = open_streets(folder)
    k = len(streets.reader.classes)
    tell("masks: reading")
    test, full = streets.store("test"), streets.store("train")
    labels = [labels_in(full[number]) for number in range(len(full))]
    tell(f"masks: {seconds:.0f} s")
    began = time.monotonic()
    most = streets.score(streets.learned(full, MASKS, Seconds(seconds), seed=0), test)
    scores = {"mean_iou": most, "share": 1.0, "annotation_s": outline_seconds(labels, k)}
    trials = [Trial("masks", 0, scores, time.monotonic() - began)]
    loss = supervised(Terms(objectness=False))
    for number in numbers:
        name = f"clicks, {number} per class"
        tell(f"{name}: {seconds:.0f} s")
        began = time.monotonic()
        store = streets.store("train", partial(_clicked, k=k, number=number))
        found = streets.score(streets.learned(store, loss, Seconds(seconds), seed=0), test)
        costs = seconds_of(labels, k, number=number)
        scores = {"mean_iou": found, "share": found / most, "annotation_s": costs}
        trials.append(Trial(name, 0, scores, time.monotonic() - began))
    title = "CamVid, mean IoU on the test frames: masks, and clicks on each class of a frame"
    return Comparison("points", title, trials, (), _NOTES)


def _clicked(sample: Sample, *, k: int, number: int) -> Tensor:
    """What is told of a frame: its classes, and some pixels of each, chosen by the frame's name alone."""
    labels = labels_in(sample)
    rng = Generator().manual_seed(mixed(0, crc32(sample.name.encode()), 4))
    return told(labels, k, clicks(labels, rng, number=number, first=0))
