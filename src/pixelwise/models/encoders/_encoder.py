"""What a decoder needs to know of an encoder."""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn


@final
class Encoder(nn.Module):
    """A network that turns images into feature maps, from the finest to the coarsest.

    Attributes:
        channels: Channels of each feature map.
        strides: How many rows and columns of the image one of each feature map stands for; never falling.
    """

    def __init__(self, body: nn.Module, channels: Sequence[int], strides: Sequence[int]) -> None:
        super().__init__()
        self.body = body
        self.channels = tuple(channels)
        self.strides = tuple(strides)

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b _ _ _"]]:
        """One feature map per level, for images whose sizes are multiples of the last stride."""
        return list(self.body(images))
