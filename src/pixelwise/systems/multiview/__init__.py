"""Label a street once: several photographs made to agree, pixel with neighbour and view with view.

`label_views` carries the classes of a few points in space into every photograph that sees them; `label_files`
does so for files. The experiment shows what the links within and across views are worth.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.multiview.cameras import Camera as Camera
    from pixelwise.systems.multiview.files import label_files as label_files
    from pixelwise.systems.multiview.labelling import View as View
    from pixelwise.systems.multiview.labelling import label_views as label_views

_HOMES = {"Camera": "cameras", "View": "labelling", "label_files": "files", "label_views": "labelling"}


def multiview(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """Classes of noisy scores alone, smoothed within each view, linked across views, and both.

    Args:
        seeds: Of the worlds, one each.
        quick: The same margins; nothing here takes long.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.multiview.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
