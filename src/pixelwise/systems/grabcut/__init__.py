"""Cut one object out by hand: a box or a few strokes in, a mask out, with nothing learnt before.

`grabcut_mask` is what the labelling page calls; the experiment shows what it is worth.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pixelwise.core.comparison import Comparison, Tell

if TYPE_CHECKING:
    from pixelwise.systems.grabcut.masks import Box as Box
    from pixelwise.systems.grabcut.masks import grabcut_mask as grabcut_mask


def grabcut(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """A filled box against what is cut out of it, and against the cut mended by strokes.

    Args:
        seeds: Of the scenes, and of the cutting.
        quick: Fewer scenes.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.grabcut.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)


def __getattr__(name: str) -> Any:
    if name not in {"Box", "grabcut_mask"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pixelwise.systems.grabcut import masks

    return getattr(masks, name)
