"""pixelwise: semantic segmentation, from labelled images to a trained, evaluated and applied model.

    import pixelwise as pw

    run = pw.train("digits", budget="30s")
    print(run.report.scores["mean_iou"])
    pw.predict(run.folder, ["photo.png"], out="predictions")

Nothing heavy is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixelwise.core.classes import Classes as Classes
    from pixelwise.core.errors import PixelwiseError as PixelwiseError
    from pixelwise.core.sample import Batch as Batch
    from pixelwise.core.sample import Sample as Sample
    from pixelwise.core.scores import Report as Report
    from pixelwise.recipe.recipe import Recipe as Recipe
    from pixelwise.workflows.check import check as check
    from pixelwise.workflows.demo import demo as demo
    from pixelwise.workflows.evaluate import evaluate as evaluate
    from pixelwise.workflows.predict import predict as predict
    from pixelwise.workflows.train import Run as Run
    from pixelwise.workflows.train import resume as resume
    from pixelwise.workflows.train import train as train
    from pixelwise.workflows.trained import Trained as Trained
    from pixelwise.workflows.trained import load_trained as load_trained

__version__ = "0.1.0"

_HOMES = {
    "Batch": "core.sample",
    "Classes": "core.classes",
    "PixelwiseError": "core.errors",
    "Recipe": "recipe.recipe",
    "Report": "core.scores",
    "Run": "workflows.train",
    "Sample": "core.sample",
    "check": "workflows.check",
    "demo": "workflows.demo",
    "evaluate": "workflows.evaluate",
    "predict": "workflows.predict",
    "resume": "workflows.train",
    "Trained": "workflows.trained",
    "load_trained": "workflows.trained",
    "train": "workflows.train",
}
__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll] one list, not two


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pixelwise' has no attribute {name!r}")
    return getattr(import_module(f"pixelwise.{_HOMES[name]}"), name)
