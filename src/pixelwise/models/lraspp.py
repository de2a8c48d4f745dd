"""LR-ASPP: the small head of MobileNetV3."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Width, convolution, he_normal
from pixelwise.models._decoded import Decoded, Weight, scores_of
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder, OutputStride

_DETAILS = 8


def lraspp(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "mobilenetv3_large_100",
    weights: str | None = None,
    output_stride: OutputStride = 16,
    width: Width = 128,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """Deep features weighed by what the whole image shows, their scores added to those at stride 8.

    The default encoder is the paper's. Made for speed: a few convolutions of 1×1 are all there is.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm with features at stride 8.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        output_stride: Stride of the deepest features; 16 as in the paper, 32 costs least.
        width: Channels of the deep features in the head.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244, section 6.3 and figure 10;
        here the mean over the whole image, where the paper takes large overlapping windows.
    """
    body = encoder_named(encoder, in_channels, weights=weights, output_stride=output_stride)
    decoder = LiteHead(body, num_classes, width)
    return Decoded(body, decoder, num_classes, stride=_DETAILS, auxiliary=auxiliary)


@final
class LiteHead(nn.Module):
    """From feature maps to logits at stride 8."""

    def __init__(self, encoder: Encoder, num_classes: int, width: int) -> None:
        super().__init__()
        self.details = encoder.level(_DETAILS)
        deepest = encoder.channels[-1]
        self.reduce = convolution(deepest, width, 1, norm="batch")
        self.weigh = he_normal(nn.Conv2d(deepest, width, 1, bias=False))
        self.fine = scores_of(encoder.channels[self.details], num_classes)
        self.deep = scores_of(width, num_classes)

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        deepest, details = maps[-1], maps[self.details]
        weights = self.weigh(F.adaptive_avg_pool2d(deepest, 1)).sigmoid()
        deep = F.interpolate(self.reduce(deepest) * weights, size=details.shape[-2:], mode="bilinear")
        return self.fine(details) + self.deep(deep)
