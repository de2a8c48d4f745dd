"""Ways to tell a network which region is meant: the first layer, and what the region does to it.

Each takes images whose last band is the region, 1 inside and 0 outside, and gives the features of the first
layer before their ReLU.
"""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

Way = Literal["valve", "product", "band", "nothing"]
Start = Literal["open", "paper"]

_NEAR_ZERO = 0.01  # deviation of what a valve starts from, in the paper


@final
class Valve(nn.Module):
    """Features times their relevance, which a convolution of the region says for each of them.

    What lies outside stays in sight as far as the valves let it, unlike in `Product`.

    Reference:
        Eppel, "Setting an attention region for convolutional neural networks using region selective
        features, for recognition of materials within glass vessels", 2017, arXiv:1708.08711.
    """

    def __init__(self, layer: nn.Conv2d, start: Start = "open") -> None:
        """The valves of a layer.

        Args:
            layer: The first one, for the image alone.
            start: What relevance starts from: `open` is 1 everywhere, so that the network starts as it
                would without valves; `paper` is near 0 (weights and biases of deviation 0.01), which
                starts all features tiny.
        """
        super().__init__()
        self.layer = layer
        self.relevance = nn.Conv2d(1, layer.out_channels, 3, padding=1)
        bias = self.relevance.bias
        for values in (self.relevance.weight, bias):
            if values is not None:
                nn.init.trunc_normal_(values, std=_NEAR_ZERO, a=-2 * _NEAR_ZERO, b=2 * _NEAR_ZERO)
        if start == "open" and bias is not None:
            nn.init.zeros_(self.relevance.weight)
            nn.init.ones_(bias)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Features of the image, as far as they matter for the region."""
        return self.layer(images[:, :-1]) * self.relevance(images[:, -1:])


@final
class Product(nn.Module):
    """Features of the image times the region: what lies outside cannot be seen."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Features of what lies inside."""
        return self.layer(images[:, :-1] * images[:, -1:])


@final
class Band(nn.Module):
    """The region as one more band of the image."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Features of image and region."""
        return self.layer(images)


@final
class Nothing(nn.Module):
    """Features of the image, whichever region is meant."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Features of the image."""
        return self.layer(images[:, :-1])


def attending(way: Way, layer: nn.Conv2d, start: Start = "open") -> nn.Module:
    """A first layer that heeds the region in one of four ways.

    Args:
        way: `valve`, `product`, `band`, or `nothing`.
        layer: Of as many inputs as the image has bands. For `band` it gets one more, which starts at zero.
        start: Of valves.
    """
    if way == "valve":
        return Valve(layer, start)
    if way == "band":
        return Band(_with_a_band(layer))
    return Product(layer) if way == "product" else Nothing(layer)


def _with_a_band(layer: nn.Conv2d) -> nn.Conv2d:
    side = layer.kernel_size[0]
    wider = nn.Conv2d(layer.in_channels + 1, layer.out_channels, side, padding=side // 2)
    with torch.no_grad():
        nn.init.normal_(wider.weight, std=_NEAR_ZERO)
        wider.weight[:, :-1] = layer.weight
        if wider.bias is not None and layer.bias is not None:
            wider.bias.copy_(layer.bias)
    return wider
