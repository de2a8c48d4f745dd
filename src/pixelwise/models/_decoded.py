"""Encoders with a decoder on top: what DeepLab, PSPNet, FPN and their kin have in common."""

from typing import Annotated, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import convolution, enlarged, glorot_uniform
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.ops.heads import Auxiliary, Heads, Said
from pixelwise.ops.sizes import pad_to_stride

Weight = Annotated[float, Ge(0)]


@final
class Decoded(nn.Module):
    """An encoder, and a decoder whose coarse logits are brought to the size of the images.

    Args:
        encoder: Turns images into feature maps.
        decoder: Turns the list of feature maps into logits.
        num_classes: Classes to tell apart.
        stride: Pixels that one row of the decoder's logits stands for.
        auxiliary: What the loss of a plain head on the second deepest map counts; 0 builds none.
    """

    def __init__(
        self, encoder: Encoder, decoder: nn.Module, num_classes: int, *, stride: int, auxiliary: float = 0.0
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.stride = stride
        self.side = SideHead(encoder, num_classes, auxiliary) if auxiliary else None

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with the auxiliary head's if there is one."""
        maps = self.encoder(pad_to_stride(images, self.encoder.strides[-1]))
        logits = enlarged(self.decoder(maps), images, self.stride)
        return said(logits, self.side(maps, images) if self.side is not None else ())


@final
class SideHead(nn.Module):
    """A plain head on the second deepest feature map, which learns to name the classes too.

    Reference:
        Zhao, Shi, Qi, Wang & Jia, "Pyramid Scene Parsing Network", 2017, arXiv:1612.01105, section 3.3.
    """

    def __init__(self, encoder: Encoder, num_classes: int, weight: float) -> None:
        super().__init__()
        self.head = plain_head(encoder.channels[-2], num_classes)
        self.stride = encoder.strides[-2]
        self.weight = weight

    def forward(
        self, maps: list[Float[Tensor, "b _ _ _"]], images: Float[Tensor, "b c h w"]
    ) -> tuple[Auxiliary, ...]:
        """Scores at the size of the images, and their weight."""
        scores = enlarged(self.head(maps[-2]), images, self.stride)
        return (Auxiliary("classes", scores, self.weight),)


@final
class OnDeepest(nn.Module):
    """A decoder that looks at the deepest feature map only."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        """What the head says of the deepest map."""
        return self.head(maps[-1])


def plain_head(inputs: int, num_classes: int) -> nn.Sequential:
    """A 3×3 convolution to a quarter of the channels, and scores: the head of an FCN on any features."""
    hidden = max(1, inputs // 4)
    return nn.Sequential(
        convolution(inputs, hidden, norm="batch"), nn.Dropout(0.1), scores_of(hidden, num_classes)
    )


def scores_of(inputs: int, num_classes: int) -> nn.Conv2d:
    """Scores of each class at each pixel of a feature map."""
    return glorot_uniform(nn.Conv2d(inputs, num_classes, 1))


def said(logits: Float[Tensor, "b k h w"], auxiliary: tuple[Auxiliary, ...]) -> Said:
    """The logits alone, or with what is learned beside them."""
    return Heads(logits, auxiliary) if auxiliary else logits
