"""VGG16 as a fully convolutional network, its coarse scores brought back by steps of 32, 16 or 8."""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import RecipeError
from pixelwise.models._blocks import Share, Width, enlarged, glorot_uniform, he_normal
from pixelwise.models._vgg import fill_vgg, vgg_stages, vgg_weights, vgg_widths
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 32
_STEPS = {32: (32,), 16: (2, 16), 8: (2, 2, 8)}  # enlargements, the deepest first; a skip joins between two

Upsample = Literal["learned", "legacy", "half_pixel"]


def fcn(
    in_channels: int,
    num_classes: int,
    *,
    width: Width = 64,
    stride: Literal[32, 16, 8] = 8,
    upsample: Upsample = "learned",
    dropout: Share = 0.5,
    weights: str | None = None,
) -> "Fcn":
    """VGG16 whose fully connected layers are convolutions, scored at a 32nd of the resolution.

    Left as it is, the paper's FCN-8s: scores are enlarged by transposed convolutions, which start
    bilinear, and joined with scores of the fourth and the third pooling, which start at zero.
    With `stride=32, upsample="legacy"` the tutorial's FCN-32s: softmax on the coarse scores, then a fixed
    enlargement of the probabilities. Its logits are their logarithms, so that softmax gives the
    probabilities back; it cannot tell classes that exclude no other.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels of the first convolutions; the fully connected layers have 64 times as many.
        stride: Pixels of the last enlargement: 8 and 16 add finer scores, 32 does not.
        upsample: `learned` as in the paper; `legacy` as in the tutorial, which gives a cell's value to
            its first pixel and so moves everything 15.5 pixels up and to the left; `half_pixel` enlarges
            probabilities too and gives it to the cell's centre.
        dropout: Share of the features not seen in training after each fully connected layer.
        weights: A safetensors file with torchvision's names, or `pretrained` to download the VGG16 that
            torchvision trained on ImageNet, both fully connected layers included. Left out: the network
            starts at random.

    Raises:
        RecipeError: If probabilities are to be enlarged at a stride below 32, or those of one class.
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Long, Shelhamer & Darrell, "Fully Convolutional Networks for Semantic Segmentation", 2015,
        arXiv:1411.4038. They pad the image by 100 zeros and the 7×7 convolution not at all; here it pads
        itself, which lines up as well and costs less. They start the deepest scores at zero too; here
        He's normal lets the first step reach every layer. The tutorial is "Semantic Image Segmentation -
        Part 1".
    """
    if upsample != "learned" and (stride < _STRIDE or num_classes == 1):
        raise RecipeError(
            f"fcn with upsample={upsample!r} enlarges probabilities of two or more classes, by 32. Found "
            f"stride {stride} and {num_classes} classes. Set upsample to 'learned'."
        )
    model = Fcn(in_channels, num_classes, width, _STEPS[stride], upsample, dropout)
    if weights is not None:
        fill_vgg(model.stages, vgg_weights(weights, normed=False), [model.first, model.second])
    return model


@final
class Fcn(nn.Module):
    """The network `fcn` builds."""

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        width: int,
        steps: tuple[int, ...],
        upsample: Upsample,
        dropout: float,
    ) -> None:
        super().__init__()
        self.upsample: Upsample = upsample
        learned = upsample == "learned"
        start = he_normal if learned else glorot_uniform
        widths, wide = vgg_widths(width), 64 * width
        self.stages = vgg_stages(in_channels, widths, start=start)
        self.first = start(nn.Conv2d(widths[-1], wide, 7, padding=3))  # fully connected in VGG16,
        self.second = start(nn.Conv2d(wide, wide, 1))  # as is this
        self.dropout = nn.Dropout(dropout)
        inputs = [wide, widths[3], widths[2]][: len(steps)]
        scorers = [nn.Conv2d(channels, num_classes, 1) for channels in inputs]
        self.scorers = nn.ModuleList([he_normal(scorers[0]), *map(_zeros, scorers[1:])])
        self.steps = nn.ModuleList(_enlarging(num_classes, step) for step in steps if learned)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        pooled: list[Tensor] = []
        features = pad_to_stride(images, _STRIDE)
        for stage in self.stages:
            features = F.max_pool2d(stage(features), 2)
            pooled.append(features)
        for layer in (self.first, self.second):
            features = self.dropout(layer(features).relu())
        if self.upsample != "learned":
            return _of_probabilities(self.scorers[0](features), images, self.upsample)
        scores = [scorer(at) for scorer, at in zip(self.scorers, [features, *pooled[-2::-1]], strict=False)]
        logits = scores[0]
        for step, finer in zip(self.steps, scores[1:], strict=False):
            logits = step(logits) + finer
        return crop_to(self.steps[-1](logits), images)


def _of_probabilities(
    scores: Float[Tensor, "b k _ _"], images: Float[Tensor, "b c h w"], upsample: Upsample
) -> Float[Tensor, "b k h w"]:
    probs = scores.float().softmax(1)
    large = enlarged(probs, images, _STRIDE) if upsample == "half_pixel" else _legacy(probs, images)
    return large.clamp(min=torch.finfo(large.dtype).tiny).log()


def _legacy(probs: Float[Tensor, "b k _ _"], images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
    """Bilinear, the first pixel of a cell having its value, the others leaning on the next cell.

    Reference:
        TensorFlow 1's `resize_bilinear` with neither `align_corners` nor `half_pixel_centers`.
    """
    rows, columns = (_STRIDE * size for size in probs.shape[-2:])
    closed = F.pad(probs, (0, 1, 0, 1), mode="replicate")
    return crop_to(
        F.interpolate(closed, size=(rows + 1, columns + 1), mode="bilinear", align_corners=True), images
    )


def _enlarging(channels: int, step: int) -> nn.ConvTranspose2d:
    """A transposed convolution that starts as a bilinear enlargement of each channel by itself."""
    layer = nn.ConvTranspose2d(channels, channels, 2 * step, step, padding=step // 2, bias=False)
    nearness = 1 - (torch.arange(2 * step) - step + 0.5).abs() / step
    nn.init.zeros_(layer.weight)
    with torch.no_grad():
        layer.weight.diagonal().copy_((nearness[:, None] * nearness)[..., None])
    return layer


def _zeros(layer: nn.Conv2d) -> nn.Conv2d:
    for weights in layer.parameters():
        nn.init.zeros_(weights)
    return layer
