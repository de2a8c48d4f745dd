"""DeepLab, second version: scores of several dilations summed, and of several sizes of the image."""

from collections.abc import Sequence
from functools import reduce
from typing import Annotated, final

import torch
from annotated_types import Gt, Le
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models._blocks import enlarged, narrow_normal
from pixelwise.models._decoded import Weight, said
from pixelwise.models._pyramid import Rates, at_size_of
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder, OutputStride
from pixelwise.ops.heads import Auxiliary, Said
from pixelwise.ops.sizes import pad_to_stride

Scales = tuple[Annotated[float, Gt(0), Le(1)], ...]


def deeplab_v2(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    output_stride: OutputStride = 8,
    rates: Rates = (6, 12, 18, 24),
    scales: Scales = (1.0,),
    auxiliary: Weight = 0.0,
) -> "DeeplabV2":
    """Dilated convolutions that score the deepest features of an encoder, summed.

    The default encoder is the smallest of the paper's family; the paper's own is `resnet101`.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        output_stride: Stride of the deepest features; the encoder's last strides become dilation.
        rates: Dilation of each 3×3 convolution.
        scales: Sizes at which the image is seen, as shares; of each class and pixel the highest score
            counts. (1, 0.75, 0.5) in the paper, at 1.8 times the cost.
        auxiliary: What the loss of each scale's own scores counts; 1 in the paper, 0 learns from the
            joint scores only.

    Raises:
        RecipeError: If no scale is given, if one scale alone has an auxiliary loss, or if the encoder
            cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Chen, Papandreou, Kokkinos, Murphy & Yuille, "DeepLab", 2017, arXiv:1606.00915, sections 3.1 and
        4.1.2. Public codes take the highest score on the coarse maps; here it is taken of the enlarged
        ones, because coarse maps of different scales do not line up at every size of image.
    """
    if not scales or (auxiliary and len(scales) == 1):
        raise RecipeError(
            f"deeplab_v2 has an auxiliary loss for each of several scales. Found scales={scales!r} and "
            f"auxiliary={auxiliary!r}. Give scales such as [1, 0.75, 0.5], or leave both out."
        )
    body = encoder_named(encoder, in_channels, weights=weights, output_stride=output_stride)
    return DeeplabV2(body, num_classes, rates, scales, auxiliary)


@final
class DeeplabV2(nn.Module):
    """The network `deeplab_v2` builds."""

    def __init__(
        self,
        encoder: Encoder,
        num_classes: int,
        rates: Sequence[int],
        scales: Sequence[float],
        auxiliary: float,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifiers = nn.ModuleList(
            narrow_normal(nn.Conv2d(encoder.channels[-1], num_classes, 3, padding=rate, dilation=rate))
            for rate in rates
        )
        self.scales = tuple(scales)
        self.auxiliary = auxiliary

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with those of each scale where they are learned too."""
        each = [self._seen(images, scale) for scale in self.scales]
        logits = reduce(torch.maximum, at_size_of(each, images))
        sides = (Auxiliary("classes", seen, self.auxiliary) for seen in each) if self.auxiliary else ()
        return said(logits, tuple(sides))

    def _seen(self, images: Float[Tensor, "b c h w"], scale: float) -> Float[Tensor, "b k _ _"]:
        """Logits of the smaller image, at its size."""
        if scale != 1:
            size = [max(1, round(scale * length)) for length in images.shape[-2:]]
            images = F.interpolate(images, size=size, mode="bilinear")
        stride = self.encoder.strides[-1]
        deepest = self.encoder(pad_to_stride(images, stride))[-1]
        scores = reduce(torch.add, (classifier(deepest) for classifier in self.classifiers))
        return enlarged(scores, images, stride)
