"""What models there are, how large they are, and what can be set."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter, getdoc, signature
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pixelwise.core.errors import MissingExtraError
from pixelwise.models._licences import licence_of
from pixelwise.recipe.build import MODELS
from pixelwise.workflows._talk import Talk
from pixelwise.workflows._words import arguments_of, words_of

SIDE = 512  # rows and columns of the image on which operations are counted
BANDS = 3
CLASSES = 19

_PROBES = [1, *(2**power + 1 for power in range(9))]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a model is as it stands in the catalog, for three bands and nineteen classes.

    Attributes:
        parameters: How many numbers are learnt.
        gflop: Billions of operations for an image of 512×512, an addition and a multiplication each being
            one; those of convolutions and products of matrices.
        stride: Images are padded to multiples of it.
    """

    parameters: int
    gflop: float
    stride: int


@dataclass(frozen=True, slots=True)
class Option:
    """What can be set of a model.

    Attributes:
        name: Its key in a recipe.
        kind: What it may be, in words.
        default: What it is when left out; None with `required`.
        required: Whether it cannot be left out.
        about: What the docstring says of it.
    """

    name: str
    kind: str
    default: Any
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the catalog.

    Attributes:
        name: Its name in a recipe.
        about: One sentence.
        size: None where a library is missing.
        needs: The extra of this package to install, if a library is missing.
        licence: That of the weights its defaults could download; None where there are none.
        options: What can be set.
        text: The whole docstring.
    """

    name: str
    about: str
    size: Size | None
    needs: str | None
    licence: str | None
    options: tuple[Option, ...]
    text: str


def models(names: Sequence[str] = (), *, quiet: bool = False) -> list[Model]:
    """The models of these names, or all, in the order of their names; nothing is computed but shapes.

    Raises:
        UnknownNameError: If there is none of a name.
    """
    talk = Talk(quiet=quiet)
    asked = [*names] or MODELS.names()
    found: list[Model] = []
    with talk.progress("Measuring models", len(asked)) as advance:
        for name in asked:
            found.append(_model(name))
            advance(1)
    return found


def _model(name: str) -> Model:
    builder = MODELS[name]
    text = getdoc(builder) or ""
    options = _options(builder, text)
    size, needs, licence = None, None, None
    try:
        size = _size(builder)
        licence = licence_of(name, {})
    except MissingExtraError as error:
        needs = error.extra
    return Model(name, text.partition("\n")[0], size, needs, licence, options, text)


def _options(builder: Callable[..., Any], text: str) -> tuple[Option, ...]:
    told = arguments_of(text)
    return tuple(
        Option(
            key,
            words_of(parameter.annotation),
            None if parameter.default is Parameter.empty else parameter.default,
            parameter.default is Parameter.empty,
            told.get(key, ""),
        )
        for key, parameter in signature(builder).parameters.items()
        if parameter.kind is Parameter.KEYWORD_ONLY
    )


def _size(builder: Callable[..., nn.Module]) -> Size:
    with torch.device("meta"), torch.no_grad():
        network = builder(BANDS, CLASSES).eval()
        with FlopCounterMode(display=False) as counter:
            network(torch.empty(1, BANDS, SIDE, SIDE))
        parameters = sum(weights.numel() for weights in network.parameters())
        return Size(parameters, counter.get_total_flops() / 1e9, _stride(network))


def _stride(network: nn.Module) -> int:
    """What the sizes differ by that reach the first layer when images grow one by one."""
    sizes = [_size_inside(network, side) for side in _PROBES]
    return math.gcd(*(size - sizes[0] for size in sizes[1:]))


def _size_inside(network: nn.Module, side: int) -> int:
    """Columns of what the first layer is given for a square image."""

    def stop(_: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        raise _Reached(given[0].shape[-1])

    leaves = [layer for layer in network.modules() if not list(layer.children())]
    hooks = [leaf.register_forward_pre_hook(stop) for leaf in leaves]
    try:
        network(torch.empty(1, BANDS, side, side))
    except _Reached as reached:
        return reached.size
    finally:
        for hook in hooks:
            hook.remove()
    return side


class _Reached(Exception):
    """The first layer was called; nothing behind it matters."""

    def __init__(self, size: int) -> None:
        self.size = size
