"""FuseNet in small: three stages, for rooms of 64×64 pixels; the whole one is `models.fusenet`."""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import convolution, he_normal
from pixelwise.models._vgg import unpooled
from pixelwise.ops.heads import Auxiliary, Heads, Said

_WIDTHS = (8, 16, 32)


def small(in_channels: int, num_classes: int, *, scales: bool = False) -> "SmallFusenet":
    """A FuseNet of 8, 16 and 32 channels. The last band of an image is its depth.

    Args:
        in_channels: Bands of the image, the depth included; more than one.
        num_classes: Classes to tell apart.
        scales: Whether logits at strides 4 and 2 are learnt too, each weighing as the finest.
    """
    return SmallFusenet(in_channels, num_classes, scales)


@final
class SmallFusenet(nn.Module):
    """The network `small` builds: after each stage the depth's features are added to the colours'."""

    def __init__(self, in_channels: int, num_classes: int, scales: bool) -> None:
        super().__init__()
        self.colours = _down(in_channels - 1)
        self.depth = _down(1)
        ends = (*_WIDTHS[::-1], _WIDTHS[0])
        self.up = nn.ModuleList(_twice(inputs, outputs) for inputs, outputs in pairwise(ends))
        self.classifier = he_normal(nn.Conv2d(_WIDTHS[0], num_classes, 1))
        coarse: Sequence[int] = ends[1:3] if scales else ()
        self.coarse = nn.ModuleList(he_normal(nn.Conv2d(inputs, num_classes, 1)) for inputs in coarse)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits at each pixel, and coarser ones where they were asked for; sizes are multiples of 8."""
        features, depth = images[:, :-1], images[:, -1:]
        places: list[Tensor] = []
        for seen, felt in zip(self.colours, self.depth, strict=True):
            depth = felt(depth)
            features, found = F.max_pool2d(seen(features) + depth, 2, return_indices=True)
            depth = F.max_pool2d(depth, 2)
            places.append(found)
        heads: list[Auxiliary] = []
        for level, stage in enumerate(self.up):
            features = stage(unpooled(features, places[-1 - level]))
            if level < len(self.coarse):
                heads.append(Auxiliary("classes", self.coarse[level](features), 1.0))
        logits = self.classifier(features)
        return Heads(logits, tuple(heads)) if heads else logits


def _down(inputs: int) -> nn.ModuleList:
    return nn.ModuleList(_twice(before, after) for before, after in pairwise((inputs, *_WIDTHS)))


def _twice(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        convolution(inputs, outputs, norm="batch"), convolution(outputs, outputs, norm="batch")
    )
