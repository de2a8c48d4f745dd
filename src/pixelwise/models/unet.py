"""The U-Net, whole or as a decoder on somebody else's encoder."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, final

import torch
from annotated_types import Ge, Len
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
    enlarged,
    glorot_uniform,
    halving_convolution,
)
from pixelwise.models._encoder_unet import EncoderUnet
from pixelwise.models._pair import ACTIVATIONS, Activation, Style, pair
from pixelwise.models.encoders._door import encoder_named
from pixelwise.ops.sizes import pad_to_stride

Halving = Literal["pool", "stride"]
Stem = Literal[1, 2, 4]


def unet(
    in_channels: int,
    num_classes: int,
    *,
    width: Width | Annotated[Sequence[Width], Len(2)] | None = None,
    norm: Norm | None = None,
    activation: Activation = "relu",
    residual: bool = False,
    halving: Halving = "pool",
    stem: Stem = 1,
    dropout: Share | None = None,
    encoder: str | None = None,
    weights: str | None = None,
    finest: Annotated[int, Ge(1)] = 1,
) -> "Unet | EncoderUnet":
    """A U-Net: down by pooling, up by transposed convolutions, each level handed across.

    With `encoder`, the way down is somebody else's network and the way up is made to fit it, ending at
    the encoder's finest level (mostly half of the resolution).
    What is left out takes the value of the tutorial's network, or the one that suits encoders.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels at the finest level, doubled at each coarser one; or a list of the channels at
            every level, from the finest. Left out: five levels from 64, or with an encoder 16 at stride
            2 of the way up.
        norm: What stands between convolution and activation. Left out: none, or with an encoder batch.
        activation: What follows each convolution, `relu` or `elu`.
        residual: Whether each two convolutions are added to what entered them.
        halving: Without an encoder, `pool` maxima between levels, or `stride` in the first convolution.
        stem: Stride of the finest level, without an encoder; above 1, strided convolutions come before it.
        dropout: Share not seen in training at the two deepest levels, or with an encoder of its
            deepest features. Left out: 0.3, or with an encoder 0.
        encoder: One of ours such as `mit_b0`, or an architecture of timm such as `resnet18`.
        weights: A safetensors file for the encoder, or `pretrained` to download its. Left out: the
            encoder starts at random.
        finest: Stride below which the way up does not come back, its logits being interpolated; 4 takes
            half the time of 2 and blurs what is thinner than four pixels.

    Raises:
        RecipeError: If there are weights and no encoder, or an encoder and options of another way down.

    Reference:
        "Image Segmentation: An In-Depth Guide", the second model, without its sigmoid; after
        Ronneberger, Fischer & Brox, "U-Net", 2015, arXiv:1505.04597, which does not pad, doubles
        by 2×2 and has no convolution after the last level (see `original_unet`). Residual as in Zhang,
        Liu & Wang, "Road Extraction by Deep Residual U-Net", 2018, arXiv:1711.10684, whose norms and
        activations come before the convolutions.
    """
    if encoder is None:
        if weights is not None:
            raise RecipeError(
                f"unet has weights and no encoder. Found weights={weights!r}. Name the encoder they "
                "belong to."
            )
        return Unet(
            in_channels,
            num_classes,
            widths=width if isinstance(width, Sequence) else _doubled(64 if width is None else width),
            style=Style(norm or "none", ACTIVATIONS[activation], residual),
            halving=halving,
            stem=stem,
            dropout=0.3 if dropout is None else dropout,
            finest=finest,
        )
    if isinstance(width, Sequence) or halving != "pool" or stem != 1:
        raise RecipeError(
            f"unet on an encoder has that one's way down. Found encoder={encoder!r} with width={width!r}, "
            f"halving={halving!r}, stem={stem!r}. Give one width, and neither halving nor stem."
        )
    return EncoderUnet(
        encoder_named(encoder, in_channels, weights=weights),
        num_classes,
        width=16 if width is None else width,
        style=Style(norm or "batch", ACTIVATIONS[activation], residual),
        dropout=0.0 if dropout is None else dropout,
        finest=finest,
    )


@final
class Unet(nn.Module):
    """The network `unet` builds where there is no encoder."""

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        *,
        widths: Sequence[int],
        style: Style,
        halving: Halving,
        stem: Stem,
        dropout: float,
        finest: int,
    ) -> None:
        super().__init__()
        strides = [stem * 2**level for level in range(len(widths))]
        self.coarsest, self.pooled = strides[-1], halving == "pool"
        entries = [in_channels, *[widths[0]] * (stem.bit_length() - 1)]
        self.stem = nn.Sequential(
            *(
                halving_convolution(i, o, norm=style.norm, activation=style.activation)
                for i, o in pairwise(entries)
            )
        )
        inputs = [entries[-1], *widths]
        self.down = nn.ModuleList(
            pair(i, o, style, halve=bool(level) and not self.pooled)
            for level, (i, o) in enumerate(zip(inputs, widths, strict=False))
        )
        self.dropout = nn.Dropout(dropout)
        back = [level for level, stride in enumerate(strides) if stride >= finest] or [len(widths) - 1]
        self.stride = strides[back[0]]
        self.up = nn.ModuleList(_Up(widths[level + 1], widths[level], style) for level in back[-2::-1])
        outputs = widths[back[0]]
        self.last = convolution(outputs, outputs, norm=style.norm, activation=style.activation)
        self.classifier = glorot_uniform(nn.Conv2d(outputs, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        features = self.stem(pad_to_stride(images, self.coarsest))
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            features = block(F.max_pool2d(features, 2) if level and self.pooled else features)
            features = self.dropout(features) if level >= len(self.down) - 2 else features
            skips.append(features)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=False):  # the finest may be left out
            features = up(features, skip)
        return enlarged(self.classifier(self.last(features)), images, self.stride)


@final
class _Up(nn.Module):
    """Doubles the resolution and joins the skip of that size."""

    def __init__(self, coarse: int, outputs: int, style: Style) -> None:
        super().__init__()
        self.enlarge = doubling_convolution(coarse, outputs)
        self.block = pair(2 * outputs, outputs, style)

    def forward(
        self, coarse: Float[Tensor, "b _ h w"], skip: Float[Tensor, "b c 2*h 2*w"]
    ) -> Float[Tensor, "b c 2*h 2*w"]:
        return self.block(torch.cat([self.enlarge(coarse), skip], dim=1))


def _doubled(width: int) -> list[int]:
    return [width * 2**level for level in range(5)]
