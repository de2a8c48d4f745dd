"""FastFCN: an ordinary encoder whose last three stages together stand in for a dilated one."""

from collections.abc import Sequence
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models._blocks import Width, convolution
from pixelwise.models._decoded import SideHead, Weight, plain_head, said
from pixelwise.models._encoding import EncodingHead
from pixelwise.models._pyramid import separable_convolution
from pixelwise.models.deeplab_v3 import atrous_head
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.models.pspnet import pooled_head
from pixelwise.ops.heads import Auxiliary, Said
from pixelwise.ops.sizes import crop_to, pad_to_stride

Head = Literal["plain", "pooled", "atrous", "encoding"]

_DILATIONS = (1, 2, 4, 8)
_RATES = (12, 24, 36)


def fastfcn(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    width: Width = 128,
    head: Head = "plain",
    auxiliary: Weight = 0.0,
    presence: Weight = 0.0,
) -> "FastFcn":
    """Joint pyramid upsampling on an encoder, and one of four heads on its features at stride 8.

    The default encoder is the smallest of the paper's family; the paper's own is `resnet50` or larger.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        width: Channels of each joined stage; four times as many come out. 512 in the paper, a quarter of
            ResNet-50's deepest channels, as 128 is of the default encoder's.
        head: `plain` as in an FCN, `pooled` as in PSPNet, `atrous` as in DeepLab v3, or `encoding` as
            in EncNet.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0.2 in the
            paper, 0 builds none.
        presence: What the loss of naming the classes that occur counts, with the head `encoding`; 0.2
            in the paper, 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve, or if presence is to be learned by another head.
        CheckpointError: If the encoder's weights cannot be had or do not fit.

    Reference:
        Wu, Zhang, Huang, Liang & Yu, "FastFCN: Rethinking Dilated Convolution in the Backbone for
        Semantic Segmentation", 2019, arXiv:1903.11816; the name is short for a fast *fully
        convolutional* network.
    """
    if presence and head != "encoding":
        raise RecipeError(
            f"only the head 'encoding' learns which classes are present. Found head={head!r} and "
            f"presence={presence!r}. Leave presence out, or set head to 'encoding'."
        )
    body = encoder_named(encoder, in_channels, weights=weights)
    if len(set(body.strides[-3:])) < 3:
        raise RecipeError(
            f"fastfcn joins the last three strides of an encoder. Those of {encoder!r} are "
            f"{body.strides}. Choose another encoder, such as 'resnet18'."
        )
    scored = _head(head, 4 * width, num_classes, presence=presence > 0)
    side = SideHead(body, num_classes, auxiliary) if auxiliary else None
    return FastFcn(body, JointPyramid(body.channels[-3:], width), scored, side, presence)


@final
class FastFcn(nn.Module):
    """The network `fastfcn` builds."""

    def __init__(
        self,
        encoder: Encoder,
        join: "JointPyramid",
        head: nn.Module,
        side: SideHead | None,
        presence: float,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.join = join
        self.head = head
        self.side = side
        self.presence = presence

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with the auxiliary heads' scores if there are any."""
        padded = pad_to_stride(images, self.encoder.strides[-1])
        maps = self.encoder(padded)
        scores = self.head(self.join(maps[-3:]))
        present = None
        if isinstance(self.head, EncodingHead):
            scores, present = scores
        logits = crop_to(_stretched(scores, padded), images)
        auxiliary = self.side(maps, images) if self.side is not None else ()
        if present is not None:
            auxiliary = (*auxiliary, Auxiliary("presence", present, self.presence))
        return said(logits, auxiliary)


@final
class JointPyramid(nn.Module):
    """The last three stages of an encoder, the coarser two enlarged, seen at four dilations.

    Args:
        channels: Of each stage, the finest first.
        width: Channels of each stage after its convolution, and of each dilation.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(convolution(inputs, width, norm="batch") for inputs in channels)
        joined = width * len(channels)
        self.dilated = nn.ModuleList(
            separable_convolution(joined, width, dilation=rate, between=nn.Identity) for rate in _DILATIONS
        )

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b _ h w"]:
        """Features of the size of the finest map, with four times `width` channels."""
        finest, *coarser = (stage(features) for stage, features in zip(self.stages, maps, strict=True))
        joined = torch.cat([*(_stretched(features, finest) for features in coarser[::-1]), finest], dim=1)
        return torch.cat([layer(joined) for layer in self.dilated], dim=1)


def _stretched(
    features: Float[Tensor, "b k _ _"], like: Float[Tensor, "b _ h w"]
) -> Float[Tensor, "b k h w"]:
    """Enlarged so that the centres of corner pixels meet, as the paper's networks were trained."""
    return F.interpolate(features, size=like.shape[-2:], mode="bilinear", align_corners=True)


def _head(head: Head, inputs: int, num_classes: int, *, presence: bool) -> nn.Module:
    if head == "plain":
        return plain_head(inputs, num_classes)
    if head == "pooled":
        return pooled_head(inputs, num_classes)
    if head == "atrous":
        return atrous_head(inputs, num_classes, rates=_RATES, width=max(1, inputs // 8))
    return EncodingHead(inputs, num_classes, max(1, inputs // 4), presence=presence)
