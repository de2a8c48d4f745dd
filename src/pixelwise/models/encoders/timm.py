"""The networks of timm as encoders."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.errors import CheckpointError, RecipeError, UnknownNameError, raise_faults
from pixelwise.models.encoders._encoder import Encoder, OutputStride
from pixelwise.models.encoders._weights import read_weights

_ASKED = "pretrained"


def timm(
    in_channels: int,
    *,
    architecture: str,
    weights: Path | str | None = None,
    output_stride: OutputStride = 32,
) -> Encoder:
    """A network of timm without its classifier, one feature map per resolution.

    Convolutional networks and the transformers that take images of any size (the Swin family too, whose
    windows are then laid out anew for each size).

    Args:
        in_channels: Bands of the image; the first convolution is adapted to them.
        architecture: A name of timm, with or without the tag of its weights (`resnet18.a1_in1k`).
        weights: None starts at random; the word `pretrained` downloads the weights timm has under that
            name, and only it does; anything else is the path of a safetensors file with timm's names.
        output_stride: Stride of the coarsest feature map; below 32, timm turns the last strides into
            dilation, which most of its convolutional networks can.

    Raises:
        UnknownNameError: If timm has no such architecture.
        RecipeError: If its feature maps cannot be used for images of any size, or not at that stride.
        CheckpointError: If the weights cannot be had, cannot be trusted or do not fit.

    Reference:
        Wightman, "PyTorch Image Models", 2019, doi:10.5281/zenodo.4414861.
    """
    _check(architecture)
    body = _body(in_channels, architecture, output_stride, download=weights == _ASKED)
    if weights is not None and weights != _ASKED:
        found = read_weights(Path(weights))
        body.load_state_dict(_fitted(found, body, in_channels, architecture, Path(weights)))
    facts: Any = body
    if str(getattr(facts, "output_fmt", "")).endswith("NHWC"):
        body = _ChannelsFirst(body)
    return Encoder(body, facts.feature_info.channels(), facts.feature_info.reduction())


@final
class _ChannelsFirst(nn.Module):
    """Feature maps of a network that puts channels last, with channels first."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b _ _ _"]]:
        return [features.movedim(-1, 1) for features in self.body(images)]


def _check(architecture: str) -> None:
    import timm as library  # three seconds: only when asked for

    name, _, tag = architecture.partition(".")
    if not library.is_model(name):
        names = library.list_models()
        raise UnknownNameError(
            "timm architecture", architecture, get_close_matches(name, names, n=10, cutoff=0.0)
        )
    tagged = library.list_models(f"{name}.*", include_tags=True)
    if tag and architecture not in tagged:
        raise UnknownNameError("timm architecture", architecture, [name, *tagged])


def _body(in_channels: int, architecture: str, output_stride: OutputStride, *, download: bool) -> nn.Module:
    import timm as library

    fixed = getattr(library.get_pretrained_cfg(architecture), "fixed_input_size", False)
    options: dict[str, Any] = {"strict_img_size": False} if fixed else {}
    if output_stride != 32:
        options["output_stride"] = output_stride
    try:
        body = library.create_model(
            architecture, features_only=True, pretrained=download, in_chans=in_channels, **options
        )
    except Exception as error:
        # timm and its downloader raise whatever their libraries raise
        if options and isinstance(error, TypeError | AssertionError):
            raise _unfit(architecture, output_stride) from error
        if not download:
            raise
        raise CheckpointError(
            f"could not get timm's weights for {architecture!r}. {type(error).__name__}: {error}. Give the "
            "path of a safetensors file, or leave weights out to start at random."
        ) from error
    if not _keeps_its_strides(body, in_channels):
        raise _unfit(architecture, output_stride)
    return body


def _keeps_its_strides(body: nn.Module, in_channels: int) -> bool:
    """Whether feature maps of a small image have the sizes and channels that timm promises."""
    levels: Any = body.feature_info
    last = levels.reduction()[-1]
    rows, columns = 2 * last, 3 * last
    try:
        with torch.no_grad():
            maps = body.eval()(torch.zeros(1, in_channels, rows, columns))
    except (RuntimeError, AssertionError):
        return False
    finally:
        body.train()
    place = -1 if str(getattr(body, "output_fmt", "")).endswith("NHWC") else 1
    shapes = [(features.shape[place], *features.movedim(place, 1).shape[2:]) for features in maps]
    return shapes == [
        (channels, rows // stride, columns // stride)
        for channels, stride in zip(levels.channels(), levels.reduction(), strict=True)
    ]


def _unfit(architecture: str, output_stride: OutputStride) -> RecipeError:
    wanted = "" if output_stride == 32 else f" or cannot end at stride {output_stride}"
    return RecipeError(
        f"timm's {architecture!r} cannot serve as this encoder. It does not take images of any size{wanted}. "
        "Choose a convolutional network, such as 'resnet18'."
    )


def _fitted(
    found: Mapping[str, Tensor], body: nn.Module, in_channels: int, architecture: str, path: Path
) -> dict[str, Tensor]:
    """The weights of the file under the names of the body, which lacks the classifier."""
    source = {_spelt(name): weight for name, weight in found.items()}
    fitted: dict[str, Tensor] = {}
    faults: list[str] = []
    first = _first_convolutions(body)
    for name, wanted in body.state_dict().items():
        weight = source.get(_spelt(name))
        if weight is None:
            faults.append(f"missing {name}")
            continue
        if _spelt(name) in first and weight.shape[1] == 3:
            weight = _adapted(weight, in_channels)
        if weight.shape != wanted.shape:
            faults.append(f"{name} is {tuple(weight.shape)}, wanted {tuple(wanted.shape)}")
        fitted[name] = weight
    known = {_spelt(name) for name in _whole(architecture)}
    faults += [f"unknown {name}" for name in found if _spelt(name) not in known]
    raise_faults(CheckpointError, f"{path} does not hold the weights of timm's {architecture!r}:", faults)
    return fitted


def _spelt(name: str) -> str:
    return name.removeprefix("model.").replace("_", ".")


def _whole(architecture: str) -> list[str]:
    """Names of all weights, the classifier's included; nothing is computed."""
    import timm as library

    with torch.device("meta"):
        return list(library.create_model(architecture).state_dict())


def _first_convolutions(body: nn.Module) -> set[str]:
    facts: Any = body.pretrained_cfg
    names = facts["first_conv"]
    return {_spelt(f"{name}.weight") for name in ([names] if isinstance(names, str) else names or [])}


def _adapted(weight: Tensor, in_channels: int) -> Tensor:
    from timm.models import adapt_input_conv

    return adapt_input_conv(in_channels, weight)
