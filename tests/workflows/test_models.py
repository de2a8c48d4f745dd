"""What is told of models: counted by hand where a hand can, by the models' own promises elsewhere."""

from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
import torch
from annotated_types import Ge, Len, Lt
from torch import nn

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import UnknownNameError
from pixelwise.ops.sizes import crop_to, pad_to_stride
from pixelwise.workflows import models as subject
from pixelwise.workflows._words import arguments_of, words_of
from pixelwise.workflows.models import models


class Padded(nn.Module):
    """One convolution after the image is padded to a multiple of four, and by one all around."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(in_channels, num_classes, 3)

    def forward(self, images):
        framed = nn.functional.pad(pad_to_stride(images, 4), (1, 1, 1, 1))
        return crop_to(self.layer(framed), images)


def test_a_convolution_is_counted_as_by_hand() -> None:
    size = subject._size(Padded)
    assert size.parameters == 3 * 3 * 3 * 19 + 19
    assert size.gflop == pytest.approx(2 * 27 * 19 * 512 * 512 / 1e9)  # a multiplication and an addition each
    assert size.stride == 4


def test_every_model_is_listed_with_its_size() -> None:
    found = models(["stack", "encoder_decoder", "unet", "pidnet"], quiet=True)
    assert [(model.name, model.size.parameters, model.size.stride) for model in found] == [
        ("stack", 77_203, 1),  # 74,595 with one band and three classes; 144 more a band, 145 a class
        ("encoder_decoder", 77_203, 4),  # as many as the stack: the tutorial's point
        ("unet", 34_551_443, 16),  # 34,550,273 at one class; 65 more for each other
        ("pidnet", 7_624_115, 64),
    ]
    assert found[1].size.gflop < found[0].size.gflop
    assert found[3].about.startswith("Details (P) and context (I)")


def test_options_are_told_with_their_defaults_and_their_docs() -> None:
    (model,) = models(["pidnet"], quiet=True)
    width = next(option for option in model.options if option.name == "width")
    assert (width.kind, width.default, width.required) == ("whole number, at least 1", None, False)
    assert width.about == "Channels of the first layers. Left out: 32 for `s`, else 64."
    assert all(option.about for option in model.options)


def test_a_misspelt_name_is_told() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'pidnet'"):
        models(["pidnett"], quiet=True)


@pytest.mark.parametrize(("name", "library"), [("smp", "segmentation_models_pytorch"), ("transformers",) * 2])
def test_without_its_library_a_model_says_what_it_needs(name, library, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    (model,) = models([name], quiet=True)
    assert (model.size, model.needs) == (None, name)
    assert model.options


@pytest.mark.slow
def test_the_whole_catalog_can_be_listed() -> None:
    found = models(quiet=True)
    assert [model.name for model in found] == Catalog("pixelwise.models", "model").names()
    for model in found:
        assert model.size is not None
        assert model.size.parameters > 0 and model.size.gflop > 0
        assert model.size.stride & (model.size.stride - 1) == 0  # a power of two
        assert all(option.about for option in model.options), model.name


def test_nothing_is_left_of_the_measuring() -> None:
    subject._size(Padded)
    assert torch.empty(1).device.type == "cpu" and torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "whole number"),
        (float | None, "number"),
        (Annotated[float, Ge(0), Lt(1)], "number, at least 0, below 1"),
        (Literal["s", "m"], "s | m"),
        (
            Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1)],
            "list of whole number, at least 1, at least 1 of them",
        ),
        (Sequence[bool], "list of true or false"),
        (dict[str, int] | None, "keys and values"),
        (str | tuple[float, ...], "text or list of number"),
    ],
)
def test_annotations_in_words(annotation, words) -> None:
    assert words_of(annotation) == words


def test_arguments_are_read_from_a_docstring() -> None:
    text = (
        "What.\n\nArgs:\n    one: First\n        and more.\n    two_three: `a: b`.\n\nReturns:\n    four: no."
    )
    assert arguments_of(text) == {"one": "First and more.", "two_three": "`a: b`."}
    assert arguments_of("Nothing to say.") == {}
