"""One head on three encoders: of stride 32, the same joined by a pyramid, the same dilated to stride 8."""

from itertools import pairwise
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import convolution, he_normal
from pixelwise.models._decoded import Decoded, OnDeepest, plain_head
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.models.fastfcn import FastFcn, JointPyramid, fastfcn

Kind = Literal["stride 32", "joined", "dilated"]

KINDS: tuple[Kind, ...] = ("stride 32", "joined", "dilated")

_CHANNELS = (16, 32, 64, 128)
_JOINED = 32  # channels of each joined stage; four times as many come out, as many as the deepest stage has


def small(kind: Kind, num_classes: int) -> nn.Module:
    """The toy networks; their heads are alike.

    Args:
        kind: `stride 32`: an ordinary encoder; `joined`: its last three stages through a joint pyramid;
            `dilated`: the last two stages dilated instead of halved, so that stride 8 is kept.
        num_classes: Classes to tell apart.
    """
    strides = (4, 8, 8, 8) if kind == "dilated" else (4, 8, 16, 32)
    encoder = Encoder(Stages(dilated=kind == "dilated"), _CHANNELS, strides)
    head = plain_head(_CHANNELS[-1], num_classes)
    if kind == "joined":
        return FastFcn(encoder, JointPyramid(_CHANNELS[-3:], _JOINED), head, None, 0.0)
    return Decoded(encoder, OnDeepest(head), num_classes, stride=strides[-1])


@final
class Features(nn.Module):
    """An encoder, and the pyramid that joins its last stages if there is one: all but the head."""

    def __init__(self, encoder: nn.Module, join: nn.Module | None) -> None:
        super().__init__()
        self.encoder = encoder
        self.join = join

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ _ _"]:
        """What the head would be given."""
        maps: list[Tensor] = self.encoder(images)
        return maps[-1] if self.join is None else self.join(maps[-3:])


def features(kind: Kind, *, architecture: str = "resnet50") -> Features:
    """Everything but the head of `whole`."""
    network = whole(kind, 1, architecture=architecture)
    return Features(network.encoder, network.join if isinstance(network, FastFcn) else None)


def whole(kind: Kind, num_classes: int, *, architecture: str = "resnet50") -> FastFcn | Decoded:
    """The networks at the width they are made for: a residual network, and a pyramid of 512 channels.

    Args:
        kind: As for `small`.
        num_classes: Classes to tell apart.
        architecture: Of the encoder, such as `resnet50` or `resnet101`.
    """
    if kind == "joined":
        return fastfcn(3, num_classes, encoder=architecture, width=512)
    encoder = encoder_named(architecture, 3, output_stride=8 if kind == "dilated" else 32)
    head = plain_head(encoder.channels[-1], num_classes)
    return Decoded(encoder, OnDeepest(head), num_classes, stride=encoder.strides[-1])


@final
class Stages(nn.Module):
    """Four stages of two convolutions, of strides 4, 8, 16 and 32.

    Args:
        dilated: The last two keep stride 8; their kernels reach as far as they would have.
    """

    def __init__(self, *, dilated: bool) -> None:
        super().__init__()
        self.stem = _halving(3, _CHANNELS[0])
        self.stages = nn.ModuleList(
            nn.Sequential(
                convolution(inputs, outputs, dilation=2 ** max(0, number - 2), norm="batch")
                if dilated and number >= 2
                else _halving(inputs, outputs),
                convolution(
                    outputs, outputs, dilation=2 ** max(0, number - 1) if dilated else 1, norm="batch"
                ),
            )
            for number, (inputs, outputs) in enumerate(pairwise((_CHANNELS[0], *_CHANNELS)))
        )

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b _ _ _"]]:
        """The features of each stage."""
        features, maps = self.stem(images), list[Tensor]()
        for stage in self.stages:
            features = stage(features)
            maps.append(features)
        return maps


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    layer = he_normal(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False))
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())
