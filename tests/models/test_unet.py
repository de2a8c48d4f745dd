import pytest
import torch
from torch import nn

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import RecipeError
from pixelwise.models.unet import unet

ENCODERS = ["test_resnet", "mobilenetv3_small_050", "test_convnext"]


@pytest.mark.parametrize(("width", "count"), [(64, 34_550_273), (32, 8_639_745), (16, 2_161_025)])
def test_as_many_parameters_as_in_the_tutorial(width, count) -> None:
    with torch.device("meta"):
        model = unet(3, 1, width=width)
    assert sum(weights.numel() for weights in model.parameters()) == count


def test_drops_features_at_the_two_deepest_levels() -> None:
    model = unet(3, 1, width=2)
    seen: list[tuple[int, ...]] = []
    model.dropout.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape[1:])))
    model(torch.rand(1, 3, 32, 32))
    assert model.dropout.p == 0.3
    assert seen == [(16, 4, 4), (32, 2, 2)]


def test_batch_norm_stands_after_every_convolution_but_the_last() -> None:
    model = unet(3, 1, width=2, norm="batch")
    norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in model.modules())
    convolutions = sum(isinstance(layer, nn.Conv2d) for layer in model.modules())
    assert norms == convolutions - 1 == 19


def test_weights_need_an_encoder() -> None:
    with pytest.raises(RecipeError, match="has weights and no encoder"):
        unet(3, 1, weights="pretrained")


def test_the_recipe_is_told_what_is_wrong() -> None:
    with pytest.raises(RecipeError, match="greater than or equal to 1"):
        Catalog("pixelwise.models", "model").configure("unet", {"width": 0})
    with pytest.raises(RecipeError, match="'none' or 'batch'"):
        Catalog("pixelwise.models", "model").configure("unet", {"norm": "layer"})


@pytest.mark.parametrize("encoder", ENCODERS)
def test_any_size_and_bands_with_an_encoder(encoder) -> None:
    model = unet(5, 4, encoder=encoder, width=4).eval()
    for size in [(1, 1), (17, 23), (60, 60)]:
        assert model(torch.rand(1, 5, *size)).shape == (1, 4, *size)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_parameter_learns_with_an_encoder(encoder) -> None:
    model = unet(3, 2, encoder=encoder, width=4)
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(torch.randn(4, 3, 72, 64))
    logits.float().square().mean().backward()
    assert logits.isfinite().all()
    assert all(weights.grad is not None for weights in model.parameters())
    assert all(weights.grad.any() for weights in model.levels.parameters())
    assert any(weights.grad.any() for weights in model.encoder.parameters())


@pytest.mark.parametrize("encoder", ENCODERS)
def test_exported_is_equal_with_an_encoder(encoder) -> None:
    model, images = unet(3, 2, encoder=encoder, width=4).eval(), torch.rand(1, 3, 40, 64)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), model(images))


def test_the_way_up_doubles_its_channels_at_each_coarser_level() -> None:
    fine, coarse = (unet(3, 2, encoder=name, width=8).levels for name in ENCODERS[::2])
    assert [level.join[1][0].out_channels for level in fine] == [64, 32, 16, 8]
    assert [level.join[1][0].out_channels for level in coarse] == [64, 32, 16]
