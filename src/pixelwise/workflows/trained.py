"""A model that has learnt, opened and ready to use."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import pixelwise
from pixelwise.core.classes import Classes
from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.core.place import Place
from pixelwise.engine.checkpoint import Checkpoint, load
from pixelwise.engine.precision import Precision, choose_device, choose_precision
from pixelwise.engine.predict import OVERLAP, TILE, AtSize, Tile, predict_labels, predict_logits
from pixelwise.engine.state import restore_model
from pixelwise.export.contract import Contract
from pixelwise.export.exported import is_exported, open_exported
from pixelwise.recipe.build import build_model, checked
from pixelwise.recipe.recipe import Recipe
from pixelwise.workflows._contracts import contract_of
from pixelwise.workflows._departures import departures
from pixelwise.workflows._runs import weights_file


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that has learnt, with all that is needed to use it.

    Attributes:
        model: On its device, in evaluation mode; images as they are read in, scores at their size out.
        contract: What it takes and gives, and where it comes from.
        recipe: What it was trained by.
        origin: Where its weights come from, in words.
        device: Where it is.
        dtype: What convolutions compute in.
        tile: Rows and columns above which an image is seen through windows.
    """

    model: nn.Module
    contract: Contract
    recipe: Recipe
    origin: str
    device: torch.device
    dtype: torch.dtype | None
    tile: Tile

    @property
    def classes(self) -> Classes:
        """What the scores mean."""
        return self.contract.classes

    @property
    def bands(self) -> int:
        """Bands of the images it takes."""
        return len(self.contract.bands)

    def scores(self, images: Tensor) -> Tensor:
        """Scores before softmax `[b k h w]` of images `[b c h w]` that fit through the model at once."""
        return predict_logits(self.model, images, self.device, self.dtype)

    def label(self, image: Tensor) -> Tensor:
        """Labels `[h w]` of an image `[c h w]` of any size, or planes of 0 and 1 if classes may overlap."""
        return predict_labels(
            self.model,
            image,
            device=self.device,
            dtype=self.dtype,
            exclusive=self.classes.exclusive,
            tile=self.tile,
            overlap=OVERLAP,
        )

    def departures(self, image: Tensor, place: Place | None = None) -> list[str]:
        """How an image `[c h w]` with the right number of bands differs from those learnt from, in words."""
        return departures(self.contract, image, place)

    def check_bands(self, bands: int, name: str = "the images") -> None:
        """Refuse images with other bands than those learnt from.

        Raises:
            DataError: If the number differs.
        """
        if bands != self.bands:
            raise DataError(
                f"{name}: {bands} bands, and the run was trained on images with {self.bands}. Give images "
                f"with {self.bands} bands, in the same order."
            )


def load_trained(
    path: Path | str, *, device: torch.device | None = None, precision: Precision | None = None
) -> Trained:
    """The best model of a run folder, of a checkpoint or bundle, or of an exported file, ready to predict.

    Args:
        path: A run folder, one of its safetensors files, a bundle, or a file that `export` wrote.
        device: Where to put it; None chooses.
        precision: What to compute in; None takes what the recipe says.

    Raises:
        CheckpointError: If there is no run, or its weights cannot be trusted.
    """
    path = Path(path)
    if path.is_file() and is_exported(path):
        return _from_export(path)
    file = weights_file(path)
    checkpoint = load(file)
    recipe = recipe_of(checkpoint, path)
    facts = checkpoint.facts
    contract = contract_of(facts, recipe, file.parent)
    model = build_model(
        recipe, facts["bands"], len(contract.classes), facts["mean"], facts["std"], restored=True
    )
    restore_model(model, checkpoint.part("model/"))
    place = device or choose_device()[0]
    dtype, _ = choose_precision(place, precision or recipe.train.precision)
    model = usable(model, recipe).to(place, memory_format=torch.channels_last).eval()  # pyright: ignore[reportCallIssue]
    return Trained(
        model, contract, recipe, origin_of(facts["step"], facts["version"]), place, dtype, tile_of(recipe)
    )


def _from_export(path: Path) -> Trained:
    model, contract = open_exported(path)
    recipe = checked(dict(contract.recipe), f"the recipe of {path}")
    form = contract.form
    tile: Tile = TILE if form is None or form.size is None else form.size
    if contract.resize is not None:
        tile = 2**31
    bits = "" if form is None else f" ({form.bits})"
    origin = f"{path.name}{bits}, exported by pixelwise {contract.version}"
    return Trained(usable(model, recipe), contract, recipe, origin, torch.device("cpu"), None, tile)


def origin_of(step: int, version: str = pixelwise.__version__) -> str:
    """Where weights come from, in words."""
    return f"step {step}, written by pixelwise {version}"


def usable(model: nn.Module, recipe: Recipe) -> nn.Module:
    """The model for images as they are read, of any size."""
    return model if recipe.data.resize is None else AtSize(model, recipe.data.resize)


def tile_of(recipe: Recipe) -> int:
    """Above which size an image is seen through windows; a resized one never is."""
    return 2**31 if recipe.data.resize is not None else TILE


def recipe_of(checkpoint: Checkpoint, path: Path) -> Recipe:
    """The recipe that a checkpoint carries.

    Raises:
        CheckpointError: If this version cannot read it.
    """
    try:
        return checked(checkpoint.facts["recipe"], "the run's recipe")
    except RecipeError as error:
        raise CheckpointError(
            f"{path} is a run of pixelwise {checkpoint.facts.get('version')}, and this is "
            f"{pixelwise.__version__}, which cannot read its recipe. Use that version. {error}"
        ) from None
