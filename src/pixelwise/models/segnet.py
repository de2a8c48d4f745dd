"""VGG16 down and its mirror image up."""

from functools import partial
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models._blocks import Share, Width, he_normal
from pixelwise.models._vgg import (
    fill_vgg,
    mirrored_stages,
    unpooled,
    vgg_stages,
    vgg_weights,
    vgg_widths,
)
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 32

Unpool = Literal["repeat", "indices"]
Last = Literal["normed", "plain"]


def segnet(
    in_channels: int,
    num_classes: int,
    *,
    unpool: Unpool = "repeat",
    width: Width | None = None,
    dropout: Share | None = None,
    last: Last = "normed",
    weights: str | None = None,
) -> "Segnet":
    """The thirteen convolutions of VGG16 and as many back, with nothing handed across but places, if that.

    Left as it is, the tutorial's network, which repeats values on the way up, is half as wide and widens
    to the end. With `unpool="indices"` the paper's: VGG16's widths, and values put back where the pooling
    of the same size found its maxima.
    What is left out takes the value of the tutorial or of the paper, whichever it is.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        unpool: `repeat` each value four times, or put it at the `indices` of the maxima.
        width: Channels of the first stage. Left out: 32, or with indices 64.
        dropout: Share not seen in training between the convolutions of a stage. Left out: 0.1, or with
            indices 0.
        last: `normed` is a 1×1 convolution with a batch norm on the logits; `plain` a 3×3 convolution, as
            the authors released it.
        weights: A safetensors file with torchvision's names, or `pretrained` to download the VGG16 with
            batch norm that torchvision trained on ImageNet; both for the way down with indices. Left
            out: the network starts at random.

    Raises:
        RecipeError: If there are weights for the tutorial's network, whose widths are not VGG16's.
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Badrinarayanan, Kendall & Cipolla, "SegNet", 2017, arXiv:1511.00561; "Semantic Image Segmentation
        - Part 1", without its softmax, which takes repeating for unpooling. Sizes are padded to multiples
        of 32, where the authors pad the indices of odd ones.
    """
    paper = unpool == "indices"
    if weights is not None and not paper:
        raise RecipeError(
            f"segnet has VGG16's shape only with unpool='indices'. Found weights={weights!r} and "
            f"unpool={unpool!r}. Set unpool to 'indices' or leave the weights out."
        )
    width = width or (64 if paper else 32)
    dropout = dropout if dropout is not None else (0.0 if paper else 0.1)
    model = Segnet(in_channels, num_classes, unpool, width, dropout, last)
    if weights is not None:
        fill_vgg(model.down, vgg_weights(weights, normed=True))
    return model


@final
class Segnet(nn.Module):
    """The network `segnet` builds."""

    def __init__(
        self, in_channels: int, num_classes: int, unpool: Unpool, width: int, dropout: float, last: Last
    ) -> None:
        super().__init__()
        self.unpool: Unpool = unpool
        paper = unpool == "indices"
        widths = vgg_widths(width) if paper else [width * 2**level for level in range(5)]
        norm = nn.BatchNorm2d if paper else _keras_norm
        start = he_normal if paper else _he_uniform
        self.down = vgg_stages(in_channels, widths, start=start, norm=norm, dropout=dropout)
        self.up = mirrored_stages(widths, start=start, norm=norm, dropout=dropout)
        if last == "normed":
            self.classifier = nn.Sequential(start(nn.Conv2d(width, num_classes, 1)), norm(num_classes))
        else:
            self.classifier = start(nn.Conv2d(width, num_classes, 3, padding=1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        places: list[Tensor] = []
        features = pad_to_stride(images, _STRIDE)
        for stage in self.down:
            features, found = F.max_pool2d(stage(features), 2, return_indices=True)
            places.append(found)
        for stage, found in zip(self.up, reversed(places), strict=True):
            if self.unpool == "indices":
                features = stage(unpooled(features, found))
            else:
                features = stage(F.interpolate(features, scale_factor=2))
        return crop_to(self.classifier(features), images)


_keras_norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)


def _he_uniform(layer: nn.Conv2d) -> nn.Conv2d:
    """Weights uniform within ±√(6 / fan in), no bias yet: equation 10 of He et al., arXiv:1502.01852."""
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
