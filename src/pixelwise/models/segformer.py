"""SegFormer: perceptrons on every level of a transformer, joined at a quarter of the image."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Share, Width, convolution, glorot_uniform
from pixelwise.models._decoded import Decoded, Weight, scores_of
from pixelwise.models._pyramid import at_size_of
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder

_FINEST = 4


def segformer(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "mit_b0",
    weights: str | None = None,
    width: Width = 256,
    dropout: Share = 0.1,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """A linear layer for each feature map of an encoder, all enlarged, joined and scored pixel by pixel.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: `mit_b0` to `mit_b5` as in the paper, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download where there is one.
            Left out: the encoder starts at random.
        width: Channels of each level; the paper has 256 for `mit_b0` and `mit_b1`, 768 for the others.
        dropout: Share of the joined features not seen in training.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Xie, Wang, Yu, Anandkumar, Alvarez & Luo, "SegFormer: Simple and Efficient Design for Semantic
        Segmentation with Transformers", 2021, arXiv:2105.15203, section 3.2.
    """
    body = encoder_named(encoder, in_channels, weights=weights)
    decoder = _Perceptrons(body, num_classes, width, dropout)
    return Decoded(body, decoder, num_classes, stride=decoder.stride, auxiliary=auxiliary)


@final
class _Perceptrons(nn.Module):
    """From feature maps to logits at stride 4, or at the finest stride above it."""

    def __init__(self, encoder: Encoder, num_classes: int, width: int, dropout: float) -> None:
        super().__init__()
        self.taken = encoder.levels_from(_FINEST)
        self.stride = encoder.strides[self.taken[0]]
        self.linear = nn.ModuleList(
            glorot_uniform(nn.Conv2d(encoder.channels[level], width, 1)) for level in self.taken
        )
        self.join = nn.Sequential(
            convolution(width * len(self.taken), width, 1, norm="batch"), nn.Dropout(dropout)
        )
        self.classifier = scores_of(width, num_classes)

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        levels = [layer(maps[level]) for layer, level in zip(self.linear, self.taken, strict=True)]
        return self.classifier(self.join(torch.cat(at_size_of(levels, levels[0]), dim=1)))
