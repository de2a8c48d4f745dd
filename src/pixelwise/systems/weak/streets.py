"""Real frames: CamVid with its masks reduced to boxes and to image labels."""

import time
from functools import partial
from pathlib import Path

from torch import Generator, Tensor

from pixelwise.core.comparison import Comparison, Tell, Trial
from pixelwise.core.sample import Sample
from pixelwise.engine.budget import Seconds
from pixelwise.ops.possible import anywhere
from pixelwise.systems.weak.boxes import Box, boxes_of, inside, outside_of, rectangles
from pixelwise.systems.weak.expectation import adapted, fixed
from pixelwise.systems.weak.objectives import best_pixels, maximising, set_likelihood
from pixelwise.systems.weak.variants import Variant, labels_of, size_of
from pixelwise.workflows.streets import open_streets
from pixelwise.workflows.teach import MASKS

_LEAST = 12  # pixels of a part that gets a box
_NOTES = (
    "nothing here is pretrained, and frames are 120x160: the numbers are far below those of CamVid's tables.",
    "CamVid has no background: a box may hold a whole road, and a pixel in no box does not count.",
    "most frames show the same classes, so image labels tell next to nothing here.",
)


def compare(folder: Path, *, seconds: float, tell: Tell) -> Comparison:
    """Train each variant for so many seconds, and judge it on the test frames."""
    streets = open_streets(folder)
    test, trials = streets.store("test"), list[Trial]()
    for name, variant in _variants(len(streets.reader.classes)).items():
        tell(f"{name}: reading")
        store = streets.store("train", variant.told)
        tell(f"{name}: {seconds:.0f} s")
        began = time.monotonic()
        model = streets.learned(store, variant.loss, Seconds(seconds), seed=0)
        found = streets.score(model, test)
        trials.append(Trial(name, 0, {"mean_iou": found}, time.monotonic() - began))
    title = "CamVid, mean IoU on the test frames: masks, boxes and image labels"
    return Comparison("weak", title, trials, (), _NOTES)


def _variants(k: int) -> dict[str, Variant]:
    def boxes(sample: Sample) -> list[Box]:
        return boxes_of(labels_of(sample), k, first=0, least=_LEAST)

    def in_boxes(sample: Sample) -> Tensor:
        return inside(boxes(sample), k, size_of(sample), background=False)

    def painted(sample: Sample) -> Tensor:
        return rectangles(boxes(sample), size_of(sample), outside=outside_of(background=False))

    def image(sample: Sample) -> Tensor:
        return anywhere(labels_of(sample), k)

    even = partial(fixed, background=0.0, foreground=0.0, confined=True)
    share = partial(adapted, rng=Generator().manual_seed(0), background=0.05, foreground=0.05)
    return {
        "masks": Variant(labels_of, MASKS),
        "Bbox-Rect": Variant(painted, MASKS),
        "Bbox-EM": Variant(in_boxes, maximising(even)),
        "Bbox, set likelihood": Variant(in_boxes, set_likelihood),
        "EM-Adapt": Variant(image, maximising(share)),
        "best pixels (MIL)": Variant(image, best_pixels),
    }
