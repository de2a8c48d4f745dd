"""Under which licence the weights are that a name downloads. Ours are the ones you train."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

from pixelwise.core.catalog import Catalog
from pixelwise.core.extras import need
from pixelwise.models._bridge import PRETRAINED

HUB = "hub:"
UNKNOWN = "unknown"
OF_EACH = "see each card"  # what can be said of a hub as long as nothing is named

_PERMISSIVE = {"apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "isc", "mit"}
_TORCHVISION = "bsd-3-clause"
_NVIDIA = "nvidia-source-code-license"  # non-commercial

# segmentation-models-pytorch says nothing of its weights: these are the licences of those it took them from.
_SMP = {
    "mit_": _NVIDIA,
    "mobileone": "mobileone-license",
    "efficientnet": "apache-2.0",
    "resnext101_32x4d": "cc-by-nc-4.0",
    "resnext101_32x16d": "cc-by-nc-4.0",
    "resnext101_32x32d": "cc-by-nc-4.0",
    "resnext101_32x48d": "cc-by-nc-4.0",
    "dpn": "apache-2.0",
    "vgg": _TORCHVISION,
    "resnet": _TORCHVISION,
    "resnext": _TORCHVISION,
    "densenet": _TORCHVISION,
    "mobilenet_v2": _TORCHVISION,
    "se": "bsd-3-clause",
    "inception": "bsd-3-clause",
    "xception": "bsd-3-clause",
}


def permissive(licence: str) -> bool:
    """Whether weights under this licence may be used, changed and passed on by anybody, also for money."""
    return licence.lower() in _PERMISSIVE


def licence_of(model: str, options: Mapping[str, Any]) -> str | None:
    """The licence of the weights that a model of ours would download; None where there is no download.

    Args:
        model: Its name.
        options: What is set of it. The weights need not be asked for; a network of the hub that is named
            is looked up there, if it is not known here.
    """
    options = _whole(model, options)
    if "weights" not in options:
        return None
    if model == "torchvision":
        return _TORCHVISION
    if model == "transformers":
        return _of_hub(options["weights"])
    if "encoder" not in options:
        return _TORCHVISION  # VGG16
    encoder = options["encoder"]
    if encoder is None:
        return None
    return _of_smp(encoder) if model == "smp" else _of_timm(encoder)


def notice(model: str, options: Mapping[str, Any]) -> str | None:
    """What must be said of the weights that are asked for: their licence, if it is not permissive."""
    weights = options.get("weights")
    if weights != PRETRAINED and not str(weights).startswith(HUB):
        return None
    licence = licence_of(model, options)
    if licence is None or permissive(licence):
        return None
    what = weights if weights != PRETRAINED else _whole(model, options).get("encoder", model)
    return (
        f"the weights of {what!r} are not under a permissive licence: {licence}. Read it before you use or "
        "share what is trained from them."
    )


def _whole(model: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the defaults of those that are left out."""
    known = signature(Catalog("pixelwise.models", "model")[model]).parameters
    return {name: parameter.default for name, parameter in known.items()} | {**options}


def _of_smp(encoder: str) -> str | None:
    found = [licence for start, licence in _SMP.items() if encoder.startswith(start)]
    return found[0] if found else _of_timm(encoder.removeprefix("tu-"))


def _of_timm(architecture: str) -> str | None:
    import timm  # three seconds: only when asked for

    if not timm.is_model(architecture.partition(".")[0]):
        return None  # one of ours, which has no download
    facts = timm.get_pretrained_cfg(architecture)
    if facts is None or not facts.has_weights:
        return None
    return facts.license or UNKNOWN


def _of_hub(weights: str | None) -> str | None:
    if weights is None or not weights.startswith(HUB):
        return OF_EACH
    name = weights.removeprefix(HUB)
    if name.startswith("nvidia/"):
        return _NVIDIA
    hub: Any = need("huggingface_hub", extra="transformers", noun="the licence of a network of the hub")
    try:
        card = hub.model_info(name).card_data
    except Exception:  # noqa: BLE001 it raises whatever its libraries raise
        return UNKNOWN
    return (card and card.license) or UNKNOWN
