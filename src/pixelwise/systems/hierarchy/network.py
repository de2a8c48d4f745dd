"""The networks: an encoder and decoder behind a first layer that heeds a region."""

from typing import TypeVar, final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import convolution, he_normal
from pixelwise.models._vgg import fill_vgg, vgg_stages, vgg_weights, vgg_widths
from pixelwise.ops.sizes import crop_to, pad_to_stride
from pixelwise.systems.hierarchy.attention import Start, Way, attending

_Layer = TypeVar("_Layer", nn.Conv2d, nn.ConvTranspose2d)


def paper(
    bands: int,
    num_outputs: int,
    *,
    way: Way = "valve",
    start: Start = "open",
    width: int = 64,
    dropout: float = 0.5,
    weights: str | None = None,
) -> "Attentive":
    """The network of the paper: VGG16 whose first layer has valves, and a decoder that adds its poolings.

    Args:
        bands: Of the image, the region not counted.
        num_outputs: Scores of a pixel, of all levels: 24 in the paper.
        way: What the region does; see `attention`.
        start: What valves start from.
        width: Channels of the first stage; the densest layers have 64 times as many.
        dropout: Share not seen in training after each of the two densest layers.
        weights: A safetensors file with torchvision's names, or `pretrained`: VGG16's thirteen
            convolutions; the two layers that were fully connected start anew, as in the paper.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Eppel, 2017, arXiv:1708.08711, and its code.
    """
    stages = vgg_stages(bands, vgg_widths(width))
    if weights is not None:
        fill_vgg(stages, vgg_weights(weights, normed=False))
    first, _, *rest = stages[0].children()  # the ReLU between comes after the region
    if not isinstance(first, nn.Conv2d):
        raise TypeError("a stage of VGG16 begins with a convolution")
    stages[0] = nn.Sequential(*rest)
    return Attentive(attending(way, first, start), _Vgg(stages, width, num_outputs, dropout), 32)


def small(
    bands: int, num_outputs: int, *, way: Way = "valve", start: Start = "open", width: int = 16
) -> "Attentive":
    """The same in small: five convolutions, down to a quarter of the resolution and back, one skip.

    A pixel sees about 24 pixels around it.

    Args:
        bands: Of the image, the region not counted.
        num_outputs: Scores of a pixel, of all levels.
        way: What the region does; see `attention`.
        start: What valves start from.
        width: Channels of the first layer.
    """
    first = he_normal(nn.Conv2d(bands, width, 3, padding=1))
    return Attentive(attending(way, first, start), _Small(width, num_outputs), 4)


@final
class Attentive(nn.Module):
    """Images whose last band is a region, to logits of every level at every pixel."""

    def __init__(self, first: nn.Module, body: nn.Module, stride: int) -> None:
        super().__init__()
        self.first, self.body, self.stride = first, body, stride

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b n h w"]:
        """Logits at the size of the images."""
        return crop_to(self.body(self.first(pad_to_stride(images, self.stride)).relu()), images)


@final
class _Small(nn.Module):
    """What follows the first layer of the small network."""

    def __init__(self, width: int, num_outputs: int) -> None:
        super().__init__()
        self.down = convolution(width, 2 * width, norm="batch")
        self.around = nn.Sequential(
            convolution(2 * width, 2 * width, norm="batch"),
            convolution(2 * width, 2 * width, dilation=2, norm="batch"),
        )
        self.fine = he_normal(nn.Conv2d(width, 2 * width, 1))
        self.middle, self.coarse = (he_normal(nn.Conv2d(2 * width, 2 * width, 1)) for _ in range(2))
        self.score = he_normal(nn.Conv2d(2 * width, num_outputs, 1))

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b n h w"]:
        half = self.down(F.max_pool2d(features, 2))
        quarter = self.around(F.max_pool2d(half, 2))
        size = features.shape[-2:]
        joined = self.fine(features) + F.interpolate(self.middle(half), size)
        return self.score((joined + F.interpolate(self.coarse(quarter), size, mode="bilinear")).relu())


@final
class _Vgg(nn.Module):
    """VGG16 from the ReLU of its first layer on, and the decoder of the paper."""

    def __init__(self, stages: nn.ModuleList, width: int, num_outputs: int, dropout: float) -> None:
        super().__init__()
        wide, deep, middle = 64 * width, 8 * width, 4 * width
        self.stages = stages
        self.six, self.seven = (
            _starting(nn.Conv2d(deep, wide, 7, padding=3)),
            _starting(nn.Conv2d(wide, wide, 1)),
        )
        self.dropout = nn.Dropout(dropout)
        self.eight = _starting(nn.Conv2d(wide, num_outputs, 1))
        self.up_four = _starting(nn.ConvTranspose2d(num_outputs, deep, 4, 2, padding=1))
        self.up_three = _starting(nn.ConvTranspose2d(deep, middle, 4, 2, padding=1))
        self.up = _starting(nn.ConvTranspose2d(middle, num_outputs, 16, 8, padding=4))

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b n h w"]:
        pooled: list[Tensor] = []
        for stage in self.stages:
            features = F.max_pool2d(stage(features), 2)
            pooled.append(features)
        for layer in (self.six, self.seven):
            features = self.dropout(layer(features).relu())
        features = self.up_four(self.eight(features)) + pooled[3]
        return self.up(self.up_three(features) + pooled[2])


def _starting(layer: _Layer) -> _Layer:
    """Weights of deviation 0.02, cut off at twice that; biases of zero."""
    nn.init.trunc_normal_(layer.weight, std=0.02, a=-0.04, b=0.04)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
