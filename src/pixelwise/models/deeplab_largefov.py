"""DeepLab, first version, with the large field of view: a dilated VGG16."""

from typing import Annotated, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Share, Width, convolution, enlarged, narrow_normal
from pixelwise.models._vgg import fill_vgg, vgg_stages, vgg_weights, vgg_widths
from pixelwise.ops.sizes import pad_to_stride

_STRIDE = 8
_POOLINGS = (2, 2, 2, 1, 1)  # strides of the pooling after each stage
_DILATIONS = (1, 1, 1, 1, 2)


def deeplab_largefov(
    in_channels: int,
    num_classes: int,
    *,
    width: Width = 64,
    rate: Annotated[int, Ge(1)] = 12,
    dropout: Share = 0.5,
    weights: str | None = None,
) -> "DeeplabLargefov":
    """VGG16 that stops shrinking at stride 8, and a 3×3 convolution whose taps span 192 pixels.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        width: Channels of the first convolutions; those of the large field of view are 16 times as many.
        rate: Dilation of the convolution with the large field of view.
        dropout: Share of the features not seen in training after each of the last two convolutions.
        weights: A safetensors file with torchvision's names, or `pretrained` to download the VGG16 that
            torchvision trained on ImageNet. Left out: the network starts at random.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Chen, Papandreou, Kokkinos, Murphy & Yuille, "Semantic Image Segmentation with Deep
        Convolutional Nets and Fully Connected CRFs", 2015, arXiv:1412.7062, section 5.1, without the
        CRF. The last two convolutions start as the others do; the paper picks theirs from the fully
        connected layers of VGG16.
    """
    model = DeeplabLargefov(in_channels, num_classes, width, rate, dropout)
    if weights is not None:
        fill_vgg(model.stages, vgg_weights(weights, normed=False))
    return model


@final
class DeeplabLargefov(nn.Module):
    """The network `deeplab_largefov` builds."""

    def __init__(self, in_channels: int, num_classes: int, width: int, rate: int, dropout: float) -> None:
        super().__init__()
        widths = vgg_widths(width)
        self.stages = vgg_stages(in_channels, widths, dilations=_DILATIONS)
        self.wide = nn.Sequential(
            convolution(widths[-1], 16 * width, dilation=rate),
            nn.Dropout(dropout),
            convolution(16 * width, 16 * width, 1),
            nn.Dropout(dropout),
        )
        self.classifier = narrow_normal(nn.Conv2d(16 * width, num_classes, 1))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        features = pad_to_stride(images, _STRIDE)
        for stage, stride in zip(self.stages, _POOLINGS, strict=True):
            features = F.max_pool2d(stage(features), 3, stride, padding=1)
        features = F.avg_pool2d(features, 3, 1, padding=1)
        return enlarged(self.classifier(self.wide(features)), images, _STRIDE)
