"""UPerNet: pyramid pooling on top of a feature pyramid."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Share, Width, convolution
from pixelwise.models._decoded import Decoded, Weight, scores_of
from pixelwise.models._pyramid import PooledPyramid, at_size_of, summed_from_above
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder

_FINEST = 4
_BINS = (1, 2, 3, 6)


def upernet(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    width: Width = 256,
    dropout: Share = 0.1,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """Pyramid pooling on an encoder's deepest features, handed down a feature pyramid, all levels joined.

    The default encoder is the smallest of the paper's family; transformers such as
    `swin_tiny_patch4_window7_224` are mostly used under this decoder.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        width: Channels of every level; 512 in the paper.
        dropout: Share of the joined features not seen in training.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0.4 in the
            public implementations, 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Xiao, Liu, Zhou, Jiang & Sun, "Unified Perceptual Parsing for Scene Understanding", 2018,
        arXiv:1807.10221, section 3; here its head for objects only.
    """
    body = encoder_named(encoder, in_channels, weights=weights)
    decoder = _PooledFeaturePyramid(body, num_classes, width, dropout)
    return Decoded(body, decoder, num_classes, stride=decoder.stride, auxiliary=auxiliary)


@final
class _PooledFeaturePyramid(nn.Module):
    """From feature maps to logits at stride 4, or at the finest stride above it."""

    def __init__(self, encoder: Encoder, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        *finer, deepest = encoder.levels_from(_FINEST)
        self.finer = finer
        self.stride = encoder.strides[finer[0] if finer else deepest]
        self.pool = PooledPyramid(encoder.channels[-1], width, width, _BINS)
        self.lateral = nn.ModuleList(
            convolution(encoder.channels[level], width, 1, norm="batch") for level in finer
        )
        self.smooth = nn.ModuleList(convolution(width, width, norm="batch") for _ in finer)
        self.join = nn.Sequential(
            convolution(width * (len(finer) + 1), width, norm="batch"), nn.Dropout(dropout)
        )
        self.classifier = scores_of(width, num_classes)

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        lateral = [layer(maps[level]) for layer, level in zip(self.lateral, self.finer, strict=True)]
        *pyramid, deepest = summed_from_above([*lateral, self.pool(maps[-1])], "bilinear")
        levels = [smooth(level) for smooth, level in zip(self.smooth, pyramid, strict=True)] + [deepest]
        joined = torch.cat(at_size_of(levels, levels[0]), dim=1)
        return self.classifier(self.join(joined))
