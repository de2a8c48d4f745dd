"""Two convolutions, of which U-Nets are made, plain or with a way around them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import Norm, convolution, halving_convolution

Activation = Literal["relu", "elu"]

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {"relu": nn.ReLU, "elu": nn.ELU}


@dataclass(frozen=True, slots=True)
class Style:
    """How each pair of convolutions is made.

    Attributes:
        norm: What stands between convolution and activation.
        activation: What follows each convolution; where `residual`, the second after the addition.
        residual: Whether what enters is added to what leaves, through a 1×1 convolution where the
            channels differ and averaged where the sizes do.
    """

    norm: Norm
    activation: Callable[[], nn.Module]
    residual: bool


def pair(inputs: int, outputs: int, style: Style, *, halve: bool = False) -> nn.Module:
    """Two 3×3 convolutions, the first of stride 2 if it has to halve the size."""
    opening = halving_convolution if halve else convolution
    first = opening(inputs, outputs, norm=style.norm, activation=style.activation)
    if not style.residual:
        second = convolution(outputs, outputs, norm=style.norm, activation=style.activation)
        return nn.Sequential(first, second)
    second = convolution(outputs, outputs, norm=style.norm, activation=nn.Identity)
    around: list[nn.Module] = [nn.AvgPool2d(2)] if halve else []
    if inputs != outputs:
        around.append(convolution(inputs, outputs, 1, norm=style.norm, activation=nn.Identity))
    return _Residual(nn.Sequential(first, second), nn.Sequential(*around), style.activation())


@final
class _Residual(nn.Module):
    """What leaves plus what entered.

    Reference:
        He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition", 2016, arXiv:1512.03385,
        figure 2; the average before the 1×1 convolution as in He et al., "Bag of Tricks for Image
        Classification", 2019, arXiv:1812.01187, figure 2c.
    """

    def __init__(self, through: nn.Module, around: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.through = through
        self.around = around
        self.activation = activation

    def forward(self, features: Float[Tensor, "b _ _ _"]) -> Float[Tensor, "b _ _ _"]:
        return self.activation(self.through(features) + self.around(features))
