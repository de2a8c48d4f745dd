"""One door to all encoders: ours by their names, every other from timm."""

from collections.abc import Callable
from functools import cache
from inspect import signature
from pathlib import Path
from typing import get_args

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import UnknownNameError
from pixelwise.models.encoders._encoder import Encoder, OutputStride
from pixelwise.models.encoders.timm import timm


def encoder_named(
    name: str, in_channels: int, *, weights: Path | str | None = None, output_stride: OutputStride = 32
) -> Encoder:
    """The encoder of that name, found in the files of this folder or else in timm.

    A family says what it knows by the type of its `architecture`: a `Literal` of names.

    Args:
        name: Such as `mit_b0` or `resnet18`.
        in_channels: Bands of the image.
        weights: None, a safetensors file, or `pretrained` where the family has a download.
        output_stride: Stride of the coarsest feature map; below 32, strides become dilation.

    Raises:
        UnknownNameError: If nobody knows the name.
        RecipeError: If the encoder cannot take images of any size or keep to the output stride.
        CheckpointError: If the weights cannot be had, cannot be trusted or do not fit.
    """
    ours = _ours()
    if name in ours:
        return ours[name](in_channels, architecture=name, weights=weights, output_stride=output_stride)
    try:
        return timm(in_channels, architecture=name, weights=weights, output_stride=output_stride)
    except UnknownNameError as error:
        raise UnknownNameError("encoder", name, [*error.known, *ours]) from None


@cache
def _ours() -> dict[str, Callable[..., Encoder]]:
    """The family of each name that is not timm's."""
    families = Catalog("pixelwise.models.encoders", "encoder")
    functions = [families[family] for family in families.names()]
    return {
        name: function
        for function in functions
        for name in get_args(signature(function).parameters["architecture"].annotation)
    }
