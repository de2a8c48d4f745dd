"""Label a room from colours and depth, and make its views agree: FuseNet, warped by pose into keyframes.

`taught` trains a network by single views or by keyframes, `label_keyframe` fuses what it says of several
views.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.rgbd.judging import label_keyframe as label_keyframe
    from pixelwise.systems.rgbd.learning import taught as taught
    from pixelwise.systems.rgbd.preview import read_preview as read_preview
    from pixelwise.systems.rgbd.scenes import View as View

_HOMES = {"View": "scenes", "label_keyframe": "judging", "read_preview": "preview", "taught": "learning"}


def rgbd(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """What depth, fused views and several scales are worth on drawn rooms.

    Args:
        seeds: Of rooms and weights.
        quick: Half the steps, and no network that learns from several views.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.rgbd.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
