"""Tell things apart one by one: Mask R-CNN with boxes, masks, names and scores.

`detect` tells what is in one image; `find_instances` does so for files, `teach` trains on digits or on a
set in COCO's format.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.instances.answer import detect as detect
    from pixelwise.systems.instances.answer import find_instances as find_instances
    from pixelwise.systems.instances.detector import Detector as Detector
    from pixelwise.systems.instances.detector import coco_detector as coco_detector
    from pixelwise.systems.instances.detector import open_detector as open_detector
    from pixelwise.systems.instances.found import Instances as Instances
    from pixelwise.systems.instances.found import semantic as semantic
    from pixelwise.systems.instances.picture import drawn as drawn
    from pixelwise.systems.instances.teaching import teach as teach

_HOMES = {
    "Detector": "detector",
    "Instances": "found",
    "coco_detector": "detector",
    "detect": "answer",
    "drawn": "picture",
    "find_instances": "answer",
    "open_detector": "detector",
    "semantic": "found",
    "teach": "teaching",
}


def instances(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """A small Mask R-CNN on digits that it has not seen, with masks of each class and with masks for all.

    Args:
        seeds: Of scenes and weights.
        quick: Half the steps, masks of each class only.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.instances.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
