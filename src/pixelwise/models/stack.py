"""Convolutions one after the other, all at full resolution."""

from itertools import pairwise
from typing import Annotated, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Share, Width, convolution, glorot_uniform


def stack(
    in_channels: int,
    num_classes: int,
    *,
    width: Width = 16,
    depth: Annotated[int, Ge(4)] = 11,
    dropout: Share = 0.0,
) -> "Stack":
    """A plain stack of 3×3 convolutions that never changes the resolution.

    A pixel's scores depend on 2·depth + 1 rows and columns around it, 23 by default, and on nothing else.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels of the first and the last hidden layer; those between have twice as many.
        depth: Convolutions in all, the classifier included.
        dropout: Share of the features that the classifier does not see in training.

    Reference:
        Luke Tonin, "A simple example of semantic segmentation with tensorflow keras", the first
        model; there the last layer is a sigmoid, here logits leave.
    """
    return Stack(in_channels, num_classes, width, depth, dropout)


@final
class Stack(nn.Module):
    """The network `stack` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        channels = [in_channels, width, *[2 * width] * (depth - 3), width]
        self.layers = nn.Sequential(
            *(convolution(inputs, outputs, start=glorot_uniform) for inputs, outputs in pairwise(channels))
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = glorot_uniform(nn.Conv2d(width, num_classes, 3, padding=1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        return self.classifier(self.dropout(self.layers(images)))
