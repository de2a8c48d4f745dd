"""A small U-Net with exponential linear units and dropout in every block."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Share, Width, convolution, glorot_uniform
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 16


def elu_unet(in_channels: int, num_classes: int, *, width: Width = 16, dropout: Share = 0.3) -> "EluUnet":
    """A U-Net of five levels, narrow, with dropout between the two convolutions of each block.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels at the finest level; they double at each coarser one.
        dropout: Share not seen in training in the deepest block; two thirds of it in the next two
            levels, one third in the two finest. 0 for none.

    Reference:
        Pallawi, "Semantic segmentation with U-Net- train, and test on your custom data in Keras",
        2019; the text gives dropout for two levels only, the others are those of the network it
        copies. After Ronneberger, Fischer & Brox, "U-Net", 2015, arXiv:1505.04597, which has ReLU,
        four times the width and no padding.
    """
    return EluUnet(in_channels, num_classes, width, dropout)


@final
class EluUnet(nn.Module):
    """The network `elu_unet` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(5)]
        shares = [dropout * third / 3 for third in (1, 1, 2, 2, 3)]
        inputs = [in_channels, *channels]
        self.down = nn.ModuleList(
            _block(i, o, share) for i, o, share in zip(inputs, channels, shares, strict=False)
        )
        self.up = nn.ModuleList(_Up(channels[level], shares[level]) for level in (3, 2, 1, 0))
        self.classifier = glorot_uniform(nn.Conv2d(width, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        features = pad_to_stride(images, _STRIDE)
        skips: list[Tensor] = []
        for block in self.down:
            features = block(F.max_pool2d(features, 2) if skips else features)
            skips.append(features)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            features = up(features, skip)
        return crop_to(self.classifier(features), images)


@final
class _Up(nn.Module):
    """Doubles the resolution and joins the skip of that size."""

    def __init__(self, outputs: int, share: float) -> None:
        super().__init__()
        self.enlarge = glorot_uniform(nn.ConvTranspose2d(2 * outputs, outputs, 2, stride=2))
        self.block = _block(2 * outputs, outputs, share)

    def forward(
        self, coarse: Float[Tensor, "b c h w"], skip: Float[Tensor, "b c//2 2*h 2*w"]
    ) -> Float[Tensor, "b c//2 2*h 2*w"]:
        return self.block(torch.cat([self.enlarge(coarse), skip], dim=1))


def _block(inputs: int, outputs: int, share: float) -> nn.Sequential:
    return nn.Sequential(
        convolution(inputs, outputs, activation=nn.ELU),
        nn.Dropout(share),
        convolution(outputs, outputs, activation=nn.ELU),
    )
