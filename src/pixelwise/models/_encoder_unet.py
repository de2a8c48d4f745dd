"""A U-Net's decoder on somebody else's encoder."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import enlarged, glorot_uniform
from pixelwise.models._pair import Style, pair
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.ops.sizes import pad_to_stride


@final
class EncoderUnet(nn.Module):
    """The features of an encoder, joined from the deepest to the finest.

    The decoder has `width` channels at stride 2 and twice as many at each coarser level. It ends at
    the finest of the encoder's levels whose stride is not below `finest`; from there the logits are
    interpolated, which spares the largest maps.
    """

    def __init__(
        self, encoder: Encoder, num_classes: int, *, width: int, style: Style, dropout: float, finest: int
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        levels: list[nn.Module] = []
        coarse, self.stride = encoder.channels[-1], encoder.strides[-1]
        for skip, stride in zip(encoder.channels[-2::-1], encoder.strides[-2::-1], strict=True):
            if stride < finest:
                break
            self.stride = stride
            outputs = max(1, width * stride // 2)
            levels.append(_Level(coarse, skip, outputs, style))
            coarse = outputs
        self.levels = nn.ModuleList(levels)
        self.classifier = glorot_uniform(nn.Conv2d(coarse, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        *skips, deepest = self.encoder(pad_to_stride(images, self.encoder.strides[-1]))
        features = self.dropout(deepest)
        for level, skip in zip(self.levels, reversed(skips), strict=False):  # the finest may be left out
            features = level(features, skip)
        return enlarged(self.classifier(features), images, self.stride)


@final
class _Level(nn.Module):
    """Brings coarse features to the size of the skip and joins the two."""

    def __init__(self, coarse: int, skip: int, outputs: int, style: Style) -> None:
        super().__init__()
        self.join = pair(coarse + skip, outputs, style)

    def forward(
        self, coarse: Float[Tensor, "b _ _ _"], skip: Float[Tensor, "b _ h w"]
    ) -> Float[Tensor, "b _ h w"]:
        return self.join(torch.cat([F.interpolate(coarse, size=skip.shape[-2:]), skip], dim=1))
