import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from torchvision.models import vgg16

from pixelwise.models.deeplab_largefov import deeplab_largefov
from tests.models._disturbed import parameters


def test_as_many_parameters_as_the_papers_network() -> None:
    """VGG16's convolutions have 14,714,688; then 512 to 1024 by 3×3, 1024 to 1024 and to the classes."""
    with torch.device("meta"):
        assert parameters(deeplab_largefov(3, 21)) == 20_505_429


def test_stops_shrinking_at_stride_8() -> None:
    model = deeplab_largefov(3, 2, width=2).eval()
    seen: list[tuple[int, ...]] = []
    for layer in (*model.stages, model.classifier):
        layer.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape[2:])))
    model(torch.rand(1, 3, 48, 64))
    assert seen == [(48, 64), (24, 32), (12, 16), (6, 8), (6, 8), (6, 8)]


def test_a_map_of_65_at_513() -> None:
    """The paper's size of image and of score map."""
    model = deeplab_largefov(3, 2, width=1).eval()
    seen: list[tuple[int, ...]] = []
    model.classifier.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape[2:])))
    assert model(torch.rand(1, 3, 513, 513)).shape == (1, 2, 513, 513)
    assert seen == [(65, 65)]


def test_only_the_last_stage_and_the_wide_convolution_are_dilated() -> None:
    model = deeplab_largefov(3, 2, width=2)
    assert [stage[0].dilation[0] for stage in model.stages] == [1, 1, 1, 1, 2]
    assert model.wide[0][0].dilation == model.wide[0][0].padding == (12, 12)


def test_a_dilated_convolution_is_one_with_zeros_between_its_weights() -> None:
    layer = deeplab_largefov(3, 2, width=2, rate=3).wide[0][0]
    spread = torch.zeros(*layer.weight.shape[:2], 7, 7)
    spread[..., ::3, ::3] = layer.weight.detach()
    features = torch.rand(1, layer.in_channels, 9, 11)
    torch.testing.assert_close(layer(features), F.conv2d(features, spread, layer.bias, padding=3))


def test_takes_the_weights_of_torchvisions_vgg16(tmp_path) -> None:
    with torch.device("meta"):
        shapes = {key: weight.shape for key, weight in vgg16().features.state_dict().items()}
    weights = {f"features.{key}": torch.full(shape, 0.5) for key, shape in shapes.items()}
    save_file(weights, tmp_path / "vgg16.safetensors")
    model = deeplab_largefov(3, 2, weights=str(tmp_path / "vgg16.safetensors"))
    assert all((weights == 0.5).all() for weights in model.stages.parameters())
    assert not (model.wide[0][0].weight == 0.5).any()
