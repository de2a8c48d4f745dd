import pytest
from torch import nn

from pixelwise.models.elu_unet import elu_unet


def test_as_many_parameters_as_in_the_tutorial() -> None:
    model = elu_unet(3, 1)
    assert sum(weights.numel() for weights in model.parameters()) == 1_941_105
    assert sum(isinstance(layer, nn.Conv2d) for layer in model.modules()) == 19
    assert sum(isinstance(layer, nn.ConvTranspose2d) for layer in model.modules()) == 4


def test_dropout_grows_towards_the_bottom() -> None:
    shares = [layer.p for layer in elu_unet(3, 1, width=2).modules() if isinstance(layer, nn.Dropout)]
    assert shares == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.2, 0.2, 0.1, 0.1])
    without = elu_unet(3, 1, width=2, dropout=0.0)
    assert not any(layer.p for layer in without.modules() if isinstance(layer, nn.Dropout))
