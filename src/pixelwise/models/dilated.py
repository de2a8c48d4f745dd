"""A few convolutions at full resolution that look further and further."""

from collections.abc import Sequence
from typing import Annotated, final

from annotated_types import Ge, MinLen
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Width, convolution, he_normal


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

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels of every hidden layer.
        dilations: Steps between the taps of each convolution, one a layer.

    Reference:
        Yu & Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2016, arXiv:1511.07122,
        section 3; there the dilations go on to 16.
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
                convolution(channels, width, dilation=dilation)
                for channels, dilation in zip(inputs, dilations, strict=True)
            )
        )
        self.classifier = he_normal(nn.Conv2d(width, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        return self.classifier(self.layers(images))
