"""What DDRNet and PIDNet are both made of: residual stages, pooling pyramids, heads at a stride of eight."""

from collections.abc import Sequence
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8  # of the branch of details, whose size the logits have before they are enlarged
COARSEST = 64  # of the context that is pooled; images are padded to a multiple of it

Block = Literal["basic", "bottleneck"]
_POOLS = ((5, 2), (9, 4), (17, 8))  # side of the window and stride of each pool but the global one


def convolution_norm(
    inputs: int,
    outputs: int,
    side: int,
    *,
    stride: int = 1,
    shift: bool = True,
    then: Sequence[nn.Module] = (),
) -> nn.Sequential:
    """A convolution that keeps the size (or halves it), a batch norm, and what comes then."""
    layer = nn.Conv2d(inputs, outputs, side, stride=stride, padding=side // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs, bias=shift), *then)


def norm_convolution(
    inputs: int, outputs: int, side: int, *, groups: int = 1, bias: bool = False
) -> nn.Sequential:
    """A batch norm, an activation, and then the convolution."""
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2, groups=groups, bias=bias)
    return nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(), layer)


def stem(in_channels: int, width: int) -> nn.Sequential:
    """Two convolutions that halve the resolution."""
    return nn.Sequential(
        convolution_norm(in_channels, width, 3, stride=2, then=[nn.ReLU()]),
        convolution_norm(width, width, 3, stride=2, then=[nn.ReLU()]),
    )


def stage(
    block: Block, inputs: int, width: int, blocks: int, *, stride: int = 1, shift: bool = True
) -> nn.Sequential:
    """Residual blocks in a row; the first may halve the resolution, and no activation follows the last.

    Bottlenecks give twice `width` channels, and no activation stands between them either: so were the
    published networks trained. Without `shift`, the last norm of each block only scales, for blocks whose
    every user begins with a norm and would take a shift away.
    """
    outputs = width if block == "basic" else 2 * width
    given = [inputs] + [outputs] * (blocks - 1)
    layers: list[nn.Module] = []
    for number, channels in enumerate(given):
        if number and block == "basic":
            layers.append(nn.ReLU())
        layers.append(_Residual(block, channels, width, 1 if number else stride, shift))
    return nn.Sequential(*layers)


def head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """From features to scores of each class."""
    return nn.Sequential(norm_convolution(inputs, hidden, 3), norm_convolution(hidden, outputs, 1, bias=True))


def fitted(features: Tensor, like: Tensor) -> Tensor:
    """Features interpolated to the rows and columns of others."""
    return F.interpolate(features, size=like.shape[-2:], mode="bilinear")


def start(model: nn.Module) -> None:
    """Draw the weights of every convolution from a normal of variance 2 / fan out; biases become zero.

    Reference:
        He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852, section 2.2.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


@final
class PyramidPooling(nn.Module):
    """Means over ever larger windows, joined with what they are means of.

    `deep` adds each mean to the joined finer ones and convolves, one after the other (DAPPM); else each
    mean is added to the features alone and all are convolved at once, in groups (PAPPM).

    Reference:
        Pan, Hong, Sun & Jia, "Deep Dual-Resolution Networks", 2022, arXiv:2101.06085, section III-C; Xu,
        Xiong & Bhattacharyya, "PIDNet", 2023, arXiv:2206.02066, section 3.3.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, *, deep: bool) -> None:
        super().__init__()
        self.itself = norm_convolution(inputs, hidden, 1)
        pools = [nn.AvgPool2d(side, stride, side // 2) for side, stride in _POOLS]
        self.means = nn.ModuleList(
            nn.Sequential(pool, _NormOfMeans(inputs), nn.ReLU(), nn.Conv2d(inputs, hidden, 1, bias=False))
            for pool in [*pools, nn.AdaptiveAvgPool2d(1)]
        )
        number = len(self.means)
        self.deep = nn.ModuleList(norm_convolution(hidden, hidden, 3) for _ in range(number if deep else 0))
        self.wide = None if deep else norm_convolution(number * hidden, number * hidden, 3, groups=number)
        self.join = norm_convolution((number + 1) * hidden, outputs, 1)
        self.shortcut = norm_convolution(inputs, outputs, 1)

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ h w"]:
        joined = [self.itself(features)]
        means = [fitted(pool(features), features) for pool in self.means]
        if self.wide is not None:
            joined.append(self.wide(torch.cat([mean + joined[0] for mean in means], dim=1)))
        for mean, convolve in zip(means, self.deep, strict=False):  # none where they are wide
            joined.append(convolve(mean + joined[-1]))
        return self.join(torch.cat(joined, dim=1)) + self.shortcut(features)


@final
class _NormOfMeans(nn.Module):
    """A batch norm for few means; one of a single image has no spread to learn from and takes the known."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, means: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        norm = self.norm
        if not self.training or means.numel() > means.shape[1]:
            return norm(means)
        return F.batch_norm(means, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)


@final
class _Residual(nn.Module):
    """Convolutions whose result is added to what they were given; no activation follows."""

    def __init__(self, block: Block, inputs: int, width: int, stride: int, shift: bool) -> None:
        super().__init__()
        outputs = width if block == "basic" else 2 * width
        relu = [nn.ReLU()]
        self.body = (
            nn.Sequential(
                convolution_norm(inputs, width, 3, stride=stride, then=relu),
                convolution_norm(width, outputs, 3, shift=shift),
            )
            if block == "basic"
            else nn.Sequential(
                convolution_norm(inputs, width, 1, then=relu),
                convolution_norm(width, width, 3, stride=stride, then=relu),
                convolution_norm(width, outputs, 1, shift=shift),
            )
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = (
            nn.Identity() if same else convolution_norm(inputs, outputs, 1, stride=stride, shift=shift)
        )

    def forward(self, features: Float[Tensor, "b _ _ _"]) -> Float[Tensor, "b _ _ _"]:
        return self.body(features) + self.shortcut(features)
