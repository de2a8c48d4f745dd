import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from pixelwise.models import original_unet as module
from pixelwise.models.original_unet import original_unet


@pytest.mark.parametrize(("bands", "k", "count"), [(1, 2, 31_030_658), (3, 1, 31_031_745)])
def test_as_many_parameters_as_in_the_paper(bands, k, count) -> None:
    with torch.device("meta"):
        model = original_unet(bands, k)
    assert sum(weights.numel() for weights in model.parameters()) == count
    kernels = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    assert len(kernels) == 23  # "in total the network has 23 convolutional layers"


def test_572_pixels_become_388() -> None:
    with torch.device("meta"):
        sizes: list[int] = []
        model = original_unet(1, 2)
        for block in [*model.down, *(up.block for up in model.up)]:
            block.register_forward_hook(lambda _layer, _given, out: sizes.append(out.shape[-1]))
        logits = model.inside(torch.rand(1, 1, 572, 572))
    assert logits.shape == (1, 2, 388, 388)
    assert sizes == [568, 280, 136, 64, 28, 52, 100, 196, 388]  # figure 1


def test_skips_are_cropped_in_the_middle() -> None:
    up = module._Up(1)
    seen: list[torch.Tensor] = []
    up.block.register_forward_hook(lambda _layer, given, _out: seen.append(given[0]))
    skip = torch.arange(100.0).reshape(1, 1, 10, 10)
    up(torch.rand(1, 2, 3, 3), skip)
    assert torch.equal(seen[0][:, :1], skip[..., 2:8, 2:8])


def test_a_pixel_says_the_same_whatever_is_beyond_its_sight() -> None:
    model = original_unet(1, 2, width=2).eval()
    images = torch.rand(1, 1, 236, 236)
    logits = model.inside(images)
    torch.testing.assert_close(model.inside(images[..., 16:, 16:]), logits[..., 16:, 16:])


def test_mirrors_without_repeating_the_border() -> None:
    images = torch.rand(1, 2, 100, 116)  # 100 is 4 above a multiple of 16, as is 116
    expected = F.pad(images, (92, 92, 92, 92), mode="reflect")
    assert torch.equal(module._continued(images), expected)


def test_mirrors_again_where_the_image_is_smaller_than_the_margin() -> None:
    row = module._continued(torch.tensor([0.0, 1, 2])[None, None, None])[0, 0, 0]
    assert len(row) == 92 + 4 + 92
    assert row[92:100].tolist() == [0, 1, 2, 1, 0, 1, 2, 1]
    assert row[84:92].tolist() == [0, 1, 2, 1, 0, 1, 2, 1]


@given(size=st.tuples(st.integers(1, 40), st.integers(1, 40)))
@settings(max_examples=10, deadline=None)
def test_the_margin_leaves_logits_for_every_pixel(size) -> None:
    model = original_unet(1, 1, width=1).eval()
    assert model(torch.rand(1, 1, *size)).shape == (1, 1, *size)


def test_logits_stay_where_the_pixels_are() -> None:
    model = original_unet(1, 1, width=1).eval()
    large = torch.rand(1, 1, 236, 236)
    window = large[..., 4:224, 4:224]  # begins 96 = 6 · 16 behind the margin: the poolings line up
    middle = model(large)[..., 96:132, 96:132]  # sees nothing that was mirrored
    torch.testing.assert_close(middle, model.inside(window))


def test_weights_start_normal_with_variance_2_over_n() -> None:
    model = original_unet(1, 2, width=8)
    kernel, up = model.down[4][2].weight, model.up[0].enlarge.weight
    assert kernel.std().item() == pytest.approx((2 / (9 * 128)) ** 0.5, rel=0.02)
    assert up.std().item() == pytest.approx((2 / 128) ** 0.5, rel=0.02)


def test_drops_features_at_the_two_deepest_levels() -> None:
    model = original_unet(1, 2, width=1)
    seen: list[int] = []
    model.dropout.register_forward_hook(lambda _layer, _given, out: seen.append(out.shape[1]))
    model(torch.rand(1, 1, 4, 4))
    assert model.dropout.p == 0.5
    assert seen == [8, 16]
