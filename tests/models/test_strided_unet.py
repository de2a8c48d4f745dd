import torch
from torch import nn

from pixelwise.models.strided_unet import strided_unet


def test_as_many_parameters_as_in_the_tutorial() -> None:
    counts = [weights.numel() for weights in strided_unet(3, 1).parameters()]
    per_layer = [kernel + bias for kernel, bias in zip(counts[::2], counts[1::2], strict=True)]
    assert per_layer[:6] == [1_792, 36_928, 73_856, 147_584, 295_168, 590_080]
    assert per_layer[6:] == [590_080, 590_080, 295_040, 147_584, 73_792, 36_928, 577]
    assert sum(counts) == 2_879_489


def test_the_deepest_features_are_an_eighth_of_the_image() -> None:
    model = strided_unet(3, 1, width=4)
    assert model.encoder(torch.rand(1, 3, 96, 128)).shape == (1, 16, 12, 16)


def test_nothing_is_negative_before_the_classifier() -> None:
    model = strided_unet(3, 1, width=4)
    assert sum(isinstance(layer, nn.ReLU) for layer in model.modules()) == 12
    assert (model.decoder(model.encoder(torch.randn(1, 3, 16, 16))) >= 0).all()
