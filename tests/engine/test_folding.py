"""Folding norms away must not be seen in the scores."""

import pytest
import torch
from torch import nn

from pixelwise.core.catalog import Catalog
from pixelwise.engine.folding import Doubling, folded
from tests.contracts.test_models import nudged, small


def normed(inputs: int, outputs: int, *, affine: bool = True, bias: bool = False) -> nn.Sequential:
    norm = nn.BatchNorm2d(outputs, affine=affine)
    norm.running_mean, norm.running_var = torch.randn(outputs), torch.rand(outputs) + 0.5
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, bias=bias), norm)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_pair_by_its_formula(affine, bias) -> None:
    pair = normed(2, 3, affine=affine, bias=bias).eval()
    images = torch.randn(2, 2, 9, 8)
    with torch.no_grad():
        torch.testing.assert_close(folded(pair)(images), pair(images), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "name", ["unet", "strided_unet", "segnet", "pidnet", "deeplab_v3_plus", "smp", "transformers"]
)
def test_models_say_the_same(name) -> None:
    torch.manual_seed(0)
    model = nudged(small(name)).eval()
    images = torch.rand(1, 3, 40, 36)
    with torch.no_grad():
        before, after = model(images), folded(model)(images)
    assert (after - before).abs().max() <= 1e-5 * before.abs().max().clamp(min=1)


def test_all_norms_of_a_unet_go() -> None:
    model = Catalog("pixelwise.models", "model")["unet"](3, 2, width=4, norm="batch").eval()
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded(model).modules())
    assert any(isinstance(layer, nn.BatchNorm2d) for layer in model.modules())


def test_a_convolution_that_serves_twice_keeps_its_norms() -> None:
    layer = nn.Conv2d(2, 2, 1)
    model = nn.Sequential(layer, nn.BatchNorm2d(2), layer, nn.BatchNorm2d(2))
    model.train()(5 * torch.randn(4, 2, 8, 8) + 1)
    model.eval()
    images = torch.randn(1, 2, 4, 4)
    assert sum(isinstance(each, nn.BatchNorm2d) for each in folded(model).modules()) == 2
    torch.testing.assert_close(folded(model)(images), model(images))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (4, 7)])
def test_a_doubling_convolution_by_itself(bias, size) -> None:
    layer = nn.ConvTranspose2d(3, 5, 3, stride=2, bias=bias)
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        torch.testing.assert_close(Doubling(layer)(images), layer(images), rtol=1e-5, atol=1e-5)


def test_only_what_doubles_so_is_rewritten() -> None:
    layers = [nn.ConvTranspose2d(2, 2, 3, stride=2), nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1)]
    layers += [nn.ConvTranspose2d(2, 2, 2, stride=2), nn.ConvTranspose2d(2, 2, 3, stride=2, groups=2)]
    kinds = [type(layer) for layer in folded(nn.Sequential(*layers).eval())]
    assert kinds == [Doubling, *[nn.ConvTranspose2d] * 3]


def test_training_is_refused() -> None:
    with pytest.raises(ValueError, match="training mode"):
        folded(normed(1, 1).train())
