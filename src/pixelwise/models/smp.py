"""The networks of segmentation-models-pytorch: any of its decoders on any of its encoders."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.errors import CheckpointError, RecipeError, UnknownNameError
from pixelwise.core.extras import need
from pixelwise.models._bridge import PRETRAINED, drop_idle_parts, take
from pixelwise.models.encoders._weights import read_weights
from pixelwise.ops.sizes import crop_to, pad_to_stride

_LIBRARY = "segmentation_models_pytorch"
_TIMM = "tu-"  # how the library calls an encoder of timm
_COARSER = {"pan": 8, "dpt": 2}  # these halve the encoder's last features further

Architecture = Literal[
    "unet",
    "unetplusplus",
    "manet",
    "linknet",
    "fpn",
    "pspnet",
    "deeplabv3",
    "deeplabv3plus",
    "pan",
    "upernet",
    "segformer",
    "dpt",
]


def smp(
    in_channels: int,
    num_classes: int,
    *,
    architecture: Architecture = "unet",
    encoder: str = "resnet18",
    weights: str | None = None,
) -> "Smp":
    """A decoder of segmentation-models-pytorch on one of its encoders, or of timm's.

    Needs the extra `smp`. What the decoder does not use of the encoder is left out: the library keeps
    layers that are never trained, such as the last two stages under `pspnet`.

    Args:
        in_channels: Bands of the image; the first convolution is adapted to them.
        num_classes: Classes to tell apart.
        architecture: Name of the decoder in the library, in small letters.
        encoder: Name of the encoder in the library, or else in timm. `mit_b0` to `mit_b5` are code and
            weights that NVIDIA licenses for non-commercial use only; `dpt` needs a vision transformer,
            such as `vit_tiny_patch16_224`.
        weights: The word `pretrained` downloads the encoder's, mostly learnt from ImageNet, and only it
            does; anything else is the path of a safetensors file with the library's names, of a whole
            network or of an encoder. Left out: everything starts at random.

    Raises:
        MissingExtraError: If the library is not installed.
        UnknownNameError: If there is no such encoder.
        RecipeError: If decoder and encoder do not fit together.
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Iakubovskii, "Segmentation Models Pytorch", 2019, github.com/qubvel-org/segmentation_models.pytorch.
    """
    library: Any = need(_LIBRARY, extra="smp", noun="model 'smp'")
    name = _known_encoder(library, encoder)
    network = _network(library, architecture, name, in_channels, num_classes, weights == PRETRAINED)
    if weights is not None and weights != PRETRAINED:
        found = read_weights(Path(weights))
        parts = (
            (network, found) if any(key.startswith("encoder.") for key in found) else (network.encoder, found)
        )
        take(*parts, f"{weights!r}", heads=("segmentation_head.",))
    model = Smp(network, network.encoder.output_stride * _COARSER.get(architecture, 1))
    drop_idle_parts(model, in_channels)
    return model


@final
class Smp(nn.Module):
    """The network `smp` builds."""

    def __init__(self, network: nn.Module, stride: int) -> None:
        super().__init__()
        self.network = network
        self.stride = stride

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Logits of each class at each pixel."""
        return crop_to(self.network(pad_to_stride(images, self.stride)), images)


def _known_encoder(library: Any, encoder: str) -> str:
    import timm  # the library needs it as well

    own = [name for name in library.encoders.encoders if not name.startswith("timm-")]  # deprecated there
    plain = encoder.removeprefix(_TIMM)
    if encoder in own:
        return encoder
    if timm.is_model(plain):
        return _TIMM + plain
    names = [*own, *timm.list_models()]
    raise UnknownNameError("encoder", encoder, get_close_matches(plain, names, n=10, cutoff=0.0))


def _network(
    library: Any, architecture: str, encoder: str, in_channels: int, num_classes: int, download: bool
) -> Any:
    weights: str | bool | None = None
    if download:
        weights = True if encoder.startswith(_TIMM) else _best(library.encoders.encoders[encoder])
    options: dict[str, bool] = {"dynamic_img_size": True} if architecture == "dpt" else {}
    try:
        return library.create_model(
            architecture, encoder, weights, in_channels=in_channels, classes=num_classes, **options
        )
    except Exception as error:
        # the library, timm and their downloader raise whatever their libraries raise
        if download:
            raise CheckpointError(
                f"could not get the weights of encoder {encoder!r}. {type(error).__name__}: {error}. Give "
                "the path of a safetensors file, or leave weights out to start at random."
            ) from error
        raise RecipeError(
            f"{architecture!r} and encoder {encoder!r} do not fit together. {type(error).__name__}: {error}. "
            "Choose another of the two."
        ) from error


def _best(facts: dict[str, Any]) -> str:
    """Which of an encoder's weights: those of ImageNet where there are any."""
    known = facts["pretrained_settings"]
    return "imagenet" if "imagenet" in known else next(iter(known))
