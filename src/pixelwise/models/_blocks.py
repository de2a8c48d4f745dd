"""What several models are made of: layers that start, pad and line up as Keras's do."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

from annotated_types import Ge, Lt
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.ops.sizes import crop_to, top_left

Width = Annotated[int, Ge(1)]
Share = Annotated[float, Ge(0), Lt(1)]
Norm = Literal["none", "batch"]

Layer = TypeVar("Layer", nn.Conv2d, nn.ConvTranspose2d, nn.Linear)

_STD_AFTER_CUT = 0.87962566103423978  # standard deviation of N(0, 1) cut off at -2 and 2


def he_normal(layer: Layer) -> Layer:
    """The layer with weights from a truncated normal of variance 2 / fan in, and no bias yet.

    The normal is widened before it is cut at two standard deviations, so that what is left has the
    variance asked for. A transposed convolution's fan in counts its *output* channels, as in Keras.

    Reference:
        He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852, equation 10;
        the cut as in Keras's `HeNormal`.
    """
    std = (2 / layer.weight[0].numel()) ** 0.5 / _STD_AFTER_CUT
    nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
    return _without_bias(layer)


def glorot_uniform(layer: Layer) -> Layer:
    """The layer with weights uniform within ±√(6 / (fan in + fan out)), and no bias yet.

    Reference:
        Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010, equation 16.
    """
    nn.init.xavier_uniform_(layer.weight)
    return _without_bias(layer)


def narrow_normal(layer: Layer) -> Layer:
    """The layer with weights of deviation 0.01, and no bias yet: a classifier that starts undecided."""
    nn.init.normal_(layer.weight, std=0.01)
    return _without_bias(layer)


def convolution(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    *,
    dilation: int = 1,
    groups: int = 1,
    start: Callable[[nn.Conv2d], nn.Conv2d] = he_normal,
    norm: Norm = "none",
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """A convolution of odd kernel that keeps the size, a norm if wanted, an activation."""
    reach = dilation * (kernel // 2)
    layer = start(
        nn.Conv2d(
            inputs, outputs, kernel, padding=reach, dilation=dilation, groups=groups, bias=norm == "none"
        )
    )
    norms = [nn.BatchNorm2d(outputs)] if norm == "batch" else []
    return nn.Sequential(layer, *norms, activation())


def halving_convolution(
    inputs: int, outputs: int, *, norm: Norm = "none", activation: Callable[[], nn.Module] = nn.ReLU
) -> nn.Sequential:
    """A 3×3 convolution of stride 2 for even sizes, padded below and right as TensorFlow's 'same'."""
    layer = he_normal(nn.Conv2d(inputs, outputs, 3, stride=2, bias=norm == "none"))
    norms = [nn.BatchNorm2d(outputs)] if norm == "batch" else []
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), layer, *norms, activation())


def doubling_convolution(inputs: int, outputs: int) -> nn.Sequential:
    """A transposed 3×3 convolution of stride 2 lined up as TensorFlow's 'same'; no activation."""
    return nn.Sequential(he_normal(nn.ConvTranspose2d(inputs, outputs, 3, stride=2)), _ButLast())


def enlarged(
    logits: Float[Tensor, "b k _ _"], images: Float[Tensor, "b c h w"], stride: int
) -> Float[Tensor, "b k h w"]:
    """Logits that stand for `stride` pixels each, interpolated to the size of `images`.

    What stands for nothing but padding is dropped first. Planes leave one after the other in memory,
    as softmax likes them: on a CPU it is twice as slow on interleaved ones.
    """
    if stride == 1:
        return crop_to(logits, images)
    rows, columns = ((size + stride - 1) // stride for size in images.shape[-2:])
    kept = top_left(logits, rows, columns).contiguous()
    large = F.interpolate(kept, size=(rows * stride, columns * stride), mode="bilinear")
    return crop_to(large, images)


class _ButLast(nn.Module):
    """Everything but the last row and column."""

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h-1 w-1"]:
        return images[..., :-1, :-1]


def _without_bias(layer: Layer) -> Layer:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
