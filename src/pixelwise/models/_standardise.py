"""Images brought to mean 0 and deviation 1 inside the network, so that no caller can forget it."""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.errors import DataError, ShapeError
from pixelwise.ops.heads import Said


def standardised(model: nn.Module, mean: Sequence[float], std: Sequence[float]) -> "Standardised":
    """The model behind a layer that subtracts `mean` and divides by `std`, both per band.

    The two numbers become part of the network: they are saved with its weights and exported with it.

    Raises:
        ShapeError: If there are not as many means as deviations.
        DataError: If a deviation is not above zero.
    """
    return Standardised(model, Standardise(mean, std))


@final
class Standardise(nn.Module):
    """Bands minus their mean, divided by their deviation; nothing here is trained."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != len(std):
            raise ShapeError(
                f"means and deviations differ in number. Found {len(mean)} and {len(std)}. Give one of "
                "each per band."
            )
        flat = [f"band {band}: {deviation!r}" for band, deviation in enumerate(std) if not deviation > 0]
        if flat:
            raise DataError(
                f"deviations must be above zero. Found {', '.join(flat)}. Leave constant bands out."
            )
        self.register_buffer("mean", torch.tensor(list(mean), dtype=torch.float32))
        self.register_buffer("std", torch.tensor(list(std), dtype=torch.float32))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Standardised images.

        Raises:
            ShapeError: If the images have more or fewer bands than were measured.
        """
        if images.shape[1] != len(self.mean):
            raise ShapeError(
                f"images do not have the bands the network was made for. Found {images.shape[1]}. Give "
                f"{len(self.mean)}."
            )
        return (images - self.mean[:, None, None]) / self.std[:, None, None]


@final
class Standardised(nn.Module):
    """A model whose first layer is `Standardise`."""

    def __init__(self, model: nn.Module, standardise: Standardise) -> None:
        super().__init__()
        self.standardise = standardise
        self.model = model

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """What the model says: logits of each class at each pixel, or heads."""
        return self.model(self.standardise(images))
