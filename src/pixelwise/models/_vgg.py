"""The convolutions of VGG16, their mirror image, and the weights that ImageNet gave them."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.hub import load_state_dict_from_url

from pixelwise.core.errors import CheckpointError, raise_faults
from pixelwise.models._blocks import he_normal
from pixelwise.models.encoders._weights import read_weights

DEPTHS = (2, 2, 3, 3, 3)  # convolutions of each stage

_ASKED = "pretrained"


def vgg_widths(width: int) -> list[int]:
    """Channels of the five stages of VGG16, whose first has `width`."""
    return [width * times for times in (1, 2, 4, 8, 8)]


def vgg_stages(
    in_channels: int,
    widths: Sequence[int],
    *,
    start: Callable[[nn.Conv2d], nn.Conv2d] = he_normal,
    norm: Callable[[int], nn.Module] | None = None,
    dropout: float = 0.0,
    dilations: Sequence[int] = (1, 1, 1, 1, 1),
) -> nn.ModuleList:
    """The thirteen convolutions of VGG16 in five stages, each without the pooling that follows it.

    Args:
        in_channels: Bands of the image.
        widths: Channels of each stage.
        start: What gives a convolution its first weights.
        norm: What stands between a convolution, which keeps its bias, and its ReLU.
        dropout: Share not seen in training between the convolutions of a stage; none follows the last.
        dilations: Distance between the taps of the kernels of each stage.

    Reference:
        Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        2015, arXiv:1409.1556, table 1, column D.
    """
    inputs = [in_channels, *widths]
    return nn.ModuleList(
        _stage([inputs[n], *[widths[n]] * depth], start, norm, dropout, dilations[n])
        for n, depth in enumerate(DEPTHS)
    )


def mirrored_stages(
    widths: Sequence[int],
    *,
    start: Callable[[nn.Conv2d], nn.Conv2d] = he_normal,
    norm: Callable[[int], nn.Module] | None = None,
    dropout: float = 0.0,
) -> nn.ModuleList:
    """`vgg_stages` backwards, the deepest first, each without the enlargement before it.

    The last convolution of a stage brings the channels of the next finer one. The finest stage has one
    convolution, for the classifier takes the place of the other.
    """
    deeper = [
        _stage([*[widths[n]] * DEPTHS[n], widths[n - 1]], start, norm, dropout, 1) for n in (4, 3, 2, 1)
    ]
    return nn.ModuleList([*deeper, _stage([widths[0], widths[0]], start, norm, dropout, 1)])


def unpooled(
    features: Float[Tensor, "b c h w"], places: Int[Tensor, "b c h w"]
) -> Float[Tensor, "b c 2*h 2*w"]:
    """Each value where max pooling by 2 found its maximum, and zeros elsewhere.

    Args:
        features: What is put back.
        places: The indices that `max_pool2d` returned, counted along the rows of the larger map.

    Reference:
        Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", 2014,
        arXiv:1311.2901, section 2.1.
    """
    rows, columns = features.shape[-2:]
    empty = features.new_zeros((*features.shape[:2], 4 * rows * columns))
    filled = empty.scatter(2, places.flatten(2), features.flatten(2))
    return filled.unflatten(2, (2 * rows, 2 * columns))


def vgg_weights(weights: str, *, normed: bool) -> dict[str, Tensor]:
    """VGG16's weights from a file, or those torchvision trained on ImageNet, by torchvision's names.

    Args:
        weights: The word `pretrained` downloads (half a gigabyte, checked against its hash, opened as
            tensors only), and only it does; anything else is the path of a safetensors file.
        normed: Whether the network with batch norm is asked for. Its images were standardised.

    Raises:
        CheckpointError: If the weights cannot be had.
    """
    if weights != _ASKED:
        return read_weights(Path(weights))
    address = _address(normed)
    try:
        return load_state_dict_from_url(
            address, map_location="cpu", progress=False, check_hash=True, weights_only=True
        )
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"could not get the weights of VGG16. {address}: {error}. Give the path of a safetensors file, "
            "or leave weights out to start at random."
        ) from error


def fill_vgg(
    stages: nn.ModuleList, found: Mapping[str, Tensor], fully_connected: Sequence[nn.Conv2d] = ()
) -> None:
    """Give the stages the weights of torchvision's VGG16, layer by layer.

    The first convolution is adapted to the bands of the image. Fully connected layers become
    convolutions, as in FCN.

    Raises:
        CheckpointError: If weights are missing or of another shape; all are told.
    """
    layers = [*_named(stages)]
    layers += [
        (f"classifier.{number}", layer) for number, layer in zip((0, 3), fully_connected, strict=False)
    ]
    faults: list[str] = []
    for name, layer in layers:
        for key, wanted in layer.state_dict(keep_vars=True).items():
            if key != "num_batches_tracked":
                faults += _fill(wanted, found, f"{name}.{key}")
    raise_faults(CheckpointError, "the weights do not fit this VGG16:", faults)


def _fill(wanted: Tensor, found: Mapping[str, Tensor], name: str) -> list[str]:
    """Copy one tensor, or say what is wrong with it."""
    weight = found.get(name)
    if weight is None:
        return [f"missing {name}"]
    if name == "features.0.weight" and weight.shape[1:] == (3, 3, 3) != wanted.shape[1:]:
        from timm.models import adapt_input_conv  # three seconds: only when asked for

        weight = adapt_input_conv(wanted.shape[1], weight)
    if name.startswith("classifier.") and weight.numel() == wanted.numel():
        weight = weight.reshape(wanted.shape)
    if weight.shape != wanted.shape:
        return [f"{name} is {tuple(weight.shape)}, wanted {tuple(wanted.shape)}"]
    with torch.no_grad():
        wanted.copy_(weight)
    return []


def _named(stages: nn.ModuleList) -> Iterator[tuple[str, nn.Module]]:
    """Each layer that has weights, with the name torchvision gives it."""
    place = 0
    for stage in stages:
        for layer in stage.children():
            if isinstance(layer, nn.Dropout):
                continue
            if isinstance(layer, nn.Conv2d | nn.BatchNorm2d):
                yield f"features.{place}", layer
            place += 1
        place += 1  # the pooling


def _address(normed: bool) -> str:
    from torchvision.models import VGG16_BN_Weights, VGG16_Weights  # two seconds

    return (VGG16_BN_Weights if normed else VGG16_Weights).IMAGENET1K_V1.url


def _stage(
    channels: Sequence[int],
    start: Callable[[nn.Conv2d], nn.Conv2d],
    norm: Callable[[int], nn.Module] | None,
    dropout: float,
    dilation: int,
) -> nn.Sequential:
    """3×3 convolutions from each number of channels to the next."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(channels):
        layers += [nn.Dropout(dropout)] if dropout and layers else []
        layers.append(start(nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)))
        layers += [norm(outputs)] if norm else []
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)
