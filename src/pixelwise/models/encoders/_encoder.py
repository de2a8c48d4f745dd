"""What a decoder needs to know of an encoder."""

from collections.abc import Sequence
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.errors import RecipeError

OutputStride = Literal[8, 16, 32]


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

    def level(self, stride: int) -> int:
        """Which feature map is the deepest at a stride.

        Raises:
            RecipeError: If none has it.
        """
        if stride not in self.strides:
            raise RecipeError(
                f"the encoder has no features at stride {stride}. It has them at "
                f"{', '.join(str(known) for known in self.strides)}. Choose another encoder, such as "
                "'resnet18', or another output_stride."
            )
        return len(self.strides) - 1 - self.strides[::-1].index(stride)

    def levels_from(self, stride: int) -> range:
        """Which feature maps are at a stride or coarser."""
        return range(sum(finer < stride for finer in self.strides), len(self.strides))
