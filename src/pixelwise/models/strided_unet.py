"""A U-shape of strided convolutions, down and up again without skips."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import (
    Share,
    Width,
    doubling_convolution,
    glorot_uniform,
    halving_convolution,
    he_normal,
)
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 8


def strided_unet(
    in_channels: int, num_classes: int, *, width: Width = 64, dropout: Share = 0.0
) -> "StridedUnet":
    """Three strided convolutions down, three transposed ones up; no pooling and no skips.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels at the finest level; they double at each coarser one.
        dropout: Share of the deepest features that is not seen in training.

    Reference:
        "Image Segmentation: An In-Depth Guide", the first model, without its augmentation and its
        sigmoid; after Chollet, "Deep Learning with Python", 2021. Not a U-Net in Ronneberger's
        sense, for nothing is handed across the U.
    """
    return StridedUnet(in_channels, num_classes, width, dropout)


@final
class StridedUnet(nn.Module):
    """The network `strided_unet` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        narrow, middle, wide = width, 2 * width, 4 * width
        self.encoder = nn.Sequential(
            *_down(in_channels, narrow), *_down(narrow, middle), *_down(middle, wide)
        )
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Sequential(*_up(wide, wide), *_up(wide, middle), *_up(middle, narrow))
        self.classifier = glorot_uniform(nn.Conv2d(width, num_classes, 3, padding=1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        deepest = self.encoder(pad_to_stride(images, _STRIDE))
        return crop_to(self.classifier(self.decoder(self.dropout(deepest))), images)


def _down(inputs: int, outputs: int) -> list[nn.Module]:
    keep = he_normal(nn.Conv2d(outputs, outputs, 3, padding=1))
    return [halving_convolution(inputs, outputs), nn.Sequential(keep, nn.ReLU())]


def _up(inputs: int, outputs: int) -> list[nn.Module]:
    keep = he_normal(nn.ConvTranspose2d(inputs, outputs, 3, padding=1))
    return [nn.Sequential(keep, nn.ReLU()), nn.Sequential(doubling_convolution(outputs, outputs), nn.ReLU())]
