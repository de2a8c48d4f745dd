"""The U-Net, whole or as a decoder on an encoder of timm."""

from typing import Annotated, final

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models._blocks import (
    Norm,
    Share,
    Width,
    convolution,
    doubling_convolution,
    glorot_uniform,
)
from pixelwise.models._encoder_unet import EncoderUnet
from pixelwise.models.encoders.timm import timm
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 16


def unet(
    in_channels: int,
    num_classes: int,
    *,
    width: Width | None = None,
    norm: Norm | None = None,
    dropout: Share | None = None,
    encoder: str | None = None,
    weights: str | None = None,
    finest: Annotated[int, Ge(1)] = 1,
) -> "Unet | EncoderUnet":
    """A U-Net: down by pooling, up by transposed convolutions, each level handed across.

    With `encoder`, the way down is a network of timm and the way up is made to fit it, ending at the
    encoder's finest level (mostly half of the resolution) or at `finest`; from there logits are
    interpolated.
    What is left out takes the value of the tutorial's network, or the one that suits encoders.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels at the finest level, doubled at each coarser one. Left out: 64, or with an
            encoder 16 at stride 2 of the way up.
        norm: What stands between convolution and activation. Left out: none, or with an encoder batch.
        dropout: Share not seen in training at the two deepest levels, or with an encoder of its
            deepest features. Left out: 0.3, or with an encoder 0.
        encoder: Architecture of timm, such as `resnet18`; any that gives feature maps.
        weights: A safetensors file for the encoder, or `pretrained` to download timm's. Left out:
            the encoder starts at random.
        finest: Finest stride that the way up on an encoder comes back to; 4 takes half the time of 2
            and blurs what is thinner than four pixels.

    Raises:
        RecipeError: If there are weights and no encoder.

    Reference:
        "Image Segmentation: An In-Depth Guide", the second model, without its sigmoid; after
        Ronneberger, Fischer & Brox, "U-Net", 2015, arXiv:1505.04597, which does not pad, doubles
        by 2×2 and has no convolution after the last level.
    """
    if encoder is None and weights is not None:
        raise RecipeError(
            f"unet has weights and no encoder. Found weights={weights!r}. Name the encoder they belong to."
        )
    if encoder is None:
        return Unet(
            in_channels,
            num_classes,
            width=64 if width is None else width,
            norm="none" if norm is None else norm,
            dropout=0.3 if dropout is None else dropout,
        )
    return EncoderUnet(
        timm(in_channels, architecture=encoder, weights=weights),
        num_classes,
        width=16 if width is None else width,
        norm="batch" if norm is None else norm,
        dropout=0.0 if dropout is None else dropout,
        finest=finest,
    )


@final
class Unet(nn.Module):
    """The network `unet` builds where there is no encoder."""

    def __init__(self, in_channels: int, num_classes: int, *, width: int, norm: Norm, dropout: float) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(5)]
        inputs = [in_channels, *channels]
        self.down = nn.ModuleList(_two(i, o, norm) for i, o in zip(inputs, channels, strict=False))
        self.dropout = nn.Dropout(dropout)
        self.up = nn.ModuleList(_Up(outputs, norm) for outputs in channels[-2::-1])
        self.last = convolution(width, width, norm=norm)
        self.classifier = glorot_uniform(nn.Conv2d(width, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        features = pad_to_stride(images, _STRIDE)
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            features = block(F.max_pool2d(features, 2) if level else features)
            features = self.dropout(features) if level >= 3 else features
            skips.append(features)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            features = up(features, skip)
        return crop_to(self.classifier(self.last(features)), images)


@final
class _Up(nn.Module):
    """Doubles the resolution and joins the skip of that size."""

    def __init__(self, outputs: int, norm: Norm) -> None:
        super().__init__()
        self.enlarge = doubling_convolution(2 * outputs, outputs)
        self.block = _two(2 * outputs, outputs, norm)

    def forward(
        self, coarse: Float[Tensor, "b c h w"], skip: Float[Tensor, "b c//2 2*h 2*w"]
    ) -> Float[Tensor, "b c//2 2*h 2*w"]:
        return self.block(torch.cat([self.enlarge(coarse), skip], dim=1))


def _two(inputs: int, outputs: int, norm: Norm) -> nn.Sequential:
    return nn.Sequential(convolution(inputs, outputs, norm=norm), convolution(outputs, outputs, norm=norm))
