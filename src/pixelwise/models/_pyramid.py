"""Context from far around each pixel: pyramids of dilated convolutions and of pooled maps."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, final

import torch
from annotated_types import Ge, Len
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import convolution, he_normal

Rates = Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1)]


@final
class AtrousPyramid(nn.Module):
    """Dilated convolutions side by side with a 1×1 convolution and the mean of the image, made one.

    Args:
        inputs: Channels that come in.
        outputs: Channels of each branch, and those that go out.
        rates: Dilation of each 3×3 convolution.
        separable: Whether each 3×3 convolution is depthwise first and 1×1 then.
        dropout: Share of what goes out that is not seen in training.

    Reference:
        Chen, Papandreou, Schroff & Adam, "Rethinking Atrous Convolution for Semantic Image
        Segmentation", 2017, arXiv:1706.05587, section 3.3.
    """

    def __init__(
        self, inputs: int, outputs: int, rates: Sequence[int], *, separable: bool, dropout: float
    ) -> None:
        super().__init__()
        around = separable_convolution if separable else _normed
        self.branches = nn.ModuleList(
            [
                convolution(inputs, outputs, 1, norm="batch"),
                *(around(inputs, outputs, dilation=rate) for rate in rates),
                Pooled(inputs, outputs, 1),
            ]
        )
        self.join = nn.Sequential(
            convolution(len(self.branches) * outputs, outputs, 1, norm="batch"), nn.Dropout(dropout)
        )

    def forward(self, features: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h w"]:
        return self.join(torch.cat([branch(features) for branch in self.branches], dim=1))


@final
class PooledPyramid(nn.Module):
    """Features beside their means over ever smaller parts of the image, joined by a 3×3 convolution.

    Args:
        inputs: Channels that come in.
        inner: Channels of each pooled map.
        outputs: Channels that go out.
        bins: Parts of the image in each direction, one number for each pooled map.

    Reference:
        Zhao, Shi, Qi, Wang & Jia, "Pyramid Scene Parsing Network", 2017, arXiv:1612.01105, section 3.2.
    """

    def __init__(self, inputs: int, inner: int, outputs: int, bins: Sequence[int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(Pooled(inputs, inner, parts) for parts in bins)
        self.join = convolution(inputs + len(bins) * inner, outputs, norm="batch")

    def forward(self, features: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h w"]:
        return self.join(torch.cat([features, *(branch(features) for branch in self.branches)], dim=1))


@final
class Pooled(nn.Module):
    """Means over `parts`×`parts` parts of the image, through a 1×1 convolution, at the size that came in.

    One image pooled to one pixel has no variance: there the norm goes by what it saw of earlier batches.
    """

    def __init__(self, inputs: int, outputs: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.reduce = he_normal(nn.Conv2d(inputs, outputs, 1, bias=False))
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, features: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h w"]:
        pooled = self.reduce(F.adaptive_avg_pool2d(features, self.parts))
        return F.interpolate(F.relu(self._normed(pooled)), size=features.shape[-2:], mode="bilinear")

    def _normed(self, pooled: Float[Tensor, "b o p p"]) -> Float[Tensor, "b o p p"]:
        if pooled.shape[0] * self.parts > 1:
            return self.norm(pooled)
        norm = self.norm
        return F.batch_norm(
            pooled, norm.running_mean, norm.running_var, norm.weight, norm.bias, False, eps=norm.eps
        )


def separable_convolution(
    inputs: int, outputs: int, *, dilation: int = 1, between: Callable[[], nn.Module] = nn.ReLU
) -> nn.Sequential:
    """A depthwise 3×3 convolution and a 1×1 one, both normed; the first is followed by `between`."""
    return nn.Sequential(
        convolution(inputs, inputs, dilation=dilation, groups=inputs, norm="batch", activation=between),
        convolution(inputs, outputs, 1, norm="batch"),
    )


def summed_from_above(
    maps: Sequence[Float[Tensor, "b c _ _"]], mode: Literal["nearest", "bilinear"]
) -> list[Float[Tensor, "b c _ _"]]:
    """Feature maps, the finest first, each with all coarser ones enlarged and added.

    Reference:
        Lin et al., "Feature Pyramid Networks for Object Detection", 2017, arXiv:1612.03144, section 3.
    """
    summed = [maps[-1]]
    for finer in reversed(maps[:-1]):
        summed.append(finer + F.interpolate(summed[-1], size=finer.shape[-2:], mode=mode))
    return summed[::-1]


def at_size_of(
    maps: Sequence[Float[Tensor, "b _ _ _"]], like: Float[Tensor, "b _ h w"]
) -> list[Float[Tensor, "b _ h w"]]:
    """Feature maps enlarged to the rows and columns of another; one that has them is left as it is."""
    size = like.shape[-2:]
    return [
        features if features.shape[-2:] == size else F.interpolate(features, size=size, mode="bilinear")
        for features in maps
    ]


def _normed(inputs: int, outputs: int, *, dilation: int) -> nn.Sequential:
    return convolution(inputs, outputs, dilation=dilation, norm="batch")
