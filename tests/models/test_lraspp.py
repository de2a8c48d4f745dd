import pytest
import torch
from torch import nn
from torchvision.models.segmentation import lraspp_mobilenet_v3_large

from pixelwise.core.errors import RecipeError
from pixelwise.models._decoded import Decoded
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.models.lraspp import LiteHead, lraspp
from tests.models._disturbed import disturbed, parameters


class _Backbone(nn.Module):
    """Torchvision's feature maps, as a list."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, images):
        return list(self.backbone(images).values())


def test_as_many_parameters_as_torchvisions() -> None:
    with torch.device("meta"):
        ours = lraspp(3, 21)
        theirs = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=21)
    assert parameters(ours) == parameters(theirs) == 3_221_538


@pytest.mark.oracle
def test_says_what_torchvisions_says_with_the_same_weights() -> None:
    theirs = disturbed(lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5))
    encoder = Encoder(_Backbone(theirs.backbone), (40, 960), (8, 16))
    head, given = LiteHead(encoder, 5, 128), theirs.classifier
    head.reduce.load_state_dict(given.cbr.state_dict())
    head.weigh.load_state_dict(given.scale[1].state_dict())
    head.fine.load_state_dict(given.low_classifier.state_dict())
    head.deep.load_state_dict(given.high_classifier.state_dict())
    ours = Decoded(encoder, head, 5, stride=8).eval()
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        wanted = theirs(images)["out"]
        assert wanted.std() > 0.01
        torch.testing.assert_close(ours(images), wanted, rtol=1e-4, atol=1e-5)


def test_the_deepest_features_are_at_stride_16_and_the_details_at_8() -> None:
    model = lraspp(3, 2)
    assert (model.encoder.strides[-1], model.stride) == (16, 8)
    assert model.encoder.channels[model.decoder.details] == 40


def test_details_need_features_at_stride_8() -> None:
    encoder = Encoder(nn.Identity(), (8, 8), (4, 16))
    with pytest.raises(RecipeError, match=r"no features at stride 8\. It has them at 4, 16"):
        LiteHead(encoder, 2, 4)
