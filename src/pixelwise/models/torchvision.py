"""The segmentation networks of torchvision."""

import pickle
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn
from torch.hub import load_state_dict_from_url

from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.models._bridge import PRETRAINED, fit_bands, take
from pixelwise.models.encoders._weights import read_weights
from pixelwise.ops.heads import Auxiliary, Heads, Said
from pixelwise.ops.sizes import crop_to, pad_to_stride

_STRIDE = 16  # of the coarsest features; those on residual networks have 8
_SECOND = "aux_classifier."

Architecture = Literal[
    "lraspp_mobilenet_v3_large",
    "deeplabv3_mobilenet_v3_large",
    "deeplabv3_resnet50",
    "deeplabv3_resnet101",
    "fcn_resnet50",
    "fcn_resnet101",
]


def torchvision(
    in_channels: int,
    num_classes: int,
    *,
    architecture: Architecture = "lraspp_mobilenet_v3_large",
    weights: str | None = None,
    auxiliary: Annotated[float, Ge(0)] = 0.0,
) -> "Torchvision":
    """One of torchvision's networks, taken as it is.

    Args:
        in_channels: Bands of the image; the first convolution is adapted to them.
        num_classes: Classes to tell apart.
        architecture: Its name in torchvision.
        weights: The word `pretrained` downloads what torchvision learnt from the part of COCO that shows
            the 21 classes of VOC, and only it does: checked against its hash, opened as tensors and
            nothing else. Anything else is the path of a safetensors file with torchvision's names. Where
            there are other classes than in the weights, the last layer starts at random. Left out:
            everything does.
        auxiliary: Weight of the loss of torchvision's second classifier, 0.5 in its own training; not for
            `lraspp`, which has none. 0 builds none.

    Raises:
        RecipeError: If `lraspp` is to have a second classifier.
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Long, Shelhamer & Darrell, "Fully Convolutional Networks", 2015, arXiv:1411.4038; Chen, Papandreou,
        Schroff & Adam, "Rethinking Atrous Convolution", 2017, arXiv:1706.05587; Howard et al., "Searching
        for MobileNetV3", 2019, arXiv:1905.02244, section 6.4.
    """
    if auxiliary and architecture.startswith("lraspp"):
        raise RecipeError(
            f"torchvision's {architecture!r} has no second classifier. Found auxiliary={auxiliary!r}. Leave "
            "it out, or choose an 'fcn' or a 'deeplabv3'."
        )
    options = {"aux_loss": auxiliary > 0} if not architecture.startswith("lraspp") else {}
    library: Any = import_module("torchvision.models")
    network: nn.Module = library.get_model(
        architecture, weights=None, weights_backbone=None, num_classes=num_classes, **options
    )
    fit_bands(network, in_channels, learnt=False)
    if weights is not None:
        found = _downloaded(architecture) if weights == PRETRAINED else read_weights(Path(weights))
        kept = {name: weight for name, weight in found.items() if auxiliary or not name.startswith(_SECOND)}
        take(network, kept, f"weights={weights!r}", heads=("classifier.", _SECOND))
    return Torchvision(network, auxiliary)


@final
class Torchvision(nn.Module):
    """The network `torchvision` builds."""

    def __init__(self, network: nn.Module, auxiliary: float) -> None:
        super().__init__()
        self.network = network
        self.auxiliary = auxiliary

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with the second classifier's if there is one."""
        said: dict[str, Tensor] = self.network(pad_to_stride(images, _STRIDE))
        logits = crop_to(said["out"], images)
        if "aux" not in said:
            return logits
        return Heads(logits, (Auxiliary("classes", crop_to(said["aux"], images), self.auxiliary),))


def _downloaded(architecture: str) -> dict[str, Tensor]:
    library: Any = import_module("torchvision.models")
    address = library.get_model_weights(architecture).DEFAULT.url
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results
            return load_state_dict_from_url(address, map_location="cpu", check_hash=True, weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"could not get torchvision's weights for {architecture!r}. {address}: {error}. Give the path of "
            "a safetensors file, or leave weights out to start at random."
        ) from error
