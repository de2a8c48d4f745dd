"""A DeepLab small enough to learn in seconds, with its parts or without them."""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import convolution
from pixelwise.models.deeplab_v2 import DeeplabV2
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.systems.crf.shapes import CLASSES

_WIDTHS = (16, 32, 64)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts the net has.

    Attributes:
        atrous: Whether the last stride becomes holes in the kernels behind it, which see as far as before
            and tell four times as many places.
        rates: Dilations of the classifiers, summed: several are ASPP.
    """

    atrous: bool
    rates: tuple[int, ...]


STRIDED = Parts(atrous=False, rates=(1,))
ATROUS = Parts(atrous=True, rates=(2,))
ASPP = Parts(atrous=True, rates=(2, 4, 6, 8))


def network(parts: Parts) -> DeeplabV2:
    """Three convolutions and a classifier, for RGB images of shapes."""
    stride = 4 if parts.atrous else 8
    encoder = Encoder(Body(3, atrous=parts.atrous), (_WIDTHS[-1],), (stride,))
    return DeeplabV2(encoder, len(CLASSES), parts.rates, (1.0,), 0.0)


@final
class Body(nn.Module):
    """Convolutions with two strides of two, and a third stride or none."""

    def __init__(self, in_channels: int, *, atrous: bool) -> None:
        super().__init__()
        first, second, third = _WIDTHS
        self.layers = nn.Sequential(
            convolution(in_channels, first, norm="batch"),
            nn.MaxPool2d(2),
            convolution(first, second, norm="batch"),
            nn.MaxPool2d(2),
            convolution(second, third, norm="batch"),
            nn.Identity() if atrous else nn.MaxPool2d(2),
        )

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b o _ _"]]:
        return [self.layers(images)]


def with_holes(kernel: Float[Tensor, "o i s s"], rate: int) -> Float[Tensor, "o i t t"]:
    """The kernel with `rate - 1` zeros between its taps: what a dilation of `rate` computes with."""
    side = (kernel.shape[-1] - 1) * rate + 1
    wide = torch.zeros(*kernel.shape[:2], side, side)
    wide[..., ::rate, ::rate] = kernel
    return wide
