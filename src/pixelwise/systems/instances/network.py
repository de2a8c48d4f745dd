"""Mask R-CNN: torchvision's with a residual network and a pyramid, and a small one for small pictures."""

from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

from pixelwise.core.errors import CheckpointError
from pixelwise.models._blocks import convolution, halving_convolution, he_normal
from pixelwise.models._bridge import PRETRAINED
from pixelwise.models.encoders._weights import read_weights

Kind = Literal["small", "resnet50", "resnet50_frozen"]

_CHANNELS, _HALVING = (16, 32, 32, 64, 64, 64), (1, 3)  # of the small backbone: stride 4
_ANCHORS, _RATIOS = (12, 20, 28), (0.5, 1.0, 2.0)
_BOX_WIDTH, _MASK_WIDTH = 128, 32
_SCORES = "roi_heads.box_predictor.cls_score.bias"  # one a class


def small(num_classes: int, *, size: int = 64, agnostic: bool = False) -> nn.Module:
    """A Mask R-CNN of six convolutions at stride 4, for things of 12 to 28 pixels.

    Args:
        num_classes: Classes to tell apart, background among them.
        size: Rows or columns, the larger, that images are scaled to.
        agnostic: One mask for all classes instead of one each.
    """
    library: Any = import_module("torchvision.models.detection.mask_rcnn")
    anchors: Any = import_module("torchvision.models.detection.anchor_utils")
    heads: Any = import_module("torchvision.models.detection.faster_rcnn")
    width = _CHANNELS[-1]
    masks = library.MaskRCNNPredictor(_MASK_WIDTH, _MASK_WIDTH, 1 if agnostic else num_classes)
    return library.MaskRCNN(
        _backbone(),
        None,
        min_size=size,
        max_size=size,
        image_mean=[0.0] * 3,
        image_std=[1.0] * 3,
        rpn_anchor_generator=anchors.AnchorGenerator((_ANCHORS,), (_RATIOS,)),
        rpn_post_nms_top_n_train=60,
        rpn_post_nms_top_n_test=40,
        box_batch_size_per_image=32,
        box_roi_pool=MultiScaleRoIAlign(["0"], 7, 2),
        box_head=heads.TwoMLPHead(width * 7 * 7, _BOX_WIDTH),
        box_predictor=heads.FastRCNNPredictor(_BOX_WIDTH, num_classes),
        mask_roi_pool=MultiScaleRoIAlign(["0"], 14, 2),
        mask_head=library.MaskRCNNHeads(width, (_MASK_WIDTH, _MASK_WIDTH), 1),
        mask_predictor=_ForAll(masks, num_classes) if agnostic else masks,
    )


def network_of(kind: Kind, num_classes: int, size: int) -> nn.Module:
    """A network of a kind, at random; `resnet50_frozen` is one that began with weights."""
    if kind == "small":
        return small(num_classes, size=size)
    return resnet50(num_classes, size=size, frozen=kind == "resnet50_frozen")


def resnet50(
    num_classes: int = 91, *, size: int = 800, weights: str | None = None, frozen: bool = False
) -> nn.Module:
    """Torchvision's Mask R-CNN with a ResNet-50 and a pyramid of features.

    Args:
        num_classes: Classes to tell apart, background among them; 91 are COCO's.
        size: Rows or columns, the smaller, that images are scaled to.
        weights: The word `pretrained` downloads what torchvision learnt from COCO (BSD-3-Clause; checked
            against its hash, opened as tensors and nothing else), and only it does. Anything else is the
            path of a safetensors file with torchvision's names. Where there are other classes, the last
            layers start at random. Left out: everything does, and every layer learns.
        frozen: Batch norms and the two finest stages stay as they are, as they always do with weights.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        He, Gkioxari, Dollár & Girshick, "Mask R-CNN", 2017, arXiv:1703.06870.
    """
    library: Any = import_module("torchvision.models.detection.mask_rcnn")
    pyramid: Any = import_module("torchvision.models.detection.backbone_utils").resnet_fpn_backbone
    frozen = frozen or weights is not None
    learning, norm = (3, FrozenBatchNorm2d) if frozen else (5, nn.BatchNorm2d)
    backbone = pyramid(backbone_name="resnet50", weights=None, norm_layer=norm, trainable_layers=learning)
    found = None if weights is None else _found(weights)
    learnt = num_classes if found is None else len(found.get(_SCORES, ()))
    network = library.MaskRCNN(backbone, learnt or num_classes, min_size=size, max_size=size * 5 // 3)
    if found is not None:
        _fill(network, found, f"weights={weights!r}")
        if learnt != num_classes:
            _tell_others(network, num_classes)
    if frozen:
        _without_slack(network)
    return network


class _ForAll(nn.Module):
    """One mask said for every class."""

    def __init__(self, masks: nn.Module, num_classes: int) -> None:
        super().__init__()
        self.masks = masks
        self.num_classes = num_classes

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k _ _"]:
        return self.masks(features).expand(-1, self.num_classes, -1, -1)


def _backbone() -> nn.Sequential:
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(zip((3, *_CHANNELS), _CHANNELS, strict=False)):
        layer = halving_convolution if number in _HALVING else convolution
        layers.append(layer(inputs, outputs, norm="batch"))
    backbone = nn.Sequential(*layers)
    backbone.out_channels = _CHANNELS[-1]  # pyright: ignore[reportArgumentType] what torchvision asks for
    return backbone


def _found(weights: str) -> dict[str, Tensor]:
    """Weights by name, downloaded or from a file."""
    return _downloaded() if weights == PRETRAINED else read_weights(Path(weights))


def _fill(network: nn.Module, found: dict[str, Tensor], origin: str) -> None:
    """Give a network weights; torchvision knows the older names of its own layers."""
    try:
        network.load_state_dict(found)
    except RuntimeError as error:
        raise CheckpointError(f"{origin} does not hold the weights of this network. {error}") from error


def _tell_others(network: Any, num_classes: int) -> None:
    """Last layers for other classes, at random."""
    heads: Any = import_module("torchvision.models.detection.faster_rcnn")
    old = network.roi_heads.box_predictor.cls_score
    network.roi_heads.box_predictor = heads.FastRCNNPredictor(old.in_features, num_classes)
    masks = network.roi_heads.mask_predictor
    masks.mask_fcn_logits = he_normal(nn.Conv2d(masks.mask_fcn_logits.in_channels, num_classes, 1))


def _downloaded() -> dict[str, Tensor]:
    weights: Any = import_module("torchvision.models.detection").MaskRCNN_ResNet50_FPN_Weights.COCO_V1
    try:
        return weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except (OSError, RuntimeError) as error:
        raise CheckpointError(
            f"could not get torchvision's Mask R-CNN. {weights.url}: {error}. Give the path of a safetensors "
            "file, or leave weights out to start at random."
        ) from error


def _without_slack(network: nn.Module) -> None:
    """Divide by deviations as they are: torchvision's weights for COCO were learnt without a floor there."""
    for layer in network.modules():
        if isinstance(layer, FrozenBatchNorm2d):
            layer.eps = 0.0  # pyright: ignore[reportArgumentType] a number, also in torchvision
