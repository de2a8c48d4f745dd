"""Two VGG16 down, one for colours and one for depth, joined at every stage; one mirror image up."""

from typing import Annotated, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Share, Width, he_normal
from pixelwise.models._vgg import (
    fill_vgg,
    mirrored_stages,
    unpooled,
    vgg_stages,
    vgg_weights,
    vgg_widths,
)
from pixelwise.ops.heads import Auxiliary, Heads
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 32
_FIRST = "features.0.weight"


def fusenet(
    in_channels: int,
    num_classes: int,
    *,
    width: Width = 64,
    dropout: Share = 0.5,
    auxiliary: Annotated[float, Ge(0)] = 0.0,
    weights: str | None = None,
) -> "Fusenet":
    """FuseNet-SF5: a SegNet whose way down looks at the depth too. The last band of an image is its depth.

    After each of the five stages, what the depth's branch found is added to what the colours' branch
    found; the sum is pooled, and the places of its maxima lead back up. A single band feeds both branches.

    Args:
        in_channels: Bands of the image, the depth included.
        num_classes: Classes to tell apart.
        width: Channels of the first stage.
        dropout: Share not seen in training after the three deepest poolings and in the decoder after
            the three deepest stages.
        auxiliary: Weight of the losses of four coarser logits, at strides 16, 8, 4 and 2; the paper
            weighs all scales alike (1). 0 builds none.
        weights: A safetensors file with torchvision's names, or `pretrained` to download the VGG16 with
            batch norm that torchvision trained on ImageNet; both ways down start from it, the depth's
            first kernels being their means over the colours. Left out: the network starts at random.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Hazirbas, Ma, Domokos & Cremers, "FuseNet", 2016, doi:10.1007/978-3-319-54181-5_14; coarser
        logits as in Ma, Stückler, Kerl & Cremers, "Multi-View Deep Learning for Consistent Semantic
        Mapping with RGB-D Cameras", 2017, arXiv:1703.08866, section III-B. Labels for them are picked
        here, not pooled at random.
    """
    model = Fusenet(in_channels, num_classes, width, dropout, auxiliary)
    if weights is not None:
        found = vgg_weights(weights, normed=True)
        fill_vgg(model.colours, found)
        fill_vgg(model.depth, {**found, _FIRST: found[_FIRST].mean(1, keepdim=True)})
    return model


@final
class Fusenet(nn.Module):
    """The network `fusenet` builds."""

    def __init__(
        self, in_channels: int, num_classes: int, width: int, dropout: float, auxiliary: float
    ) -> None:
        super().__init__()
        widths = vgg_widths(width)
        self.bands = max(1, in_channels - 1)
        self.colours = vgg_stages(self.bands, widths, norm=nn.BatchNorm2d)
        self.depth = vgg_stages(1, widths, norm=nn.BatchNorm2d)
        self.dropout = nn.Dropout(dropout)
        self.up = mirrored_stages(widths, norm=nn.BatchNorm2d)
        self.classifier = he_normal(nn.Conv2d(width, num_classes, 3, padding=1))
        self.auxiliary = auxiliary
        coarse = widths[-2::-1] if auxiliary else []
        self.coarse = nn.ModuleList(he_normal(nn.Conv2d(inputs, num_classes, 1)) for inputs in coarse)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"] | Heads:
        """Logits of each class at each pixel, and coarser ones where they were asked for."""
        features, places = self._down(pad_to_stride(images, _STRIDE))
        heads: list[Auxiliary] = []
        for level, stage in enumerate(self.up):
            features = stage(unpooled(features, places[-1 - level]))
            features = self.dropout(features) if level < 3 else features
            if level < len(self.coarse):
                scores = _standing_for(self.coarse[level](features), images, 16 >> level)
                heads.append(Auxiliary("classes", scores, self.auxiliary))
        logits = crop_to(self.classifier(features), images)
        return Heads(logits, tuple(heads)) if heads else logits

    def _down(self, images: Float[Tensor, "b c h w"]) -> tuple[Tensor, list[Tensor]]:
        """The deepest features, and where the maxima of each pooling lay."""
        features, depth = images[:, : self.bands], images[:, -1:]
        places: list[Tensor] = []
        for level, (seen, felt) in enumerate(zip(self.colours, self.depth, strict=True)):
            depth = F.max_pool2d(depth, 2) if level else depth
            if level >= 3:
                features, depth = self.dropout(features), self.dropout(depth)
            depth = felt(depth)
            features, found = F.max_pool2d(seen(features) + depth, 2, return_indices=True)
            places.append(found)
        return self.dropout(features), places


def _standing_for(
    scores: Float[Tensor, "b k _ _"], images: Float[Tensor, "b c h w"], stride: int
) -> Float[Tensor, "b k _ _"]:
    """Coarse scores without those that stand for nothing but padding."""
    rows, columns = ((size + stride - 1) // stride for size in images.shape[-2:])
    return scores[..., :rows, :columns]
