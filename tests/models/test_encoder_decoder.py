import torch

from pixelwise.models.encoder_decoder import encoder_decoder
from pixelwise.models.stack import stack


def test_as_many_parameters_as_in_the_tutorial() -> None:
    assert sum(weights.numel() for weights in encoder_decoder(1, 3).parameters()) == 74_595


def test_has_the_layers_of_the_stack() -> None:
    flat, deep = ([tuple(w.shape) for w in build(1, 3).parameters()] for build in (stack, encoder_decoder))
    assert flat == deep


def test_padding_repeats_the_border() -> None:
    model = encoder_decoder(1, 2, width=4).eval()
    images = torch.rand(1, 1, 7, 9)
    by_hand = torch.cat([images, images[..., -1:, :]], dim=2)
    by_hand = torch.cat([by_hand, *[by_hand[..., -1:]] * 3], dim=3)
    torch.testing.assert_close(model(images), model(by_hand)[..., :7, :9])
