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


def parameters(**options) -> int:
    with torch.device("meta"):
        return sum(weights.numel() for weights in unet(3, 1, **options).parameters())


def test_a_list_gives_the_channels_of_every_level() -> None:
    assert parameters(width=[16, 32, 64, 128, 256]) == parameters(width=16)
    model = unet(3, 1, width=[3, 5, 4])
    assert [block[1][0].out_channels for block in model.down] == [3, 5, 4]
    assert [up.block[1][0].out_channels for up in model.up] == [5, 3]
    assert model(torch.rand(1, 3, 9, 10)).shape == (1, 1, 9, 10)


def test_a_shortcut_costs_a_kernel_of_1_where_channels_differ() -> None:
    channels, pairs = [4, 8], [(3, 4), (4, 8), (8, 4)]  # the last joins 4 + 4 on the way up
    plain, residual = (parameters(width=channels, residual=asked) for asked in (False, True))
    assert residual - plain == sum((i + 1) * o for i, o in pairs)


def test_halving_by_stride_costs_no_parameter_and_no_pooling() -> None:
    assert parameters(width=4, halving="stride") == parameters(width=4)
    model = unet(1, 1, width=[1, 1], halving="stride", dropout=0.0).eval()
    kernel = model.down[1][0][1].weight
    nn.init.zeros_(kernel)
    kernel.data[..., 0, 0] = 1
    features = torch.rand(1, 1, 4, 6)
    torch.testing.assert_close(model.down[1][0](features), features[..., ::2, ::2])


def test_a_block_adds_what_entered() -> None:
    model = unet(2, 1, width=[2, 2], residual=True)
    block = model.down[0]
    for weights in block.parameters():
        nn.init.zeros_(weights)
    features = torch.randn(1, 2, 4, 4)
    assert torch.equal(block(features), features.relu())


def test_the_shortcut_of_a_halving_block_is_an_average() -> None:
    block = unet(1, 1, width=[1, 1], residual=True, halving="stride").down[1]
    for weights in block.parameters():
        nn.init.zeros_(weights)
    assert block(torch.tensor([[[[1.0, 2], [3, 6]]]])).tolist() == [[[[3]]]]


def test_elu_stands_wherever_relu_stood() -> None:
    for options in ({}, {"residual": True}, {"stem": 2}, {"encoder": "test_resnet"}):
        relu, elu = (unet(3, 1, width=2, activation=name, **options) for name in ("relu", "elu"))
        levels = elu.levels if options.get("encoder") else elu
        assert not any(isinstance(layer, nn.ReLU) for layer in levels.modules())
        ours = relu.levels if options.get("encoder") else relu
        count = sum(isinstance(layer, nn.ReLU) for layer in ours.modules())
        assert count == sum(isinstance(layer, nn.ELU) for layer in levels.modules()) > 0


@pytest.mark.parametrize("stem", [2, 4])
def test_a_stem_makes_the_finest_level_coarser(stem) -> None:
    model = unet(3, 2, width=2, stem=stem).eval()
    seen: list[int] = []
    model.down[0].register_forward_hook(lambda _layer, _given, out: seen.append(out.shape[-1]))
    assert model(torch.rand(1, 3, 70, 70)).shape == (1, 2, 70, 70)
    assert seen == [16 * stem * -(-70 // (16 * stem)) // stem]


@pytest.mark.parametrize(("finest", "levels"), [(1, 4), (2, 3), (5, 1), (100, 0)])
def test_the_way_up_may_end_early(finest, levels) -> None:
    model = unet(3, 2, width=2, finest=finest).eval()
    assert len(model.up) == levels
    assert model(torch.rand(1, 3, 17, 40)).shape == (1, 2, 17, 40)


def test_a_residual_network_with_a_stem_may_have_3_8_million_parameters() -> None:
    options = {"width": [32, 64, 128, 176, 224], "norm": "batch", "residual": True, "stem": 2}
    assert parameters(**options) == pytest.approx(3_800_000, rel=0.02)


@pytest.mark.parametrize("halving", ["pool", "stride"])
def test_every_parameter_learns_in_a_residual_network(halving) -> None:
    model = unet(3, 2, width=4, norm="batch", activation="elu", residual=True, halving=halving, stem=2)
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(torch.randn(2, 3, 64, 64))
    logits.float().square().mean().backward()
    assert all(weights.grad.any() and weights.grad.isfinite().all() for weights in model.parameters())


@pytest.mark.parametrize("options", [{"residual": True, "norm": "batch", "stem": 2, "halving": "stride"}])
def test_exported_is_equal_with_every_option(options) -> None:
    model, images = unet(3, 2, width=4, **options).eval(), torch.rand(1, 3, 40, 64)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), model(images))


@pytest.mark.parametrize("option", [{"width": [4, 8]}, {"halving": "stride"}, {"stem": 2}])
def test_options_of_another_way_down_are_refused_with_an_encoder(option) -> None:
    with pytest.raises(RecipeError, match="has that one's way down"):
        unet(3, 1, encoder="test_resnet", **option)


def test_residual_blocks_join_on_an_encoder_too() -> None:
    plain, residual = (unet(3, 2, encoder="test_resnet", width=4, residual=asked) for asked in (False, True))
    assert residual(torch.rand(2, 3, 40, 64)).shape == (2, 2, 40, 64)
    counts = [sum(w.numel() for w in model.levels.parameters()) for model in (plain, residual)]
    assert counts[0] < counts[1]
