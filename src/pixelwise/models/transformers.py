"""The segmentation networks of Hugging Face's transformers."""

from pathlib import Path
from typing import Any, Literal, final

import torch
from jaxtyping import Float
from pydantic import JsonValue
from torch import Tensor, nn

from pixelwise.core.errors import CheckpointError, RecipeError, raise_faults, suggestion
from pixelwise.core.extras import need
from pixelwise.models._blocks import enlarged
from pixelwise.models._bridge import RGB, drop_idle_parts, fit_bands
from pixelwise.ops.sizes import pad_to_stride

_HUB = "hub:"
_OF_MASKS = ("maskformer", "mask2former")
_STRIDES = {"mobilevitv2": 64}  # two of its coarsest pixels must fit; the others think in strides of 32
_LEAST = 1e-8  # added to a score before its logarithm

Architecture = Literal[
    "segformer", "upernet", "mobilevit", "mobilevitv2", "mobilenet_v2", "maskformer", "mask2former"
]


def transformers(
    in_channels: int,
    num_classes: int,
    *,
    architecture: Architecture = "segformer",
    config: dict[str, JsonValue] | None = None,
    weights: str | None = None,
) -> "Transformers":
    """A network of transformers that labels every pixel of images of any size.

    Needs the extra `transformers`. MaskFormer and Mask2Former find masks and say of each what it shows;
    their logits here are logarithms of the papers' score of a class at a pixel, the sum over masks of
    their probability of that class times their probability there, so that softmax gives the scores as
    shares of one. Losses of this package teach them pixel by pixel and not, as the papers do, mask by mask.

    Args:
        in_channels: Bands of the image; the first convolution is adapted to them.
        num_classes: Classes to tell apart, exclusive ones for MaskFormer and Mask2Former.
        architecture: The library's `model_type`.
        config: Values of the library's configuration that differ from its defaults, or from those that
            come with the weights, such as `{hidden_sizes: [64, 128, 320, 512]}`.
        weights: A folder with `config.json` and safetensors files, as the library saves them, or
            `hub:owner/name` to download such a folder, and only that does. Nothing but safetensors is
            opened, and no code from the hub is run. A head that the files do not have, or have for other
            classes, starts at random. Left out: everything does. Each file on the hub has a licence of
            its own: NVIDIA's SegFormers, for one, are for non-commercial use only.

    Raises:
        MissingExtraError: If the library is not installed.
        RecipeError: If the configuration has no such values, or they do not fit together.
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Wolf et al., "Transformers", 2020, arXiv:1910.03771; SegFormer: Xie et al., 2021, arXiv:2105.15203;
        MaskFormer: Cheng, Schwing & Kirillov, 2021, arXiv:2107.06278, section 3.4; Mask2Former: Cheng et
        al., 2022, arXiv:2112.01527.
    """
    library: Any = need("transformers", extra="transformers", noun="model 'transformers'")
    asked = {**(config or {}), "num_labels": num_classes}
    if weights is None:
        network = _at_random(library, architecture, asked)
    else:
        network = _learnt(library, architecture, asked, weights)
    fit_bands(network, in_channels, learnt=weights is not None)
    _told_bands(network, in_channels)
    model = Transformers(network, _STRIDES.get(architecture, 32))
    if architecture not in _OF_MASKS:
        drop_idle_parts(model, in_channels)
    return model


@final
class Transformers(nn.Module):
    """The network `transformers` builds."""

    def __init__(self, network: nn.Module, stride: int) -> None:
        super().__init__()
        self.network = network
        self.stride = stride

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        padded = pad_to_stride(images, self.stride)
        said: Any = self.network(padded)
        scores = said["masks_queries_logits"] if "masks_queries_logits" in said else said["logits"]
        large = enlarged(scores, images, padded.shape[-1] // scores.shape[-1])
        if "masks_queries_logits" not in said:
            return large
        return _of_masks(said["class_queries_logits"], large)


def _of_masks(classes: Float[Tensor, "b q _"], masks: Float[Tensor, "b q h w"]) -> Float[Tensor, "b _ h w"]:
    """Logarithms of each class's score at each pixel; the last class of the masks is to show nothing."""
    shown = classes.softmax(dim=2)[..., :-1]
    scores = torch.einsum("bqk,bqhw->bkhw", shown, masks.sigmoid())
    return (scores.float() + _LEAST).log()


def _told_bands(network: nn.Module, in_channels: int) -> None:
    """Some layers compare the images with the bands that they were made for."""
    for part in network.modules():
        facts: Any = part
        if getattr(facts, "num_channels", None) == RGB:
            facts.num_channels = in_channels


def _at_random(library: Any, architecture: str, asked: dict[str, Any]) -> nn.Module:
    known = library.AutoConfig.for_model(architecture)
    _check(architecture, known, asked)
    try:
        config = library.AutoConfig.for_model(architecture, **_whole(architecture, asked))
        return _family(library, architecture).from_config(config, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise RecipeError(
            f"transformers cannot build this {architecture!r}. {type(error).__name__}: {error}. Change "
            "config."
        ) from error


def _learnt(library: Any, architecture: str, asked: dict[str, Any], weights: str) -> nn.Module:
    place, local = _place(weights)
    try:
        config = library.AutoConfig.from_pretrained(place, local_files_only=local)
        _check_kind(architecture, config, weights)
        _check(architecture, config, asked)
        for key, value in _whole(architecture, asked).items():
            setattr(config, key, value)
        network, told = _family(library, architecture).from_pretrained(
            place,
            config=config,
            dtype=torch.float32,
            local_files_only=local,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, CheckpointError | RecipeError):
            raise
        raise CheckpointError(
            f"could not get the weights {weights!r}. {type(error).__name__}: {error}. Give a folder with "
            f"config.json and model.safetensors, or {_HUB}owner/name to download one."
        ) from error
    _check_fit(network, told, weights)
    return network


def _whole(architecture: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked of the configuration; UperNet's second classifier only if it is asked for."""
    return {"use_auxiliary_head": False, **asked} if architecture == "upernet" else asked


def _family(library: Any, architecture: str) -> Any:
    if architecture in _OF_MASKS:
        return library.AutoModelForUniversalSegmentation
    return library.AutoModelForSemanticSegmentation


def _place(weights: str) -> tuple[str, bool]:
    """Where the files are, and whether that is on this machine."""
    if weights.startswith(_HUB):
        return weights.removeprefix(_HUB), False
    if not Path(weights, "config.json").is_file():
        raise CheckpointError(
            f"weights must be a folder with config.json and safetensors files. Found {weights!r}. To "
            f"download one, write {_HUB}owner/name."
        )
    return weights, True


def _check(architecture: str, known: Any, asked: dict[str, Any]) -> None:
    names = sorted(known.to_dict())
    faults = [f"{key!r}.{suggestion(key, names)}" for key in asked if not hasattr(known, key)]
    raise_faults(RecipeError, f"the configuration of {architecture!r} has no such values:", faults)


def _check_kind(architecture: str, config: Any, weights: str) -> None:
    if config.model_type != architecture:
        raise CheckpointError(
            f"weights of another network. Found {config.model_type!r} in {weights!r}. Set architecture to "
            "that, or give weights of this one."
        )


def _check_fit(network: Any, told: dict[str, Any], weights: str) -> None:
    """The body must be whole; a head may be missing or have other classes."""
    body = tuple(f"{name}." for name in (network.base_model_prefix, "backbone") if name)
    faults = [f"missing {key}" for key in told["missing_keys"] if key.startswith(body)]
    for key, found, wanted in told["mismatched_keys"]:
        if key.startswith(body) or tuple(found)[1:] != tuple(wanted)[1:]:
            faults.append(f"{key} is {tuple(found)}, wanted {tuple(wanted)}")
    raise_faults(CheckpointError, f"{weights!r} does not hold the weights of this network:", sorted(faults))
