"""Layers lined up and started as Keras's; values by hand."""

import pytest
import torch
from torch import nn

from pixelwise.models._blocks import (
    convolution,
    doubling_convolution,
    enlarged,
    glorot_uniform,
    halving_convolution,
    he_normal,
)


def test_he_normal_has_the_variance_asked_for_after_the_cut() -> None:
    layer = he_normal(nn.Conv2d(64, 128, 3))
    std = (2 / (9 * 64)) ** 0.5
    assert layer.weight.std().item() == pytest.approx(std, rel=0.02)
    assert layer.weight.abs().max().item() == pytest.approx(2 * std / 0.87962566, rel=0.01)
    assert not layer.bias.any()


def test_he_normal_counts_the_outputs_of_a_transposed_convolution() -> None:
    layer = he_normal(nn.ConvTranspose2d(128, 64, 3))
    assert layer.weight.std().item() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
def test_glorot_uniform_fills_its_interval(kind) -> None:
    layer = glorot_uniform(kind(32, 96, 3))
    limit = (6 / (9 * (32 + 96))) ** 0.5
    assert layer.weight.abs().max().item() == pytest.approx(limit, rel=0.01)
    assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert not layer.bias.any()


def test_a_normed_convolution_has_no_bias() -> None:
    layer, norm, activation = convolution(3, 8, norm="batch", activation=nn.ELU)
    assert layer.bias is None
    assert isinstance(norm, nn.BatchNorm2d)
    assert isinstance(activation, nn.ELU)


def test_halving_looks_below_and_right() -> None:
    images = torch.arange(16.0).reshape(1, 1, 4, 4)
    first, last = torch.zeros(2, 1, 1, 3, 3)
    first[..., 0, 0] = last[..., 2, 2] = 1
    assert halved(images, first) == [[0, 2], [8, 10]]  # nothing was padded above or left
    assert halved(images, last) == [[10, 0], [0, 0]]


def halved(images, kernel) -> list[list[float]]:
    layers = halving_convolution(1, 1)
    layers[1].weight.data = kernel
    return layers(images)[0, 0].tolist()


def test_doubling_drops_the_last_row_and_column() -> None:
    layers = doubling_convolution(1, 1)
    layers[0].weight.data = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert layers(torch.ones(1, 1, 1, 1))[0, 0].tolist() == [[0, 1], [3, 4]]


def test_doubling_a_constant_makes_a_checkerboard() -> None:
    layers = doubling_convolution(1, 1)
    nn.init.ones_(layers[0].weight)
    inside = layers(torch.ones(1, 1, 4, 4))[0, 0, 2:, 2:]
    assert inside.unique().tolist() == [1, 2, 4]


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_enlarged_logits_fit_the_images(stride) -> None:
    logits = torch.full((2, 3, 8, 8), 7.0)
    large = enlarged(logits, torch.zeros(2, 1, 5, 7), stride)
    assert torch.equal(large, torch.full((2, 3, 5, 7), 7.0))


def test_enlarged_logits_lie_between_pixel_centres() -> None:
    large = enlarged(torch.tensor([[[[0.0, 4.0, 99.0]]]]), torch.zeros(1, 1, 1, 4), 2)
    assert large[0, 0].tolist() == [[0, 1, 3, 4]]  # the 99 stood for padding
