"""A few convolutions at full resolution that look further and further."""

from collections.abc import Sequence
from typing import Annotated, final

import torch
from annotated_types import Ge, MinLen
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Width, convolution, he_normal, narrow_normal


def dilated(
    in_channels: int,
    num_classes: int,
    *,
    width: Width = 16,
    dilations: Annotated[Sequence[Annotated[int, Ge(1)]], MinLen(1)] = (1, 1, 2, 4),
) -> "Dilated":
    """3×3 convolutions with holes, never changing the resolution, and a classifier of 1×1.

    A pixel's scores depend on 1 + 2·(sum of the dilations) rows and columns around it, 17 by default. Small
    enough to be trained in seconds on a processor: the network of the systems' experiments.

    It starts as a network of single pixels: every kernel but its middle is zero. What is learned without
    masks would otherwise drift: scores that lie some pixels beside the things explain image labels as well.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels of every hidden layer.
        dilations: Steps between the taps of each convolution, one a layer.

    Reference:
        Yu & Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2016, arXiv:1511.07122,
        section 3; there the dilations go on to 16. Kernels that start at their middle: Xiao et al.,
        "Dynamical Isometry and a Mean Field Theory of CNNs", 2018, arXiv:1806.05393, section 3.2.
    """
    return Dilated(in_channels, num_classes, width, dilations)


@final
class Dilated(nn.Module):
    """The network `dilated` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, dilations: Sequence[int]) -> None:
        super().__init__()
        inputs = [in_channels, *[width] * (len(dilations) - 1)]
        self.layers = nn.Sequential(
            *(
                convolution(channels, width, dilation=dilation, start=_middle)
                for channels, dilation in zip(inputs, dilations, strict=True)
            )
        )
        self.classifier = narrow_normal(nn.Conv2d(width, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        return self.classifier(self.layers(images))


def _middle(layer: nn.Conv2d) -> nn.Conv2d:
    """The layer with He's weights for a 1×1 kernel in the middle of its own, and zero around them."""
    single = he_normal(nn.Conv2d(layer.in_channels, layer.out_channels, 1))
    nn.init.zeros_(he_normal(layer).weight)
    with torch.no_grad():
        layer.weight[:, :, 1, 1] = single.weight[:, :, 0, 0]
    return layer
