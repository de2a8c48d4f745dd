"""DeepLab, third version: atrous spatial pyramid pooling with batch norm and the image's mean."""

from collections.abc import Sequence

from torch import nn

from pixelwise.models._blocks import Share, Width, convolution
from pixelwise.models._decoded import Decoded, OnDeepest, Weight, scores_of
from pixelwise.models._pyramid import AtrousPyramid, Rates
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import OutputStride


def deeplab_v3(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    output_stride: OutputStride = 8,
    rates: Rates = (12, 24, 36),
    width: Width = 256,
    dropout: Share = 0.5,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """A pyramid of dilated convolutions on the deepest features of an encoder.

    The default encoder is the smallest of the paper's family; the paper's own is `resnet50` or larger.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        output_stride: Stride of the deepest features; the encoder's last strides become dilation.
        rates: Dilation of the pyramid's 3×3 convolutions: (12, 24, 36) at stride 8, and half at 16.
        width: Channels of the pyramid's branches.
        dropout: Share of the pyramid's features not seen in training.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Chen, Papandreou, Schroff & Adam, "Rethinking Atrous Convolution for Semantic Image
        Segmentation", 2017, arXiv:1706.05587; the 3×3 convolution after the pyramid as in torchvision.
    """
    body = encoder_named(encoder, in_channels, weights=weights, output_stride=output_stride)
    head = atrous_head(body.channels[-1], num_classes, rates=rates, width=width, dropout=dropout)
    return Decoded(body, OnDeepest(head), num_classes, stride=body.strides[-1], auxiliary=auxiliary)


def atrous_head(
    inputs: int, num_classes: int, *, rates: Sequence[int], width: int, dropout: float = 0.5
) -> nn.Sequential:
    """The pyramid, a 3×3 convolution and scores, on any features."""
    return nn.Sequential(
        AtrousPyramid(inputs, width, rates, separable=False, dropout=dropout),
        convolution(width, width, norm="batch"),
        scores_of(width, num_classes),
    )
