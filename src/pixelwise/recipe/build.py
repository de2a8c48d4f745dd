"""From names in the recipe to objects. The recipe goes no further down than here."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import Generator, Tensor, nn

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import RecipeError, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.reader import Reader
from pixelwise.models._standardise import standardised
from pixelwise.recipe.plain import with_settings
from pixelwise.recipe.recipe import LENGTHS, Choice, Recipe, Term, faults_of

READERS = Catalog("pixelwise.data.readers", "reader")
AUGMENTATIONS = Catalog("pixelwise.data.augmentations", "augmentation")
MODELS = Catalog("pixelwise.models", "model")
LOSSES = Catalog("pixelwise.losses", "loss")

Augment = Callable[[Sample, Generator], Sample]

_SHAPED_BY_WEIGHTS = {"transformers"}  # their weights come with the description of the network


def make_reader(choice: Choice) -> Reader:
    """The reader of this name, its files found and checked.

    Raises:
        RecipeError: If there is none of this name, or a parameter is wrong.
        DataError: If the files are not as the reader needs them.
    """
    params = choice.params
    root = params.pop("root", None)
    return _configured(READERS, choice, params)(None if root is None else Path(root))


def build_augmentations(recipe: Recipe) -> tuple[Augment, ...]:
    """The random changes of the training images; the crop first, so that the others have less to do."""
    chosen = list(recipe.data.augmentations)
    if recipe.data.crop is not None:
        window = {"name": "crop", "size": recipe.data.crop, "zoom": recipe.data.zoom}
        chosen.insert(0, Choice.model_validate(window))
    return tuple(_configured(AUGMENTATIONS, choice, choice.params) for choice in chosen)


def build_model(
    recipe: Recipe,
    in_channels: int,
    num_classes: int,
    mean: Sequence[float],
    std: Sequence[float],
    *,
    restored: bool = False,
) -> nn.Module:
    """The model of the recipe, for data with these bands, classes, and per-band mean and spread.

    With `restored`, weights from elsewhere are not fetched again: those of a checkpoint come over them.
    """
    params = recipe.model.params
    if restored and recipe.model.name not in _SHAPED_BY_WEIGHTS:
        params.pop("weights", None)
    model = _configured(MODELS, recipe.model, params)(in_channels, num_classes)
    return standardised(model, mean, std)


def build_loss(recipe: Recipe) -> Callable[[Tensor, Tensor], Tensor]:
    """The weighted sum of the recipe's losses."""
    terms = [(term.weight, _configured(LOSSES, term, term.params)) for term in recipe.loss]
    if len(terms) == 1 and terms[0][0] == 1.0:
        return terms[0][1]
    return partial(_weighted_sum, terms)


def _weighted_sum(terms: list[tuple[float, Callable[..., Tensor]]], logits: Tensor, labels: Tensor) -> Tensor:
    parts = [weight * loss(logits, labels) for weight, loss in terms]
    return sum(parts[1:], start=parts[0])


def asked(plain: Any, settings: Sequence[str], origin: str) -> Recipe:
    """A recipe out of plain values and settings such as `train.lr=0.001`, all checked.

    A length of training that is set takes the place of the one in the plain values.

    Raises:
        RecipeError: If it does not describe a run that can be built; the message lists every fault.
    """
    set_lengths = {
        length for length in LENGTHS for setting in settings if setting.startswith(f"train.{length}=")
    }
    if set_lengths and isinstance(plain, dict) and isinstance(plain.get("train"), dict):
        options = {key: value for key, value in plain["train"].items() if key not in LENGTHS}
        plain = {**plain, "train": options}
    return checked(with_settings(plain, settings), origin)


def checked(plain: Any, origin: str) -> Recipe:
    """A recipe out of plain values, every name and parameter checked; nothing is built or read.

    Args:
        plain: What a YAML file holds.
        origin: Where it is from, for the message.

    Raises:
        RecipeError: If it does not describe a run that can be built; the message lists every fault.
    """
    faults = faults_of(plain)
    for where, catalog, choice in _choices(plain):
        params = {key: value for key, value in choice.items() if key not in {"name", "weight", "root"}}
        try:
            catalog.configure(str(choice["name"]), params)
        except RecipeError as error:
            faults.append(f"{where}: {error}")
    raise_faults(RecipeError, f"{origin} is not a recipe that can run:", faults)
    return Recipe.model_validate(plain)


def _choices(plain: Any) -> Iterator[tuple[str, Catalog, dict[str, Any]]]:
    """Where the recipe names something, the catalog it is in, and what is said of it."""
    data = plain.get("data") if isinstance(plain, dict) else None
    data = data if isinstance(data, dict) else {}
    named: list[tuple[str, Catalog, Any]] = [("data.reader", READERS, data.get("reader"))]
    for number, choice in enumerate(data.get("augmentations") or ()):
        named.append((f"data.augmentations.{number}", AUGMENTATIONS, choice))
    if isinstance(plain, dict):
        named.append(("model", MODELS, plain.get("model")))
        for number, term in enumerate(plain.get("loss") or ()):
            named.append((f"loss.{number}", LOSSES, term))
    for where, catalog, choice in named:
        if isinstance(choice, dict) and "name" in choice:
            yield where, catalog, choice


def _configured(catalog: Catalog, choice: Choice | Term, params: dict[str, Any]) -> Callable[..., Any]:
    return catalog.configure(choice.name, params)
