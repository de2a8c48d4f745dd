import pytest
import torch

from pixelwise.core.errors import UnknownNameError
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.fpn import fpn


def test_our_encoders_are_found_by_their_names() -> None:
    assert encoder_named("mit_b0", 3).channels == (32, 64, 160, 256)


def test_all_others_are_timms() -> None:
    assert encoder_named("test_resnet", 3, output_stride=16).strides == (2, 4, 8, 16, 16)


def test_a_misspelt_name_gets_near_ones_of_ours_and_of_timms() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown encoder 'mit_b9'\. Did you mean 'mit_b") as told:
        encoder_named("mit_b9", 3)
    assert {"mit_b0", "mixnet_s"} < set(told.value.known)
    with pytest.raises(UnknownNameError, match="Did you mean 'resnet18'"):
        encoder_named("resent18", 3)


@pytest.mark.parametrize(
    "name", ["test_resnet", "test_convnext", "mobilenetv3_small_050", "mit_b0", "pvt_v2_b0"]
)
def test_a_decoder_stands_on_any_of_them(name) -> None:
    model = fpn(2, 3, encoder=name, width=4).eval()
    for size in [(1, 1), (33, 70)]:
        assert model(torch.rand(1, 2, *size)).shape == (1, 3, *size)
