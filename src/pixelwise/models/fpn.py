"""The semantic half of Panoptic FPN: a feature pyramid, every level grown to a quarter of the image."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Width, convolution, glorot_uniform
from pixelwise.models._decoded import Decoded, Weight, scores_of
from pixelwise.models._pyramid import summed_from_above
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder

_FINEST = 4
_GROUP = 4  # channels normed together: 32 groups at the paper's width


def fpn(
    in_channels: int,
    num_classes: int,
    *,
    encoder: str = "resnet18",
    weights: str | None = None,
    width: Width = 128,
    auxiliary: Weight = 0.0,
) -> Decoded:
    """A feature pyramid on an encoder, its levels brought to stride 4 step by step and summed.

    The default encoder is the smallest of the paper's family; the paper's own is `resnet50` or larger.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        encoder: One of ours, such as `mit_b0`, or an architecture of timm.
        weights: A safetensors file for the encoder, or `pretrained` to download. Left out: the encoder
            starts at random.
        width: Channels of the summed levels; the pyramid has twice as many.
        auxiliary: What the loss of a plain head on the second deepest features counts; 0 builds none.

    Raises:
        RecipeError: If the encoder cannot serve.
        CheckpointError: If its weights cannot be had or do not fit.

    Reference:
        Kirillov, Girshick, He & Dollár, "Panoptic Feature Pyramid Networks", 2019, arXiv:1901.02446,
        section 3 and figure 3.
    """
    body = encoder_named(encoder, in_channels, weights=weights)
    decoder = _Pyramid(body, num_classes, width)
    return Decoded(body, decoder, num_classes, stride=decoder.stride, auxiliary=auxiliary)


@final
class _Pyramid(nn.Module):
    """From feature maps to logits at stride 4, or at the finest stride above it."""

    def __init__(self, encoder: Encoder, num_classes: int, width: int) -> None:
        super().__init__()
        self.taken = encoder.levels_from(_FINEST)
        self.stride = encoder.strides[self.taken[0]]
        inner = 2 * width
        self.lateral = nn.ModuleList(
            glorot_uniform(nn.Conv2d(encoder.channels[level], inner, 1)) for level in self.taken
        )
        self.smooth = nn.ModuleList(glorot_uniform(nn.Conv2d(inner, inner, 3, padding=1)) for _ in self.taken)
        self.grow = nn.ModuleList(
            _Growth(inner, width, (encoder.strides[level] // self.stride).bit_length() - 1)
            for level in self.taken
        )
        self.classifier = scores_of(width, num_classes)

    def forward(self, maps: list[Float[Tensor, "b _ _ _"]]) -> Float[Tensor, "b k _ _"]:
        lateral = [layer(maps[level]) for layer, level in zip(self.lateral, self.taken, strict=True)]
        pyramid = summed_from_above(lateral, "nearest")
        grown = [
            grow(smooth(features))
            for grow, smooth, features in zip(self.grow, self.smooth, pyramid, strict=True)
        ]
        return self.classifier(sum(grown[1:], start=grown[0]))


@final
class _Growth(nn.Module):
    """3×3 convolutions with group norm, each but the only one followed by a doubling of the size."""

    def __init__(self, inputs: int, outputs: int, doublings: int) -> None:
        super().__init__()
        self.doublings = doublings
        counts = [inputs] + [outputs] * (max(1, doublings) - 1)
        self.steps = nn.ModuleList(
            nn.Sequential(convolution(count, outputs, activation=lambda: _group_norm(outputs)), nn.ReLU())
            for count in counts
        )

    def forward(self, features: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o _ _"]:
        for step in self.steps:
            features = step(features)
            if self.doublings:
                features = F.interpolate(features, scale_factor=2, mode="bilinear")
        return features


def _group_norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(channels // _GROUP if channels % _GROUP == 0 else 1, channels)
