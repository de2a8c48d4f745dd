import pytest
import torch
from torch import nn

from pixelwise.core.errors import RecipeError
from pixelwise.models.deeplab_v3_plus import deeplab_v3_plus
from tests.models._disturbed import parameters


@pytest.mark.parametrize("separable", [True, False])
def test_as_many_parameters_as_the_papers_widths_give(separable) -> None:
    with torch.device("meta"):
        decoder = deeplab_v3_plus(3, 21, encoder="resnet50", separable=separable).decoder

    def around(inputs: int) -> int:  # 3×3 to 256 channels, each convolution with a norm
        return 9 * inputs + 2 * inputs + 256 * inputs + 512 if separable else 9 * 256 * inputs + 512

    one_by_one = 2048 * 256 + 512
    pyramid = 2 * one_by_one + 3 * around(2048) + 5 * 256 * 256 + 512
    details = 256 * 48 + 96
    assert parameters(decoder) == pyramid + details + around(304) + around(256) + 256 * 21 + 21


def test_the_details_come_from_stride_4_and_are_reduced_to_48_channels() -> None:
    model = deeplab_v3_plus(3, 2, encoder="test_resnet").eval()
    seen: list[tuple[int, ...]] = []
    model.decoder.reduce.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    model.decoder.classifier.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    model(torch.rand(1, 3, 64, 32))
    assert seen == [(1, 48, 16, 8), (1, 2, 16, 8)]


def test_separable_convolutions_are_a_choice() -> None:
    for separable in (True, False):
        model = deeplab_v3_plus(3, 2, encoder="test_resnet", width=16, separable=separable)
        grouped = [
            layer for layer in model.decoder.modules() if isinstance(layer, nn.Conv2d) and layer.groups > 1
        ]
        assert len(grouped) == (5 if separable else 0)  # three in the pyramid, two in the decoder


def test_an_encoder_without_fine_features_is_refused(monkeypatch) -> None:
    coarse = deeplab_v3_plus(3, 2, encoder="test_resnet", width=4).encoder
    coarse.strides = (8, 8, 8, 16, 32)
    monkeypatch.setattr("pixelwise.models.deeplab_v3_plus.encoder_named", lambda *_given, **_options: coarse)
    with pytest.raises(RecipeError, match=r"no features at stride 4\. It has them at 8, 8, 8, 16, 32"):
        deeplab_v3_plus(3, 2)
