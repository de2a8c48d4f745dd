"""PSPNet: what a pixel is, seen beside means over the whole image and its parts."""

from typing import Annotated

from annotated_types import Ge, Len
from torch import nn

from pixelwise.models._blocks import Share, Width
from pixelwise.models._decoded import Decoded, OnDeepest, Weight, scores_of
from pixelwise.models._pyramid import PooledPyramid
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import OutputStride

Bins = Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1)]


def pspnet(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    output_stride: OutputStride = 8,
    bins: Bins = (1, 2, 3, 6),
    width: Width | None = None,
    dropout: Share = 0.1,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """Pyramid pooling on the deepest features of an encoder.

    The default encoder is the smallest of the paper's family; the paper's own is `resnet50` or larger.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        output_stride: Stride of the features that are pooled; 8 as in the paper, 32 costs least.
        bins: Parts of the image in each direction, one number for each pooled map.
        width: Channels of each pooled map and of what all are joined to. Left out: a quarter of the
            encoder's deepest channels, as in the paper.
        dropout: Share of the joined features not seen in training.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0.4 in the
            paper, 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Zhao, Shi, Qi, Wang & Jia, "Pyramid Scene Parsing Network", 2017, arXiv:1612.01105. The authors'
        code lines enlarged maps up at the centres of their corner pixels, which suits sizes of 8 n + 1
        only; here maps are lined up at the corners of the image, at any size.
    """
    body = encoder_named(encoder, in_channels, weights=weights, output_stride=output_stride)
    head = pooled_head(body.channels[-1], num_classes, bins=bins, width=width, dropout=dropout)
    return Decoded(body, OnDeepest(head), num_classes, stride=body.strides[-1], auxiliary=auxiliary)


def pooled_head(
    inputs: int,
    num_classes: int,
    *,
    bins: Bins = (1, 2, 3, 6),
    width: int | None = None,
    dropout: float = 0.1,
) -> nn.Sequential:
    """Pyramid pooling and scores, on any features."""
    hidden = max(1, inputs // 4) if width is None else width
    return nn.Sequential(
        PooledPyramid(inputs, hidden, hidden, bins), nn.Dropout(dropout), scores_of(hidden, num_classes)
    )
