"""The U-Net as it was published: nothing is padded but the image, with its own mirror image."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Layer, Share, Width
from pixelwise.ops.sizes import crop_to

_MARGIN = 92  # rows and columns that the convolutions eat on each side
_STRIDE = 16


def original_unet(
    in_channels: int, num_classes: int, *, width: Width = 64, dropout: Share = 0.5
) -> "OriginalUnet":
    """The U-Net of 2015, whose 3×3 convolutions pad nothing and whose skips are cropped to fit.

    The image is continued on all sides by its mirror image, as often as needed, far enough that the
    logits cover it. At most 15 more rows and columns make the sizes fit.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels at the finest level; they double at each coarser one.
        dropout: Share of the features not seen in training at the two deepest levels of the way down.

    Reference:
        Ronneberger, Fischer & Brox, "U-Net", 2015, arXiv:1505.04597, figure 1 and section 2; the
        mirroring is its overlap-tile strategy, the first weights are normal of variance 2 / N. The
        paper does not say how much is dropped; its released network drops half.
    """
    return OriginalUnet(in_channels, num_classes, width, dropout)


@final
class OriginalUnet(nn.Module):
    """The network `original_unet` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(5)]
        inputs = [in_channels, *channels]
        self.down = nn.ModuleList(_two(i, o) for i, o in zip(inputs, channels, strict=False))
        self.dropout = nn.Dropout(dropout)
        self.up = nn.ModuleList(_Up(outputs) for outputs in channels[-2::-1])
        self.classifier = _normal(nn.Conv2d(width, num_classes, 1), width)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        return crop_to(self.inside(_continued(images)), images)

    def inside(self, images: Float[Tensor, "b c H W"]) -> Float[Tensor, "b k H-184 W-184"]:
        """Logits of the pixels at least 92 away from the border, for sizes 12 above a multiple of 16."""
        features = images
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            features = block(F.max_pool2d(features, 2) if level else features)
            features = self.dropout(features) if level >= 3 else features
            skips.append(features)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            features = up(features, skip)
        return self.classifier(features)


@final
class _Up(nn.Module):
    """Doubles the resolution, joins the middle of the skip."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.enlarge = _normal(nn.ConvTranspose2d(2 * outputs, outputs, 2, stride=2), 2 * outputs)
        self.block = _two(2 * outputs, outputs)

    def forward(
        self, coarse: Float[Tensor, "b c h w"], skip: Float[Tensor, "b c//2 H W"]
    ) -> Float[Tensor, "b c//2 2*h-4 2*w-4"]:
        large = self.enlarge(coarse)
        above, left = ((skip.shape[axis] - large.shape[axis]) // 2 for axis in (-2, -1))
        middle = crop_to(skip[..., above:, left:], large)
        return self.block(torch.cat([middle, large], dim=1))


def _continued(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c H W"]:
    """Images with a margin of their mirror images; the border itself is not repeated."""
    for axis in (-2, -1):
        size = images.shape[axis]
        fitting = (size + 11) // _STRIDE * _STRIDE + 4
        wanted = torch.arange(-_MARGIN, fitting + _MARGIN, device=images.device)
        last = torch.full((1,), size - 1, device=images.device)
        there_and_back = wanted.abs() % (2 * last).clamp(min=1)
        images = images.index_select(axis, last - (there_and_back - last).abs())
    return images


def _two(inputs: int, outputs: int) -> nn.Sequential:
    first, second = nn.Conv2d(inputs, outputs, 3), nn.Conv2d(outputs, outputs, 3)
    return nn.Sequential(_normal(first, 9 * inputs), nn.ReLU(), _normal(second, 9 * outputs), nn.ReLU())


def _normal(layer: Layer, seen: int) -> Layer:
    """The layer with normal weights of variance 2 / N, where each of its outputs has seen N inputs."""
    nn.init.normal_(layer.weight, std=(2 / seen) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
