"""Every convolutional network of timm as an encoder."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from pixelwise.core.errors import CheckpointError, RecipeError, UnknownNameError, raise_faults
from pixelwise.models.encoders._encoder import Encoder

_ASKED = "pretrained"


def timm(in_channels: int, *, architecture: str, weights: Path | str | None = None) -> Encoder:
    """A network of timm without its classifier, one feature map per resolution.

    Args:
        in_channels: Bands of the image; the first convolution is adapted to them.
        architecture: A name of timm, with or without the tag of its weights (`resnet18.a1_in1k`).
        weights: None starts at random; the word `pretrained` downloads the weights timm has under that
            name, and only it does; anything else is the path of a safetensors file with timm's names.

    Raises:
        UnknownNameError: If timm has no such architecture.
        RecipeError: If its feature maps cannot be used for images of any size.
        CheckpointError: If the weights cannot be had, cannot be trusted or do not fit.

    Reference:
        Wightman, "PyTorch Image Models", 2019, doi:10.5281/zenodo.4414861.
    """
    _check(architecture)
    body = _body(in_channels, architecture, download=weights == _ASKED)
    if weights is not None and weights != _ASKED:
        found = _read(Path(weights))
        body.load_state_dict(_fitted(found, body, in_channels, architecture, Path(weights)))
    levels: Any = body.feature_info
    return Encoder(body, levels.channels(), levels.reduction())


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


def _body(in_channels: int, architecture: str, *, download: bool) -> nn.Module:
    import timm as library

    try:
        body = library.create_model(
            architecture, features_only=True, pretrained=download, in_chans=in_channels
        )
    except Exception as error:
        # timm and its downloader raise whatever their libraries raise
        if not download:
            raise
        raise CheckpointError(
            f"could not get timm's weights for {architecture!r}. {type(error).__name__}: {error}. Give the "
            "path of a safetensors file, or leave weights out to start at random."
        ) from error
    facts: Any = body
    if facts.pretrained_cfg.get("fixed_input_size") or str(getattr(facts, "output_fmt", "")).endswith("NHWC"):
        raise RecipeError(
            f"timm's {architecture!r} cannot serve as an encoder. It takes images of one size only or puts "
            "channels last. Choose a convolutional network, such as 'resnet18'."
        )
    return body


def _read(path: Path) -> dict[str, Tensor]:
    if path.suffix != ".safetensors":
        raise CheckpointError(
            f"weights must be a safetensors file. Found {str(path)!r}. Pickles (.pt, .pth, .bin) can run "
            "code when they are opened: convert those you trust with safetensors.torch.save_file."
        )
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"cannot read weights. Found {str(path)!r}: {error}. Give the path of a safetensors file."
        ) from error


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
