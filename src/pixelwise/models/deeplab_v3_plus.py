"""DeepLab v3+: the pyramid of the third version, and a decoder that brings the edges back."""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Share, Width, convolution
from pixelwise.models._decoded import Decoded, Weight, scores_of
from pixelwise.models._pyramid import AtrousPyramid, Rates, at_size_of, separable_convolution
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder, OutputStride

_DETAILS = 4


def deeplab_v3_plus(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    output_stride: OutputStride = 16,
    rates: Rates = (6, 12, 18),
    width: Width = 256,
    separable: bool = True,
    dropout: Share = 0.5,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """A pyramid of dilated convolutions, enlarged and joined with the features at stride 4.

    The default encoder is a small one of a family the paper uses; its own is `resnet101` or Xception.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm with features at stride 4.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        output_stride: Stride of the deepest features; the encoder's last strides become dilation.
        rates: Dilation of the pyramid's 3×3 convolutions: (6, 12, 18) at stride 16, and twice at 8.
        width: Channels of the pyramid's branches and of the decoder; the details are reduced to 3/16
            of them, 48 where this is 256.
        separable: Whether each 3×3 convolution is depthwise first and 1×1 then, at about a ninth of the cost.
        dropout: Share of the pyramid's features not seen in training.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Chen, Zhu, Papandreou, Schroff & Adam, "Encoder-Decoder with Atrous Separable Convolution for
        Semantic Image Segmentation", 2018, arXiv:1802.02611, sections 3.1 and 4.1.
    """
    body = encoder_named(encoder, in_channels, weights=weights, output_stride=output_stride)
    decoder = _Sharpening(body, num_classes, width, rates, separable=separable, dropout=dropout)
    return Decoded(body, decoder, num_classes, stride=_DETAILS, auxiliary=auxiliary)


@final
class _Sharpening(nn.Module):
    """From feature maps to logits at stride 4."""

    def __init__(
        self,
        encoder: Encoder,
        num_classes: int,
        width: int,
        rates: Sequence[int],
        *,
        separable: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.details = encoder.level(_DETAILS)
        reduced = max(1, width * 3 // 16)
        self.pyramid = AtrousPyramid(encoder.channels[-1], width, rates, separable=separable, dropout=dropout)
        self.reduce = convolution(encoder.channels[self.details], reduced, 1, norm="batch")
        self.join = nn.Sequential(
            *(
                separable_convolution(inputs, width)
                if separable
                else convolution(inputs, width, norm="batch")
                for inputs in (width + reduced, width)
            )
        )
        self.classifier = scores_of(width, num_classes)

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        details = self.reduce(maps[self.details])
        (context,) = at_size_of([self.pyramid(maps[-1])], details)
        return self.classifier(self.join(torch.cat([context, details], dim=1)))
